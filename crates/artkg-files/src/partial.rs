use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::create_folder;
use crate::error::{Error, Result};
use crate::lock::open_locked;

/// A file of lines that grows over one run or several, and takes its name only
/// when it is whole: until then it is called `<name>.partial`. One process at a
/// time may have it open.
#[derive(Debug)]
pub struct PartialFile {
    target: PathBuf,
    path: PathBuf,
    writer: BufWriter<File>,
}

impl PartialFile {
    /// Opens or creates what is to become `target`; its folder is made where it is
    /// missing.
    ///
    /// # Errors
    /// When the file cannot be opened, or another process has it open.
    pub fn open(target: &Path) -> Result<Self> {
        if let Some(folder) = target.parent().filter(|path| !path.as_os_str().is_empty()) {
            create_folder(folder)?;
        }
        let mut name = target.as_os_str().to_owned();
        name.push(".partial");
        let path = PathBuf::from(name);
        let busy = "another run is writing it; wait for that one or choose another output";
        let file = open_locked(&path)
            .and_then(|file| file.ok_or_else(|| std::io::Error::other(busy)))
            .map_err(|source| Error::new("open", &path, source))?;
        Ok(Self {
            target: target.to_path_buf(),
            path,
            writer: BufWriter::new(file),
        })
    }

    /// Where it lies until it is whole.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands the lines that earlier runs left to `accept`, up to the first that it
    /// refuses or whose end is missing; the length of those before. Nothing is
    /// changed: see [`PartialFile::keep`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn accepted(&self, mut accept: impl FnMut(&[u8]) -> bool) -> Result<u64> {
        let failed = |source| Error::new("read", &self.path, source);
        let mut file = self.writer.get_ref();
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut reader = BufReader::new(file);
        let (mut length, mut line) = (0, Vec::new());
        loop {
            line.clear();
            // Bytes, as a full disk may have cut a character in two.
            let bytes = reader.read_until(b'\n', &mut line).map_err(failed)?;
            if line.pop() != Some(b'\n') || !accept(&line) {
                return Ok(length);
            }
            length += bytes as u64;
        }
    }

    /// Drops all but the first `length` bytes, after which writing goes on.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&mut self, length: u64) -> Result<()> {
        let file = self.writer.get_mut();
        file.set_len(length)
            .and_then(|()| file.seek(SeekFrom::Start(length)))
            .map_err(|source| Error::new("write", &self.path, source))?;
        Ok(())
    }

    /// Adds a line; `line` ends in a line break.
    ///
    /// # Errors
    /// When the disk is full or the file cannot be written.
    pub fn write(&mut self, line: &[u8]) -> Result<()> {
        let failed = |source| Error::new("write", &self.path, source);
        self.writer.write_all(line).map_err(failed)
    }

    /// Hands what was written to the operating system.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn flush(&mut self) -> Result<()> {
        let failed = |source| Error::new("write", &self.path, source);
        self.writer.flush().map_err(failed)
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When it cannot be written; it then stays as it is.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        let synced = self.writer.get_ref().sync_all();
        synced.map_err(|source| Error::new("write", &self.path, source))?;
        fs::rename(&self.path, &self.target)
            .map_err(|source| Error::new("write", &self.target, source))
    }

    /// Removes the file, where the target was written in another way.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(self) -> Result<()> {
        fs::remove_file(&self.path).map_err(|source| Error::new("remove", &self.path, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_continued_after_the_last_whole_one() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("new/list.txt");
        let mut file = PartialFile::open(&target).unwrap();
        file.write("één\nzwei\ntrüb".as_bytes()).unwrap();
        file.flush().unwrap();
        let path = file.path().to_path_buf();
        drop(file);
        // The end came in the middle of a character.
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 2]).unwrap();

        let mut file = PartialFile::open(&target).unwrap();
        let mut lines = Vec::new();
        let length = file.accepted(|line| {
            lines.push(String::from_utf8(line.to_vec()).unwrap());
            true
        });
        assert_eq!(lines, ["één", "zwei"]);
        let first = file.accepted(|line| line != b"zwei").unwrap();
        assert_eq!(first, "één\n".len() as u64);
        file.keep(length.unwrap()).unwrap();
        file.write(b"three\n").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "één\nzwei\nthree\n");
        assert!(!path.exists());
    }

    #[test]
    fn one_run_at_a_time_has_it_open() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("list.txt");
        let file = PartialFile::open(&target).unwrap();
        let message = PartialFile::open(&target).unwrap_err().to_string();
        assert!(message.contains("list.txt.partial"), "{message}");
        assert!(message.contains("another run"), "{message}");
        file.remove().unwrap();
        PartialFile::open(&target).unwrap();
    }
}
