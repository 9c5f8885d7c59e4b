//! Captions files that can be continued.
//!
//! While captions are made their rows grow in `<name>.partial`, which is renamed
//! at the end, so that `<name>` itself is always whole.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{COLUMNS, partial_path};
use crate::{Error, Result};

/// An open captions file.
#[derive(Debug)]
pub struct CaptionOutput {
    path: PathBuf,
    partial: PathBuf,
    writer: csv::Writer<File>,
    captioner: String,
    done: HashSet<String>,
}

impl CaptionOutput {
    /// Opens `path` for captions that `captioner` makes, continuing where an
    /// interrupted run of the same captioner stopped.
    ///
    /// # Errors
    /// When `path` exists, when what was begun comes from another captioner, or
    /// when the files cannot be written.
    pub fn open(path: &Path, captioner: &str) -> Result<Self> {
        if path.exists() {
            return Err(Error::Usage(format!(
                "{} exists; choose another output or pass --overwrite",
                path.display()
            )));
        }
        if let Some(folder) = path.parent().filter(|path| !path.as_os_str().is_empty()) {
            artkg_files::create_folder(folder)?;
        }
        let partial = partial_path(path);
        let failed = |source| artkg_files::Error::new("open", &partial, source);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&partial)
            .map_err(failed)?;
        let mut begun = Vec::new();
        file.read_to_end(&mut begun).map_err(failed)?;
        // A row whose end is missing was not finished. Captions have no line
        // breaks, so every one that is there ends a row.
        let end = begun
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |last| last + 1);
        let done = done(&begun[..end], &partial, captioner)?;
        file.set_len(end as u64).map_err(failed)?;
        file.seek(SeekFrom::Start(end as u64)).map_err(failed)?;
        let mut output = Self {
            path: path.to_path_buf(),
            writer: csv::Writer::from_writer(file),
            captioner: captioner.to_owned(),
            done,
            partial,
        };
        if end == 0 {
            output.record(COLUMNS)?;
        }
        Ok(output)
    }

    /// Removes what an earlier run left at `path`, finished or not.
    ///
    /// # Errors
    /// When a file is there but cannot be removed.
    pub fn discard(path: &Path) -> Result<()> {
        for path in [path.to_path_buf(), partial_path(path)] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(artkg_files::Error::new("remove", &path, error).into());
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the artwork has its caption already.
    pub fn is_done(&self, id: &str) -> bool {
        self.done.contains(id)
    }

    /// The number of captions so far, of earlier runs as well.
    pub fn len(&self) -> usize {
        self.done.len()
    }

    /// Whether there is no caption yet.
    pub fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// Adds the caption of an artwork; white space in it becomes single spaces.
    ///
    /// # Errors
    /// When the disk is full or the file cannot be written.
    pub fn write(&mut self, id: &str, caption: &str) -> Result<()> {
        let caption: Vec<&str> = caption.split_whitespace().collect();
        let captioner = self.captioner.clone();
        self.record([id, &caption.join(" "), &captioner])?;
        self.done.insert(id.to_owned());
        Ok(())
    }

    fn record(&mut self, cells: [&str; 3]) -> Result<()> {
        self.writer
            .write_record(cells)
            .map_err(Error::csv(&self.partial))
    }

    /// Brings what was written to disk.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn flush(&mut self) -> Result<()> {
        let failed = |source| artkg_files::Error::new("write", &self.partial, source);
        Ok(self.writer.flush().map_err(failed)?)
    }

    /// Gives the finished file its name.
    ///
    /// # Errors
    /// When it cannot be written; what was begun then stays.
    pub fn finish(self) -> Result<()> {
        let failed = |source| artkg_files::Error::new("write", &self.partial, source);
        let mut file = self
            .writer
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.flush()
            .and_then(|()| file.sync_all())
            .map_err(failed)?;
        fs::rename(&self.partial, &self.path)
            .map_err(|source| artkg_files::Error::new("write", &self.path, source).into())
    }
}

/// The ids that have a caption in what was begun.
fn done(begun: &[u8], path: &Path, captioner: &str) -> Result<HashSet<String>> {
    if begun.is_empty() {
        return Ok(HashSet::new());
    }
    let mut reader = csv::Reader::from_reader(begun);
    let is_ours = reader.headers().is_ok_and(|header| header == COLUMNS[..]);
    let foreign = || {
        Error::invalid(
            path,
            format!(
                "it was not begun by {captioner}; finish it with the captioner that began it, or \
                 pass --overwrite"
            ),
        )
    };
    if !is_ours {
        return Err(foreign());
    }
    reader
        .records()
        .map(|record| {
            let record = record.map_err(Error::csv(path))?;
            match &record[2] == captioner {
                true => Ok(record[0].to_owned()),
                false => Err(foreign()),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Captions;

    #[test]
    fn interrupted_files_go_on_where_they_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/captions.csv");
        let mut output = CaptionOutput::open(&path, "blip").unwrap();
        output.write("a,1.jpg", "a ship\n at  sea").unwrap();
        output.write("b.jpg", "a \"tower\"").unwrap();
        output.flush().unwrap();
        assert!(!path.exists());
        // Killed in the middle of a row.
        let partial = partial_path(&path);
        let bytes = fs::read(&partial).unwrap();
        fs::write(&partial, &bytes[..bytes.len() - 3]).unwrap();

        let message = CaptionOutput::open(&path, "imagenet-words")
            .unwrap_err()
            .to_string();
        assert!(message.contains("--overwrite"), "{message}");
        let mut output = CaptionOutput::open(&path, "blip").unwrap();
        assert!(output.is_done("a,1.jpg") && !output.is_done("b.jpg"));
        assert_eq!(output.len(), 1);
        output.write("b.jpg", "a tower").unwrap();
        output.finish().unwrap();
        assert!(!partial.exists());

        let captions = Captions::read(&path).unwrap();
        assert_eq!(captions.captioner(), "blip");
        assert_eq!(captions.get("a,1.jpg"), Some("a ship at sea"));
        assert_eq!(captions.get("b.jpg"), Some("a tower"));
        assert!(CaptionOutput::open(&path, "blip").is_err());
        CaptionOutput::discard(&path).unwrap();
        assert!(CaptionOutput::open(&path, "blip").unwrap().is_empty());
    }
}
