use artkg_files::{SOURCE_DATE_EPOCH, moment};

/// The moment that new files say they were made at.
pub(crate) fn created() -> Result<String, String> {
    moment().map_err(|text| {
        format!("{SOURCE_DATE_EPOCH} is {text:?}, which is no number of seconds since 1970")
    })
}
