use std::fs;
use std::path::Path;

use crate::error::{Error, Result};

/// Refuses to write `output` where it is one of the files that the job reads, under
/// whatever name: links of both kinds are seen through.
///
/// # Errors
/// [`Error::IsInput`] naming the output.
pub fn refuse_inputs<'a>(output: &Path, inputs: impl IntoIterator<Item = &'a Path>) -> Result<()> {
    let Some(written) = identity(output) else {
        // Nothing is there to be lost.
        return Ok(());
    };
    for input in inputs {
        if identity(input).is_some_and(|read| read == written) {
            return Err(Error::IsInput(output.to_path_buf()));
        }
    }
    Ok(())
}

/// What two names of one file have in common; `None` where there is no file.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((found.dev(), found.ino()))
}

/// What two names of one file have in common; `None` where there is no file. Hard
/// links are not seen through here.
#[cfg(not(unix))]
fn identity(path: &Path) -> Option<std::path::PathBuf> {
    fs::canonicalize(path).ok().filter(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_that_is_an_input_is_refused_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b, linked, again] =
            ["a", "b", "linked", "again"].map(|name| folder.path().join(name));
        fs::write(&a, "a").unwrap();
        fs::write(&b, "b").unwrap();
        let refuse = |output: &Path| refuse_inputs(output, [b.as_path(), a.as_path()]);
        refuse(&linked).unwrap();
        let roundabout = folder.path().join(".").join("a");
        assert!(matches!(refuse(&roundabout), Err(Error::IsInput(path)) if path == roundabout));
        refuse_inputs(&a, [b.as_path(), folder.path()]).unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&a, &linked).unwrap();
            fs::hard_link(&a, &again).unwrap();
            assert!(refuse(&linked).is_err());
            assert!(refuse(&again).is_err());
            refuse_inputs(Path::new("/dev/null"), [Path::new("/dev/null")]).unwrap();
        }
    }
}
