//! Journals: what an interrupted job has done, so that the same job goes on there.
//!
//! While a job lasts its results grow in `<output>.partial`, one JSON record a line.
//! The first line says what the journal belongs to, and another job is refused. Each
//! record has a name and the stamp of the file that it was made from: what was made
//! from a file that has changed since is made again. The finished output is written
//! from the journal and renamed, so `<output>` itself is always whole.

mod header;

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use self::header::Begun;
use crate::error::{Error, Result};
use crate::growing::GrowingFile;
use crate::same_file::refuse_inputs;
use crate::stamp::FileStamp;
use crate::write::{Writer, create_folder, write_atomically};

pub use self::header::Header;

/// A line of the journal after the first.
#[derive(Serialize, Deserialize)]
struct Record<T> {
    item: String,
    /// The file that it was made from, as it was; nothing where it could not be
    /// examined.
    from: Option<FileStamp>,
    made: T,
}

/// What is known of an item.
#[derive(Clone, Copy, Debug)]
struct Entry {
    from: Option<FileStamp>,
    /// Where its record begins; nothing as long as it has none.
    place: Option<u64>,
}

/// The open journal of a job that makes a `T` of each of its items.
///
/// [`Journal::is_done`] is asked of every item, in the order in which the finished
/// output is to have them; those without a record are made and added.
#[derive(Debug)]
pub struct Journal<T> {
    target: PathBuf,
    file: GrowingFile,
    /// What earlier runs left and nobody has asked for.
    earlier: HashMap<String, Entry>,
    /// The items that were asked for, in their order, and the places of their names.
    entries: Vec<Entry>,
    positions: HashMap<String, usize>,
    made: PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> Journal<T> {
    /// Opens the journal of what is to become `target`, going on where an interrupted
    /// run of the same job stopped. With `replace` the target may be there, to be
    /// replaced once the job is finished, and what another job began is discarded;
    /// but not what the job itself reads, `inputs`.
    ///
    /// # Errors
    /// [`Error::IsInput`] when the target is an input, [`Error::Exists`] when it is
    /// there, [`Error::OtherJob`] and
    /// [`Error::NoJournal`] when the journal that is there belongs to something else,
    /// [`Error::Busy`] when another process has it open, or an [`Error`] naming the
    /// file that cannot be read or written.
    pub fn open<'a>(
        target: &Path,
        header: &Header,
        inputs: impl IntoIterator<Item = &'a Path>,
        replace: bool,
    ) -> Result<Self> {
        let path = Self::path_for(target);
        let inputs: Vec<&Path> = inputs.into_iter().collect();
        refuse_inputs(target, inputs.iter().copied())?;
        refuse_inputs(&path, inputs)?;
        if target.exists() && !replace {
            return Err(Error::Exists(target.to_path_buf()));
        }
        if let Some(folder) = target.parent().filter(|path| !path.as_os_str().is_empty()) {
            create_folder(folder)?;
        }
        let mut file = GrowingFile::open(&path)?;
        let refused = match header.begun(&mut file)? {
            Begun::Not => None,
            Begun::BySame => None,
            Begun::ByOther(differences) => Some(Error::OtherJob {
                path: file.path().to_path_buf(),
                differences,
            }),
            Begun::AsSomethingElse => Some(Error::NoJournal(file.path().to_path_buf())),
        };
        let is_foreign = refused.is_some();
        if let Some(error) = refused.filter(|_| !replace) {
            return Err(error);
        }
        let mut earlier = HashMap::new();
        let mut whole = 0;
        if !is_foreign {
            whole = file.whole_lines(|place, line| {
                // The header has been read.
                place == 0
                    || serde_json::from_slice::<Record<T>>(line)
                        .map(|record| {
                            let entry = Entry {
                                from: record.from,
                                place: Some(place),
                            };
                            earlier.insert(record.item, entry);
                        })
                        .is_ok()
            })?;
        }
        file.keep(whole)?;
        if whole == 0 {
            file.append(header.line().as_bytes())?;
        }
        Ok(Self {
            target: target.to_path_buf(),
            file,
            earlier,
            entries: Vec::new(),
            positions: HashMap::new(),
            made: PhantomData,
        })
    }

