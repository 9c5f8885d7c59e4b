use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use crate::error::{Error, Result};

/// Reads a whole file.
///
/// # Errors
/// As [`open_regular`], and an [`Error`] naming `path` when it cannot be read.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    let (mut file, length) = open_regular(path)?;
    let mut bytes = Vec::new();
    let read = match bytes.try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX)) {
        Ok(()) => file.read_to_end(&mut bytes),
        Err(_) => Err(io::ErrorKind::OutOfMemory.into()),
    };
    read.map_err(|source| Error::new("read", path, source))?;
    Ok(bytes)
}

/// Reads the first bytes of a file, `most` at most: what tells its kind.
///
/// # Errors
/// As [`read_bytes`].
pub fn read_beginning(path: &Path, most: usize) -> Result<Vec<u8>> {
    let (file, _) = open_regular(path)?;
    let mut bytes = Vec::new();
    file.take(most as u64)
        .read_to_end(&mut bytes)
        .map_err(|source| Error::new("read", path, source))?;
    Ok(bytes)
}

/// Reads a whole UTF-8 text file; a leading byte-order mark is dropped.
///
/// # Errors
/// As [`read_bytes`]; text that is not UTF-8 is an error too.
pub fn read_text(path: &Path) -> Result<String> {
    let text = String::from_utf8(read_bytes(path)?).map_err(|_| {
        let source = io::Error::new(io::ErrorKind::InvalidData, "it is no text in UTF-8");
        Error::new("read", path, source)
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// Reads a UTF-8 text file that grows line by line, up to the end of its last whole
/// line: a killed process or a full disk may have cut what follows, even in the middle
/// of a character.
///
/// # Errors
/// As [`read_text`].
pub fn read_whole_lines(path: &Path) -> Result<String> {
    let mut bytes = read_bytes(path)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    bytes.truncate(end.map_or(0, |end| end + 1));
    String::from_utf8(bytes).map_err(|error| {
        Error::new(
            "read",
            path,
            io::Error::new(io::ErrorKind::InvalidData, error),
        )
    })
}

/// Opens a file that has a length, for reading, and tells it. A pipe or a device would
/// keep its reader waiting for as long as it likes.
///
/// # Errors
/// [`Error::NotRegular`] for anything else than a file, and an [`Error`] naming `path`
/// when it cannot be opened.
pub fn open_regular(path: &Path) -> Result<(File, u64)> {
    let failed = |source| Error::new("read", path, source);
    let found = fs::metadata(path).map_err(failed)?;
    if !found.is_file() {
        return Err(Error::NotRegular(path.to_path_buf()));
    }
    Ok((File::open(path).map_err(failed)?, found.len()))
}

/// Opens a file for reading.
///
/// # Errors
/// As [`open_regular`].
pub fn open(path: &Path) -> Result<File> {
    Ok(open_regular(path)?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_file() {
        let error = read_text(Path::new("no/such/file.toml")).unwrap_err();
        let message = error.advise_if_missing("make one").to_string();
        assert!(message.contains("no/such/file.toml"), "{message}");
        assert!(message.ends_with("; make one"), "{message}");
    }

    #[test]
    fn lines_without_an_end_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines.txt");
        let bytes = "één\nzwei\ntrü".as_bytes();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(read_whole_lines(&path).unwrap(), "één\nzwei\n");
        fs::write(&path, "één").unwrap();
        assert_eq!(read_whole_lines(&path).unwrap(), "");
        fs::write(&path, b"\xff\n").unwrap();
        let message = read_whole_lines(&path).unwrap_err().to_string();
        assert!(message.contains("lines.txt"), "{message}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_files_are_regular() {
        for path in ["/dev/zero", "/"] {
            let path = Path::new(path);
            for refused in [
                open_regular(path).map(drop),
                open(path).map(drop),
                read_bytes(path).map(drop),
                read_text(path).map(drop),
            ] {
                assert!(matches!(refused, Err(Error::NotRegular(there)) if there == path));
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "four").unwrap();
        assert_eq!(open_regular(&path).unwrap().1, 4);
        let message = open_regular(&folder.path().join("b"))
            .unwrap_err()
            .to_string();
        assert!(message.contains("cannot read"), "{message}");
    }

    #[test]
    fn a_byte_order_mark_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bom.txt");
        fs::write(&path, "\u{feff}text").unwrap();
        assert_eq!(read_text(&path).unwrap(), "text");
    }
}
