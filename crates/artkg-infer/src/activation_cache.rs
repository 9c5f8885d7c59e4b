//! Activations of the frozen part of a backbone, kept on disk.
//!
//! A cache is a folder named after everything that decides its contents
//! (weights, architecture, boundary, preprocessing), with two files that only
//! ever grow: `records.bin`, fixed-size little-endian records, and `index.txt`,
//! one line a record. A record counts once its line is complete, so a killed
//! process loses at most the record it was writing. One process at a time adds
//! records; others wait until it has, and then see them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use artkg_files::GrowingFile;
use artkg_session::StopFlag;
use half::f16;
use half::slice::HalfFloatSliceExt;

use crate::error::{Error, Result};

/// The files of a cache.
const RECORDS: &str = "records.bin";
const INDEX: &str = "index.txt";

/// How the values of a record are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// 16-bit floats, for activations with space: half the disk, and an error
    /// (0.05 % of a value) far below that of the network's own noise.
    Half,
    /// 32-bit floats, for pooled features.
    Single,
}

impl Storage {
    fn bytes(self) -> usize {
        match self {
            Self::Half => 2,
            Self::Single => 4,
        }
    }
}

/// An open cache.
#[derive(Debug)]
pub(crate) struct ActivationCache {
    folder: PathBuf,
    values: usize,
    storage: Storage,
    /// Record numbers by key.
    records: HashMap<String, usize>,
    /// Records in the file: more than keys where one was written twice.
    written: usize,
    reader: Mutex<File>,
    /// Open while this process may add records.
    growing: Option<Growing>,
}

/// The two files, to which no other process adds.
#[derive(Debug)]
struct Growing {
    records: GrowingFile,
    index: GrowingFile,
}

impl ActivationCache {
    /// Opens or creates the cache in `folder` for records of `values` values, to
    /// read what is there. To add records see [`ActivationCache::lock`].
    ///
    /// # Errors
    /// When the files cannot be read or written.
    pub(crate) fn open(folder: &Path, values: usize, storage: Storage) -> Result<Self> {
        artkg_files::create_folder(folder)?;
        let file = |name: &str| {
            let path = folder.join(name);
            let mut options = File::options();
            let opened = options.read(true).append(true).create(true).open(&path);
            opened.map_err(|source| artkg_files::Error::new("open", &path, source))
        };
        file(INDEX)?;
        let mut cache = Self {
            folder: folder.to_path_buf(),
            values,
            storage,
            records: HashMap::new(),
            written: 0,
            reader: Mutex::new(file(RECORDS)?),
            growing: None,
        };
        cache.load()?;
        Ok(cache)
    }

    /// Waits until no other process adds records, sees what those have added, and
    /// drops what a killed one left half written. False when `stop` was set before.
    ///
    /// # Errors
    /// When the files cannot be read or written.
    pub(crate) fn lock(&mut self, stop: &StopFlag) -> Result<bool> {
        let mut index = loop {
            match GrowingFile::open(&self.folder.join(INDEX)) {
                Err(artkg_files::Error::Busy(_)) if stop.is_set() => return Ok(false),
                Err(artkg_files::Error::Busy(_)) => {}
                opened => break opened?,
            }
        };
        let mut records = GrowingFile::open(&self.folder.join(RECORDS))?;
        index.keep(self.load()?)?;
        records.keep((self.written * self.record_bytes()) as u64)?;
        self.growing = Some(Growing { records, index });
        Ok(true)
    }

    /// Reads which records there are; the bytes of their lines in the index.
    fn load(&mut self) -> Result<u64> {
        // Records come to disk before their lines, so lines are read first.
        let text = artkg_files::read_whole_lines(&self.folder.join(INDEX))?;
        let reader = self
            .reader
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let examined = reader.metadata().map_err(|source| {
            artkg_files::Error::new("examine", &self.folder.join(RECORDS), source)
        })?;
        let whole = examined.len() as usize / self.record_bytes();
        let keys: Vec<&str> = text.lines().take(whole).collect();
        let numbered = keys.iter().enumerate();
        self.records = numbered
            .map(|(record, key)| ((*key).to_owned(), record))
            .collect();
        self.written = keys.len();
        Ok(keys.iter().map(|key| key.len() as u64 + 1).sum())
    }