    /// What the finished output is called.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Where the journal of `target` lies: `<target>.partial`.
    pub fn path_for(target: &Path) -> PathBuf {
        let mut name = target.as_os_str().to_owned();
        name.push(".partial");
        PathBuf::from(name)
    }

    /// Whether an earlier run has made `item` from the file `from` as it is now. If
    /// not it has to be made; either way it is part of the finished output. What
    /// earlier runs made and nobody asks for is not.
    pub fn is_done(&mut self, item: &str, from: &Path) -> bool {
        if let Some(position) = self.positions.get(item) {
            return self.entries[*position].place.is_some();
        }
        let stamp = FileStamp::of(from).ok();
        let earlier = self.earlier.remove(item);
        let entry = earlier
            .filter(|entry| stamp.is_some() && entry.from == stamp)
            .unwrap_or(Entry {
                from: stamp,
                place: None,
            });
        *self.entry(item) = entry;
        entry.place.is_some()
    }

    /// The number of items that are done.
    pub fn len(&self) -> usize {
        let done = |entry: &&Entry| entry.place.is_some();
        self.entries.iter().filter(done).count()
    }

    /// Whether no item is done.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds what was made of `item`, from its file as it was when
    /// [`Journal::is_done`] was asked.
    ///
    /// # Errors
    /// When the disk is full or the file cannot be written.
    pub fn append(&mut self, item: &str, made: &T) -> Result<()> {
        let place = Some(self.file.length());
        let entry = self.entry(item);
        entry.place = place;
        let record = Record {
            item: item.to_owned(),
            from: entry.from,
            made,
        };
        let line = serde_json::to_string(&record)
            .map_err(|error| Error::new("write", self.file.path(), error.into()))?;
        self.file.append(line.as_bytes())?;
        self.file.append(b"\n")
    }

    /// Hands what was added to the operating system.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn flush(&mut self) -> Result<()> {
        self.file.flush()
    }

    /// Lets `write` write the output, which takes its name when it is whole, and
    /// removes the journal. `write` calls the function that it is given for the next
    /// item and what was made of it until there is none.
    ///
    /// # Errors
    /// The closure's error, or an [`Error`] naming the file that cannot be read or
    /// written; the journal then stays.
    pub fn finish<E: From<Error>>(
        mut self,
        write: impl FnOnce(
            &mut Writer,
            &mut dyn FnMut() -> Result<Option<(String, T)>>,
        ) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let path = self.file.path().to_path_buf();
        let failed = |source| Error::new("read", &path, source);
        let mut reader = BufReader::new(self.file.at_start()?);
        let mut places = self.entries.iter().filter_map(|entry| entry.place);
        let (mut here, mut line) = (0, Vec::new());
        let mut next = || -> Result<Option<(String, T)>> {
            let Some(place) = places.next() else {
                return Ok(None);
            };
            // Nearly always the next line, which is in the buffer.
            let there = place as i64 - here as i64;
            reader.seek_relative(there).map_err(failed)?;
            line.clear();
            // Bytes, as they were parsed when the journal was opened.
            let read = reader.read_until(b'\n', &mut line).map_err(failed)?;
            here = place + read as u64;
            let record = serde_json::from_slice::<Record<T>>(&line);
            let record = record.map_err(|error| failed(error.into()))?;
            Ok(Some((record.item, record.made)))
        };
        write_atomically(&self.target, |writer| write(writer, &mut next))?;
        fs::remove_file(&path).map_err(|source| Error::new("remove", &path, source))?;
        Ok(())
    }

    /// The entry of an item, which is added where it is new.
    fn entry(&mut self, item: &str) -> &mut Entry {
        let position = match self.positions.get(item) {
            Some(position) => *position,
            None => {
                let position = self.entries.len();
                self.positions.insert(item.to_owned(), position);
                self.entries.push(Entry {
                    from: None,
                    place: None,
                });
                position
            }
        };
        &mut self.entries[position]
    }
}

#[cfg(test)]
mod tests;
