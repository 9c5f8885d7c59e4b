use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// How long and how often a lock is tried: a process that was just killed may
/// hold it for another moment.
const PATIENCE: (u32, Duration) = (20, Duration::from_millis(20));

/// Opens or creates `path` to read and write what is there, locked until it is
/// closed. `None` where another process keeps it locked.
///
/// # Errors
/// When it cannot be opened.
pub fn open_locked(path: &Path) -> io::Result<Option<File>> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    let file = options.open(path)?;
    let (tries, pause) = PATIENCE;
    for _ in 0..tries {
        if try_lock(&file) {
            return Ok(Some(file));
        }
        std::thread::sleep(pause);
    }
    Ok(None)
}

/// Locks `file` until it is closed. False where another process keeps it locked.
///
/// Some network file systems have no locks; that is no reason to fail, so there
/// the answer is true.
fn try_lock(file: &File) -> bool {
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}
