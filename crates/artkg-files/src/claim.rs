use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result};
use crate::same_file::refuse_inputs;

/// How much of a file is looked at to know what it is.
const BEGINNING: u64 = 1 << 16;

/// Whether a file that is there may be replaced by an output: never when it is one of the
/// job's inputs, under whatever name; else when it is empty, when `is_ours` knows by its
/// first bytes (at most 64 KiB) that it was written as the same kind of output, or when
/// `overwrite` says so. What is no file, such as `/dev/null`, is not replaced but written to.
///
/// # Errors
/// [`Error::IsInput`] and [`Error::NotOurs`] naming the output, and an [`Error`] when it
/// cannot be read.
pub fn claim<'a>(
    output: &Path,
    inputs: impl IntoIterator<Item = &'a Path>,
    overwrite: bool,
    is_ours: impl FnOnce(&[u8]) -> bool,
) -> Result<()> {
    let found = match fs::metadata(output) {
        Ok(found) if found.is_file() => found,
        _ => return Ok(()),
    };
    refuse_inputs(output, inputs)?;
    if overwrite || found.len() == 0 {
        return Ok(());
    }
    let failed = |source| Error::new("read", output, source);
    let mut beginning = Vec::new();
    let file = File::open(output).map_err(failed)?;
    file.take(BEGINNING)
        .read_to_end(&mut beginning)
        .map_err(failed)?;
    match is_ours(&beginning) {
        true => Ok(()),
        false => Err(Error::NotOurs(output.to_path_buf())),
    }
}

/// Whether a table begins with these columns, as [`crate::table`] writes them; more may
/// follow.
pub fn has_columns(beginning: &[u8], columns: &[&str]) -> bool {
    let line = beginning.split(|byte| *byte == b'\n').next();
    let line = line.map(<[u8]>::trim_ascii_end).unwrap_or_default();
    line.strip_prefix(columns.join(",").as_bytes())
        .is_some_and(|rest| matches!(rest.first(), None | Some(b',')))
}

/// Whether a file that begins like this has `part` there.
pub fn has_part(beginning: &[u8], part: &str) -> bool {
    let part = part.as_bytes();
    beginning.windows(part.len()).any(|there| there == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_same_kind_are_replaced_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let [ours, theirs, empty, missing] =
            ["ours", "theirs", "empty", "missing"].map(|name| folder.path().join(name));
        fs::write(&ours, "mark and more").unwrap();
        fs::write(&theirs, "something else").unwrap();
        fs::write(&empty, "").unwrap();
        let try_claim = |output: &Path, overwrite| {
            let inputs = [theirs.as_path()];
            claim(output, inputs, overwrite, |start| {
                start.starts_with(b"mark")
            })
        };
        for output in [&ours, &empty, &missing, &folder.path().to_path_buf()] {
            try_claim(output, false).unwrap();
        }
        assert!(matches!(try_claim(&theirs, false), Err(Error::IsInput(path)) if path == theirs));
        assert!(matches!(try_claim(&theirs, true), Err(Error::IsInput(_))));
        let other = claim(&theirs, [], false, |start| start.starts_with(b"mark"));
        assert!(matches!(other, Err(Error::NotOurs(path)) if path == theirs));
        claim(&theirs, [], true, |_| false).unwrap();
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(&theirs, &link).unwrap();
            assert!(matches!(try_claim(&link, true), Err(Error::IsInput(path)) if path == link));
            try_claim(Path::new("/dev/null"), false).unwrap();
        }
    }

    #[test]
    fn tables_are_known_by_their_columns() {
        let columns = ["id", "label"];
        assert!(has_columns(b"id,label\n1,a\n", &columns));
        assert!(has_columns(b"id,label,kind\r\n", &columns));
        assert!(has_columns(b"id,label", &columns));
        for other in [&b"id,labels\n"[..], b"label,id\n", b"id\nlabel", b""] {
            assert!(!has_columns(other, &columns));
        }
    }
}
