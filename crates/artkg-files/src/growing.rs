use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::lock::open_locked;

/// A file that grows over the life of one process or several. One process at a time
/// has it open, where the file system has locks.
///
/// It is what every record of ongoing work is made of: a [`Journal`], which says what it
/// belongs to and ends in a finished file, and files beside which something else says so
/// and which stay as they are.
///
/// [`Journal`]: crate::journal::Journal
#[derive(Debug)]
pub struct GrowingFile {
    path: PathBuf,
    writer: BufWriter<File>,
    length: u64,
}

impl GrowingFile {
    /// Opens or creates `path`, to go on at its end.
    ///
    /// # Errors
    /// [`Error::Busy`] when another process has it open, or an [`Error`] naming the
    /// file that cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |source| Error::new("open", path, source);
        let file = open_locked(path).map_err(failed)?;
        let mut file = file.ok_or_else(|| Error::Busy(path.to_path_buf()))?;
        let length = file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(Self {
            path: path.to_path_buf(),
            writer: BufWriter::new(file),
            length,
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its length in bytes, with what is not flushed.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Hands the place and content of each line to `accept`, without the line break,
    /// up to the first that it refuses or whose end is missing: a killed process or a
    /// full disk may have cut it, even in the middle of a character. The length of
    /// the lines before; [`GrowingFile::keep`] drops what follows.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn whole_lines(&mut self, mut accept: impl FnMut(u64, &[u8]) -> bool) -> Result<u64> {
        let mut length = 0;
        self.read(|file| {
            let (mut reader, mut line) = (BufReader::new(file), Vec::new());
            loop {
                line.clear();
                let bytes = reader.read_until(b'\n', &mut line)?;
                if line.pop() != Some(b'\n') || !accept(length, &line) {
                    return Ok(());
                }
                length += bytes as u64;
            }
        })?;
        Ok(length)
    }

    /// Its first bytes, at most `count`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn beginning(&mut self, count: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read(|file| file.take(count).read_to_end(&mut bytes).map(drop))?;
        Ok(bytes)
    }

    /// The file at its first byte. Nothing may be added as long as it is elsewhere
    /// than at its end.
    pub(crate) fn at_start(&mut self) -> Result<&File> {
        self.flush()?;
        let mut file = self.writer.get_ref();
        file.seek(SeekFrom::Start(0))
            .map_err(|source| Error::new("read", &self.path, source))?;
        Ok(file)
    }

    /// Reads from the first byte and returns to the end.
    fn read(&mut self, read: impl FnOnce(&File) -> io::Result<()>) -> Result<()> {
        read(self.at_start()?)
            .and_then(|()| self.writer.get_ref().seek(SeekFrom::Start(self.length)))
            .map_err(|source| Error::new("read", &self.path, source))?;
        Ok(())
    }

    /// Drops all but the first `length` bytes, after which writing goes on.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&mut self, length: u64) -> Result<()> {
        self.flush()?;
        let length = length.min(self.length);
        let is_cut = length < self.length;
        let file = self.writer.get_mut();
        // Devices have no length to set.
        let cut = if is_cut { file.set_len(length) } else { Ok(()) };
        cut.and_then(|()| file.seek(SeekFrom::Start(length)))
            .map_err(|source| Error::new("write", &self.path, source))?;
        self.length = length;
        Ok(())
    }

    /// Adds `bytes` at the end.
    ///
    /// # Errors
    /// When the disk is full or the file cannot be written.
    pub fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer
            .write_all(bytes)
            .map_err(|source| Error::new("write", &self.path, source))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Hands what was added to the operating system: it survives the end of the
    /// process.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn flush(&mut self) -> Result<()> {
        let flushed = self.writer.flush();
        flushed.map_err(|source| Error::new("write", &self.path, source))
    }

    /// Waits until what was added has reached the disk: it survives the end of the
    /// machine.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn sync(&mut self) -> Result<()> {
        self.flush()?;
        let synced = self.writer.get_ref().sync_data();
        synced.map_err(|source| Error::new("write", &self.path, source))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn lines(file: &mut GrowingFile) -> (u64, Vec<String>) {
        let mut found = Vec::new();
        let length = file.whole_lines(|_, line| {
            found.push(String::from_utf8(line.to_vec()).unwrap());
            true
        });
        (length.unwrap(), found)
    }

    #[test]
    fn lines_are_continued_after_the_last_whole_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.txt");
        let mut file = GrowingFile::open(&path).unwrap();
        file.append("één\nzwei\ntrüb".as_bytes()).unwrap();
        file.sync().unwrap();
        drop(file);
        // The end came in the middle of a character.
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 2]).unwrap();

        let mut file = GrowingFile::open(&path).unwrap();
        let (length, found) = lines(&mut file);
        assert_eq!(found, ["één", "zwei"]);
        let first = file.whole_lines(|_, line| line != b"zwei").unwrap();
        assert_eq!(first, "één\n".len() as u64);
        file.keep(length).unwrap();
        file.append(b"three\n").unwrap();
        assert_eq!(file.length(), length + 6);
        assert_eq!(lines(&mut file).1, ["één", "zwei", "three"]);
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "één\nzwei\nthree\n");
    }

    #[test]
    fn one_process_at_a_time_has_it_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.txt");
        let _first = GrowingFile::open(&path).unwrap();
        let error = GrowingFile::open(&path).unwrap_err();
        assert!(matches!(&error, Error::Busy(busy) if *busy == path));
        let message = error.to_string();
        assert!(message.contains("list.txt"), "{message}");
        assert!(message.contains("another run"), "{message}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_named() {
        let mut file = GrowingFile::open(Path::new("/dev/full")).unwrap();
        file.append(b"x").unwrap();
        let message = file.flush().unwrap_err().to_string();
        assert!(message.contains("/dev/full"), "{message}");
    }
}
