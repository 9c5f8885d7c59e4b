//! Captions files that can be continued.
//!
//! While captions are made their rows grow in `<name>.partial`, which is renamed
//! at the end, so that `<name>` itself is always whole.

use std::collections::HashSet;
use std::path::Path;

use artkg_files::PartialFile;

use super::COLUMNS;
use crate::{Error, Result};

/// An open captions file.
#[derive(Debug)]
pub struct CaptionOutput {
    rows: PartialFile,
    captioner: String,
    done: HashSet<String>,
}

impl CaptionOutput {
    /// Opens `path` for captions that `captioner` makes, continuing where an
    /// interrupted run of the same captioner stopped. With `overwrite` it replaces,
    /// once it is finished, what is there, and what another captioner began.
    ///
    /// # Errors
    /// When `path` exists, when what was begun comes from another captioner, or
    /// when the files cannot be written.
    pub fn open(path: &Path, captioner: &str, overwrite: bool) -> Result<Self> {
        if path.exists() && !overwrite {
            return Err(Error::Usage(format!(
                "{} exists; choose another output or pass --overwrite",
                path.display()
            )));
        }
        let mut rows = PartialFile::open(path)?;
        let (mut done, mut is_ours, mut is_header) = (HashSet::new(), true, true);
        // Captions have no line breaks, so every one that is there ends a row.
        let mut kept = rows.accepted(|line| {
            let cells = cells(line);
            if std::mem::take(&mut is_header) {
                is_ours = cells.is_some_and(|cells| cells == COLUMNS[..]);
                return is_ours;
            }
            match cells.filter(|cells| &cells[2] == captioner) {
                Some(cells) => done.extend([cells[0].to_owned()]),
                None => is_ours = false,
            }
            is_ours
        })?;
        if !is_ours {
            if !overwrite {
                return Err(Error::invalid(
                    rows.path(),
                    format!(
                        "it was not begun by {captioner}; finish it with the captioner that began \
                         it, or pass --overwrite"
                    ),
                ));
            }
            kept = 0;
            done.clear();
        }
        rows.keep(kept)?;
        let mut output = Self {
            rows,
            captioner: captioner.to_owned(),
            done,
        };
        if kept == 0 {
            output.record(COLUMNS)?;
        }
        Ok(output)
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
        let mut row = csv::Writer::from_writer(Vec::new());
        row.write_record(cells)
            .map_err(Error::csv(self.rows.path()))?;
        // Into memory, which takes it.
        let row = row.into_inner().unwrap_or_default();
        Ok(self.rows.write(&row)?)
    }

    /// Brings what was written to disk.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn flush(&mut self) -> Result<()> {
        Ok(self.rows.flush()?)
    }

    /// Gives the finished file its name.
    ///
    /// # Errors
    /// When it cannot be written; what was begun then stays.
    pub fn finish(self) -> Result<()> {
        Ok(self.rows.finish()?)
    }
}

/// The three cells of a row; `None` where it has not three.
fn cells(line: &[u8]) -> Option<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(line);
    let record = reader.records().next()?.ok()?;
    (record.len() == COLUMNS.len()).then_some(record)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::Captions;

    #[test]
    fn interrupted_files_go_on_where_they_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/captions.csv");
        let open = |captioner, overwrite| CaptionOutput::open(&path, captioner, overwrite);
        let mut output = open("blip", false).unwrap();
        output.write("a,1.jpg", "a ship\n at  sea").unwrap();
        output.write("b.jpg", "a \"tower\"").unwrap();
        output.flush().unwrap();
        assert!(!path.exists());
        // Killed in the middle of a row.
        let partial = output.rows.path().to_path_buf();
        drop(output);
        let bytes = fs::read(&partial).unwrap();
        fs::write(&partial, &bytes[..bytes.len() - 3]).unwrap();

        let message = open("imagenet-words", false).unwrap_err().to_string();
        assert!(message.contains("--overwrite"), "{message}");
        let mut output = open("blip", false).unwrap();
        assert!(output.is_done("a,1.jpg") && !output.is_done("b.jpg"));
        assert_eq!(output.len(), 1);
        output.write("b.jpg", "a tower").unwrap();
        output.finish().unwrap();
        assert!(!partial.exists());

        let captions = Captions::read(&path).unwrap();
        assert_eq!(captions.captioner(), "blip");
        assert_eq!(captions.get("a,1.jpg"), Some("a ship at sea"));
        assert_eq!(captions.get("b.jpg"), Some("a tower"));
        assert!(open("blip", false).is_err());

        // Overwriting keeps the old file until the new one is whole, and goes on
        // with what the same captioner began.
        let mut output = open("blip", true).unwrap();
        assert!(output.is_empty());
        output.write("c.jpg", "a hat").unwrap();
        drop(output);
        assert_eq!(Captions::read(&path).unwrap(), captions);
        assert!(open("blip", true).unwrap().is_done("c.jpg"));
        let mut output = open("imagenet-words", true).unwrap();
        assert!(output.is_empty());
        output.write("d.jpg", "hat, cap").unwrap();
        output.finish().unwrap();
        assert_eq!(Captions::read(&path).unwrap().captioner(), "imagenet-words");
    }
}
