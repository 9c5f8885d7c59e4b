use artkg_exchange::Error;

use super::ways::Ways;

/// The way out of an error of writing tags in other formats.
pub(super) fn of_exchange(error: &Error) -> Option<Ways> {
    let advice = match error {
        Error::NoFormat(_) => {
            "end it in .csv, .jsonl, .parquet, .jsonld or .xml, or pass `--format`"
        }
        Error::NotBuilt(_) => "build it with the feature parquet",
        Error::NotRead(_) => "keep the tags in one of these with `artkg tag --output`",
        Error::NoOrigin { .. } => {
            "keep both files together, or tag again with `artkg tag --output tags.jsonl`, which \
             has all in one file"
        }
        Error::NoManifest => "pass it with `--manifest FILE`",
        Error::Manifest { .. } => {
            "pass each manifest of a collection with a `--manifest` of its own"
        }
        Error::NoLayout { .. } => "pass one of these, or a file, with `--layout`",
        Error::NoColumn { .. } => {
            "`--authorities` takes a table with the columns task, class, address"
        }
        _ => return None,
    };
    Some(advice.into())
}