    fn record_bytes(&self) -> usize {
        self.values * self.storage.bytes()
    }

    /// Ends adding records, so that others may; they can still be read.
    ///
    /// # Errors
    /// When what was inserted cannot be brought to disk.
    pub(crate) fn close(&mut self) -> Result<()> {
        self.flush()?;
        self.growing = None;
        Ok(())
    }

    /// Whether the cache holds a record of this key.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.records.contains_key(key)
    }

    /// The number of records.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.records.len()
    }

    /// Appends a record; one of a key that is there already changes nothing. Only
    /// after [`ActivationCache::lock`].
    ///
    /// # Errors
    /// When the disk is full or the files cannot be written.
    pub(crate) fn insert(&mut self, key: &str, values: &[f32]) -> Result<()> {
        assert_eq!(values.len(), self.values, "records have a fixed size");
        if self.contains(key) {
            return Ok(());
        }
        let bytes: Vec<u8> = match self.storage {
            Storage::Half => values
                .iter()
                .flat_map(|value| f16::from_f32(*value).to_le_bytes())
                .collect(),
            Storage::Single => values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        };
        let growing = self.growing.as_mut();
        let Growing { records, index } = growing.expect("records are added under the lock");
        records.append(&bytes)?;
        index.append(key.as_bytes())?;
        index.append(b"\n")?;
        self.records.insert(key.to_owned(), self.written);
        self.written += 1;
        Ok(())
    }

    /// Brings what was inserted to disk, records before their index lines.
    ///
    /// # Errors
    /// When the disk is full or the files cannot be written.
    pub(crate) fn flush(&mut self) -> Result<()> {
        if let Some(Growing { records, index }) = &mut self.growing {
            records.flush()?;
            index.flush()?;
        }
        Ok(())
    }

    /// Reads the record of `key`, appending its values to `output`.
    ///
    /// # Errors
    /// When there is no such record or the file cannot be read.
    pub(crate) fn read(&self, key: &str, output: &mut Vec<f32>) -> Result<()> {
        let record = *self.records.get(key).ok_or_else(|| Error::NoActivation {
            folder: self.folder.clone(),
            key: key.to_owned(),
        })?;
        let mut bytes = vec![0u8; self.record_bytes()];
        let mut file = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start((record * bytes.len()) as u64))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(|source| artkg_files::Error::new("read", &self.folder, source))?;
        drop(file);
        match self.storage {
            Storage::Half => {
                // Slice conversion uses the processor's own instructions.
                let halves: Vec<f16> = bytes
                    .chunks_exact(2)
                    .map(|pair| f16::from_le_bytes([pair[0], pair[1]]))
                    .collect();
                let start = output.len();
                output.resize(start + halves.len(), 0.0);
                halves.convert_to_f32_slice(&mut output[start..]);
            }
            Storage::Single => output.extend(
                bytes
                    .chunks_exact(4)
                    .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])),
            ),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;

    use super::*;

    /// Adds bytes to a file past every lock.
    fn add(path: &Path, bytes: &[u8]) {
        let file = OpenOptions::new().append(true).open(path);
        file.unwrap().write_all(bytes).unwrap();
    }

    /// A cache that may be written to.
    fn locked(folder: &Path, values: usize, storage: Storage) -> ActivationCache {
        let mut cache = ActivationCache::open(folder, values, storage).unwrap();
        assert!(cache.lock(&StopFlag::new()).unwrap());
        cache
    }

    fn read(cache: &ActivationCache, key: &str) -> Vec<f32> {
        let mut values = Vec::new();
        cache.read(key, &mut values).unwrap();
        values
    }

    #[test]
    fn records_come_back_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        for storage in [Storage::Half, Storage::Single] {
            let folder = folder.path().join(format!("{storage:?}"));
            let mut cache = locked(&folder, 3, storage);
            cache.insert("a evaluate", &[1.0, -2.0, 0.5]).unwrap();
            cache.insert("b evaluate", &[3.0, 4.0, 5.0]).unwrap();
            cache.insert("a evaluate", &[9.0, 9.0, 9.0]).unwrap();
            cache.flush().unwrap();
            assert_eq!(read(&cache, "a evaluate"), [1.0, -2.0, 0.5]);
            drop(cache);
            let cache = ActivationCache::open(&folder, 3, storage).unwrap();
            assert_eq!(cache.len(), 2);
            assert_eq!(read(&cache, "b evaluate"), [3.0, 4.0, 5.0]);
            assert!(cache.read("c", &mut Vec::new()).is_err());
        }
    }

    #[test]
    fn a_record_that_was_written_twice_moves_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let mut cache = locked(folder, 1, Storage::Single);
        cache.insert("a", &[1.0]).unwrap();
        cache.close().unwrap();
        // As two processes of a version without a lock did.
        add(&folder.join(RECORDS), &1f32.to_le_bytes());
        add(&folder.join(INDEX), b"a\n");
        let mut cache = locked(folder, 1, Storage::Single);
        cache.insert("b", &[2.0]).unwrap();
        cache.flush().unwrap();
        assert_eq!(
            (read(&cache, "a"), read(&cache, "b")),
            (vec![1.0], vec![2.0])
        );
    }

    #[test]
    fn one_at_a_time_adds_records() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_path_buf();
        let mut first = locked(&path, 1, Storage::Single);
        let second = std::thread::spawn(move || {
            let mut cache = locked(&path, 1, Storage::Single);
            cache.insert("b", &[2.0]).unwrap();
            cache.flush().unwrap();
            (read(&cache, "a"), read(&cache, "b"))
        });
        // One that only reads does not wait.
        assert_eq!(
            ActivationCache::open(folder.path(), 1, Storage::Single)
                .unwrap()
                .len(),
            0
        );
        let mut third = ActivationCache::open(folder.path(), 1, Storage::Single).unwrap();
        let stop = StopFlag::new();
        stop.stop();
        assert!(!third.lock(&stop).unwrap(), "a stop ends the wait");
        // The other one, if it did not wait, would not see what comes now.
        std::thread::sleep(std::time::Duration::from_millis(50));
        first.insert("a", &[1.0]).unwrap();
        first.close().unwrap();
        assert_eq!(second.join().unwrap(), (vec![1.0], vec![2.0]));
        assert_eq!(read(&first, "a"), [1.0]);
    }

    #[test]
    fn what_a_killed_process_left_half_written_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let mut cache = locked(folder, 2, Storage::Single);
        cache.insert("a", &[1.0, 2.0]).unwrap();
        cache.insert("b", &[3.0, 4.0]).unwrap();
        cache.flush().unwrap();
        drop(cache);
        // A record without its line, then a line that was cut, then half a record.
        add(&folder.join(RECORDS), &[7u8; 11]);
        add(&folder.join(INDEX), b"c\nd-is-cu");
        let mut cache = locked(folder, 2, Storage::Single);
        assert_eq!(cache.len(), 3, "the record of c is whole");
        cache.insert("e", &[5.0, 6.0]).unwrap();
        cache.flush().unwrap();
        drop(cache);
        let cache = ActivationCache::open(folder, 2, Storage::Single).unwrap();
        assert_eq!(read(&cache, "b"), [3.0, 4.0]);
        assert_eq!(read(&cache, "e"), [5.0, 6.0]);
        assert!(!cache.contains("d-is-cu"));
    }
}
