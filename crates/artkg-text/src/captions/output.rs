//! Captions files that can be continued.

use std::path::{Path, PathBuf};

use artkg_files::exact_name;
use artkg_files::journal::{Header, Journal};
use artkg_files::table::TableWriter;

use super::table::COLUMNS;
use crate::error::Result;

/// What a captions file is made from and how. Only a run with the same goes on where
/// one was interrupted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaptionJob {
    /// The captioner's name, which the file gives.
    pub captioner: String,
    /// Other options that the captions depend on, by name.
    pub options: Vec<(String, String)>,
    /// The corpus, or the files and folders, that were asked for, as they were named.
    pub inputs: Vec<PathBuf>,
    /// Other files that are read; the output may not be one of them, nor an input.
    pub reads: Vec<PathBuf>,
}

impl CaptionJob {
    fn header(&self) -> Header {
        let inputs: Vec<String> = self.inputs.iter().map(|path| exact_name(path)).collect();
        let mut header = Header::new("captions", 2)
            .with("captioner", self.captioner.as_str())
            .with("inputs", inputs);
        for (name, value) in &self.options {
            header = header.with(name, value.as_str());
        }
        header
    }
}

/// An open captions file. While captions are made they are in a [`Journal`].
#[derive(Debug)]
pub struct CaptionOutput {
    journal: Journal<String>,
    captioner: String,
}

impl CaptionOutput {
    /// Opens `path` for captions, continuing where an interrupted run of the same job
    /// stopped. With `overwrite` it replaces, once it is finished, what is there, and
    /// what another job began.
    ///
    /// # Errors
    /// When `path` exists or is one of the job's inputs, when another job began it, or
    /// when the files cannot be written.
    pub fn open(path: &Path, job: &CaptionJob, overwrite: bool) -> Result<Self> {
        let inputs = job.inputs.iter().chain(&job.reads).map(PathBuf::as_path);
        Ok(Self {
            journal: Journal::open(path, &job.header(), inputs, overwrite)?,
            captioner: job.captioner.clone(),
        })
    }

    /// Whether the artwork has its caption already, of its `image` as it is now. The
    /// finished file has the artworks of which this was asked, in this order.
    pub fn is_done(&mut self, id: &str, image: &Path) -> bool {
        self.journal.is_done(id, image)
    }

    /// The number of captions so far, of earlier runs as well.
    pub fn len(&self) -> usize {
        self.journal.len()
    }

    /// Whether there is no caption yet.
    pub fn is_empty(&self) -> bool {
        self.journal.is_empty()
    }

    /// Adds the caption of an artwork; white space in it becomes single spaces.
    ///
    /// # Errors
    /// When the disk is full or the file cannot be written.
    pub fn write(&mut self, id: &str, caption: &str) -> Result<()> {
        let words: Vec<&str> = caption.split_whitespace().collect();
        Ok(self.journal.append(id, &words.join(" "))?)
    }

    /// Brings what was written to disk.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn flush(&mut self) -> Result<()> {
        Ok(self.journal.flush()?)
    }

    /// Writes the finished file.
    ///
    /// # Errors
    /// When it cannot be written; what was begun then stays.
    pub fn finish(self) -> Result<()> {
        let path = self.journal.target().to_path_buf();
        let failed = |source| artkg_files::Error::new("write", &path, source);
        self.journal.finish(|writer, next| {
            let mut table = TableWriter::new(writer);
            table.row(COLUMNS).map_err(failed)?;
            while let Some((id, caption)) = next()? {
                let row = [&id, &caption, &self.captioner];
                table.row(row).map_err(failed)?;
            }
            Ok(table.flush().map_err(failed)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::captions::table::Captions;
    use crate::error::Error;

    #[test]
    fn interrupted_files_go_on_where_they_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/captions.csv");
        let image = |id: &str| folder.path().join(id);
        for id in ["a,1.jpg", "b.jpg", "c.jpg", "d.jpg"] {
            fs::write(image(id), "x").unwrap();
        }
        let open = |captioner: &str, overwrite| {
            let job = CaptionJob {
                captioner: captioner.to_owned(),
                inputs: vec![folder.path().to_path_buf()],
                ..CaptionJob::default()
            };
            CaptionOutput::open(&path, &job, overwrite)
        };
        let mut output = open("blip", false).unwrap();
        for (id, caption) in [("a,1.jpg", "a ship\n at  sea"), ("b.jpg", "a \"tower\"")] {
            assert!(!output.is_done(id, &image(id)));
            output.write(id, caption).unwrap();
        }
        output.flush().unwrap();
        assert!(!path.exists());
        // Killed in the middle of a row.
        drop(output);
        let partial = folder.path().join("made/captions.csv.partial");
        let bytes = fs::read(&partial).unwrap();
        fs::write(&partial, &bytes[..bytes.len() - 3]).unwrap();

        assert!(matches!(
            open("imagenet-words", false),
            Err(Error::File(artkg_files::Error::OtherJob { .. }))
        ));
        let mut output = open("blip", false).unwrap();
        let done = ["a,1.jpg", "b.jpg"].map(|id| output.is_done(id, &image(id)));
        assert_eq!(done, [true, false]);
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
        assert!(!output.is_done("c.jpg", &image("c.jpg")));
        output.write("c.jpg", "a hat").unwrap();
        drop(output);
        assert_eq!(Captions::read(&path).unwrap(), captions);
        let mut output = open("blip", true).unwrap();
        assert!(output.is_done("c.jpg", &image("c.jpg")));
        // The image is another one now.
        drop(output);
        fs::write(image("c.jpg"), "other").unwrap();
        let mut output = open("blip", true).unwrap();
        assert!(!output.is_done("c.jpg", &image("c.jpg")));
        drop(output);
        let mut output = open("imagenet-words", true).unwrap();
        assert!(output.is_empty());
        output.write("d.jpg", "hat, cap").unwrap();
        output.finish().unwrap();
        assert_eq!(Captions::read(&path).unwrap().captioner(), "imagenet-words");
    }
}
