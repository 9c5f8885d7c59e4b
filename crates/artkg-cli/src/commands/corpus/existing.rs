use std::path::Path;

use artkg_corpus::DESCRIPTION_FILE;

/// Refuses a folder that holds a corpus already, unless it is to be replaced.
pub(super) fn refuse_existing(folder: &Path, overwrite: bool) -> Result<(), String> {
    match folder.join(DESCRIPTION_FILE).exists() && !overwrite {
        true => Err(format!(
            "{} holds a corpus already; add `--overwrite` to replace it",
            folder.display()
        )),
        false => Ok(()),
    }
}
