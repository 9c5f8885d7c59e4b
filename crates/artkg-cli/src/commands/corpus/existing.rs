use std::path::{Path, PathBuf};

use artkg_corpus::{ARTWORKS_FILE, DESCRIPTION_FILE};

use crate::commands::overwrite::OverwriteArgument;
use crate::globals::Fallible;

/// Refuses a folder that holds a corpus already, or files of a corpus's names, unless they
/// are to be replaced; and whatever is said, where one of them is an input.
pub(super) fn refuse_existing(
    folder: &Path,
    inputs: &[PathBuf],
    overwrite: OverwriteArgument,
) -> Fallible {
    let files = [DESCRIPTION_FILE, ARTWORKS_FILE].map(|name| folder.join(name));
    if files[0].exists() && !overwrite.is_given() {
        return Err(format!(
            "{} holds a corpus already; add `--overwrite` to replace it",
            folder.display()
        )
        .into());
    }
    for file in files {
        overwrite.claim(&file, inputs, |_| false)?;
    }
    Ok(())
}
