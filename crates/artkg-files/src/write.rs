use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::error::{Error, Result};

/// The buffered writer handed to the closure of [`write_atomically`].
pub type Writer = BufWriter<File>;

/// Writes `path` through a temporary file in the same folder, then renames it.
///
/// The folder is created where it is missing. A link stays one, and a file that is
/// replaced keeps its permissions; what is no file, such as a pipe or `/dev/null`, is
/// written to as it is. The closure may return any error type that [`Error`] converts
/// into, so callers keep their own error type.
///
/// # Errors
/// The closure's own error, or an [`Error`] naming `path` when the folder, the
/// temporary file, or the rename fails. The target is untouched in either case.
pub fn write_atomically<E: From<Error>>(
    path: &Path,
    write: impl FnOnce(&mut Writer) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let failed = |source| E::from(Error::new("write", path, source));
    let known = fs::metadata(path).ok();
    if known
        .as_ref()
        .is_some_and(|known| !known.is_file() && !known.is_dir())
    {
        let file = File::options().write(true).open(path).map_err(failed)?;
        let mut writer = BufWriter::with_capacity(1 << 16, file);
        write(&mut writer)?;
        return writer.flush().map_err(failed);
    }
    // Where a link leads.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let path = target.as_path();
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    create_folder(folder)?;
    let temporary = tempfile::Builder::new()
        .prefix(".artkg-")
        .suffix(".tmp")
        .permissions(default_permissions())
        .tempfile_in(folder)
        .map_err(failed)?;
    let mut writer = BufWriter::with_capacity(1 << 16, temporary.reopen().map_err(failed)?);
    write(&mut writer)?;
    let file = writer
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    if let Some(known) = known {
        file.set_permissions(known.permissions()).map_err(failed)?;
    }
    file.sync_all().map_err(failed)?;
    temporary
        .persist(path)
        .map_err(|error| failed(error.error))?;
    Ok(())
}

/// Writes `bytes` to `path` with the guarantees of [`write_atomically`].
///
/// # Errors
/// An [`Error`] naming `path`.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomically(path, |writer| {
        writer
            .write_all(bytes)
            .map_err(|source| Error::new("write", path, source))
    })
}

/// Creates a folder and its parents where they are missing.
///
/// # Errors
/// An [`Error`] naming `path`.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|source| Error::new("create folder", path, source))
}

/// Temporary files are private by default; results are for sharing, so they
/// get the permissions of any ordinary new file.
fn default_permissions() -> fs::Permissions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The process umask still applies when the file is created.
        fs::Permissions::from_mode(0o666)
    }
    #[cfg(not(unix))]
    {
        fs::metadata(".")
            .map(|metadata| metadata.permissions())
            .unwrap_or_else(|_| unreachable!("the current folder can be examined"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::read_text;

    #[test]
    fn writes_and_creates_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/out.txt");
        write_bytes(&path, b"one").unwrap();
        write_bytes(&path, b"two").unwrap();
        assert_eq!(read_text(&path).unwrap(), "two");
        let left = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1, "no temporary file stays behind");
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.txt");
        write_bytes(&path, b"old").unwrap();
        let result: Result<()> = write_atomically(&path, |writer| {
            writer.write_all(b"half").unwrap();
            Err(Error::new(
                "write",
                &path,
                std::io::Error::other("disk full"),
            ))
        });
        assert!(result.unwrap_err().to_string().contains("disk full"));
        assert_eq!(read_text(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (
            folder.path().join("real.txt"),
            folder.path().join("link.txt"),
        );
        write_bytes(&path, b"old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        write_bytes(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(read_text(&path).unwrap(), "new");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_are_written_to_and_not_replaced() {
        use std::os::unix::fs::FileTypeExt;
        let null = Path::new("/dev/null");
        write_bytes(null, b"gone").unwrap();
        assert!(fs::metadata(null).unwrap().file_type().is_char_device());
        let error = write_bytes(Path::new("/dev/full"), b"x").unwrap_err();
        assert!(error.to_string().contains("/dev/full"), "{error}");
    }
}
