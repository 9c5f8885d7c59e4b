use std::fs::{File, TryLockError};
use std::time::Duration;

/// How long and how often a lock is tried: a process that was just killed may
/// hold it for another moment.
const PATIENCE: (u32, Duration) = (20, Duration::from_millis(20));

/// Locks `file` until it is closed. False where another process keeps it locked.
///
/// Some network file systems have no locks; that is no reason to fail, so there
/// the answer is true.
pub fn lock(file: &File) -> bool {
    let (tries, pause) = PATIENCE;
    for _ in 0..tries {
        if try_lock(file) {
            return true;
        }
        std::thread::sleep(pause);
    }
    false
}

/// As [`lock`], without waiting.
pub fn try_lock(file: &File) -> bool {
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}
