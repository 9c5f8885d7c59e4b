//! Tag files that can be continued.

use std::io::Write;
use std::path::{Path, PathBuf};

use artkg_files::exact_name;
use artkg_files::journal::{Header, Journal};
use artkg_files::table::TableWriter;

use crate::error::{Error, Result};
use crate::tags::{Tags, TaskTags};

/// How tags are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// A header, then one row an image: `image`, and for each task and rank a
    /// class and its confidence.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl Format {
    /// The format that a file's ending asks for.
    ///
    /// # Errors
    /// When the ending is neither `.csv` nor `.jsonl`.
    fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("jsonl") => Ok(Self::Jsonl),
            _ => Err(Error::Format(path.to_path_buf())),
        }
    }
}

/// What a tag file is made from and how. Only a run with the same goes on where one
/// was interrupted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagJob {
    /// What tells the model's content from that of others.
    pub model: String,
    /// The model's attributes.
    pub tasks: Vec<String>,
    /// Classes written for each task.
    pub top: usize,
    /// Other options that the tags depend on, by name.
    pub options: Vec<(String, String)>,
    /// The files and folders that were asked for, as they were named.
    pub inputs: Vec<PathBuf>,
    /// Other files that are read; the output may not be one of them, nor an input.
    pub reads: Vec<PathBuf>,
}

impl TagJob {
    fn header(&self, format: Format) -> Header {
        let inputs: Vec<String> = self.inputs.iter().map(|path| exact_name(path)).collect();
        let format = match format {
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
        };
        let mut header = Header::new("tags", 2)
            .with("model", self.model.as_str())
            .with("top", self.top)
            .with("format", format)
            .with("inputs", inputs);
        for (name, value) in &self.options {
            header = header.with(name, value.as_str());
        }
        header
    }
}

/// An open tag file. While the run lasts its tags are in a [`Journal`].
#[derive(Debug)]
pub struct Output {
    journal: Journal<Vec<TaskTags>>,
    format: Format,
    top: usize,
    tasks: Vec<String>,
}

impl Output {
    /// Opens `path` for tags, continuing an interrupted run of the same job. With
    /// `overwrite` it replaces, once it is finished, what is there, and what another
    /// job began.
    ///
    /// # Errors
    /// When `path` exists or is one of the job's inputs, when another job began it, or
    /// when the files cannot be written.
    pub fn open(path: &Path, job: &TagJob, overwrite: bool) -> Result<Self> {
        let format = Format::of(path)?;
        let inputs = job.inputs.iter().chain(&job.reads).map(PathBuf::as_path);
        Ok(Self {
            journal: Journal::open(path, &job.header(format), inputs, overwrite)?,
            format,
            top: job.top,
            tasks: job.tasks.clone(),
        })
    }

    /// Whether an interrupted run has tagged this image, and as it is now. The finished
    /// file has the images of which this was asked, in this order.
    pub fn is_done(&mut self, image: &Path) -> bool {
        self.journal.is_done(&exact_name(image), image)
    }

    /// The number of images tagged so far, by earlier runs as well.
    pub fn len(&self) -> usize {
        self.journal.len()
    }

    /// Whether no image is tagged yet.
    pub fn is_empty(&self) -> bool {
        self.journal.is_empty()
    }

    /// Adds an image's tags.
    ///
    /// # Errors
    /// When the disk is full or the file cannot be written.
    pub fn write(&mut self, tags: &Tags) -> Result<()> {
        Ok(self.journal.append(&tags.image, &tags.tags)?)
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
    /// When it cannot be written; what was tagged then stays.
    pub fn finish(self) -> Result<()> {
        let path = self.journal.target().to_path_buf();
        let failed = |source| artkg_files::Error::new("write", &path, source);
        self.journal.finish(|writer, next| -> Result<()> {
            let mut next = || -> Result<Option<Tags>> {
                Ok(next()?.map(|(image, tags)| Tags { image, tags }))
            };
            match self.format {
                Format::Jsonl => {
                    while let Some(tags) = next()? {
                        let line = serde_json::to_string(&tags);
                        let line = line.map_err(|error| failed(error.into()))?;
                        writeln!(writer, "{line}").map_err(failed)?;
                    }
                }
                Format::Csv => {
                    let mut table = TableWriter::new(writer);
                    let header = csv_header(&self.tasks, self.top);
                    table.row(header).map_err(failed)?;
                    while let Some(tags) = next()? {
                        let row = csv_row(&tags, self.top);
                        table.row(row).map_err(failed)?;
                    }
                    table.flush().map_err(failed)?;
                }
            }
            Ok(())
        })
    }
}

/// `image, type, type_confidence, type_2, type_2_confidence, …`
fn csv_header(tasks: &[String], top: usize) -> Vec<String> {
    let mut header = vec!["image".to_owned()];
    for task in tasks {
        for rank in 1..=top {
            let column = if rank == 1 {
                task.clone()
            } else {
                format!("{task}_{rank}")
            };
            header.push(column.clone());
            header.push(format!("{column}_confidence"));
        }
    }
    header
}

fn csv_row(tags: &Tags, top: usize) -> Vec<String> {
    let mut row = vec![tags.image.clone()];
    for task in &tags.tags {
        for rank in 0..top {
            match task.classes.get(rank) {
                Some(tag) => {
                    row.push(tag.class.clone().unwrap_or_default());
                    row.push(format!("{:.4}", tag.confidence));
                }
                None => row.extend([String::new(), String::new()]),
            }
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::tags::Tag;
    use artkg_vocabulary::Attribute;

    fn tags(image: &Path) -> Tags {
        Tags {
            image: exact_name(image),
            tags: vec![TaskTags {
                task: Attribute::School,
                classes: vec![
                    Tag {
                        class: Some("Dutch, northern".to_owned()),
                        confidence: 0.75,
                    },
                    Tag {
                        class: None,
                        confidence: 0.125,
                    },
                ],
            }],
        }
    }

    fn job(model: &str, inputs: &[&Path]) -> TagJob {
        TagJob {
            model: model.to_owned(),
            tasks: vec!["school".to_owned()],
            top: 2,
            inputs: inputs.iter().map(|path| path.to_path_buf()).collect(),
            ..TagJob::default()
        }
    }

    /// A folder with images, which only have to be there.
    fn images<const N: usize>(names: [&str; N]) -> (tempfile::TempDir, [PathBuf; N]) {
        let folder = tempfile::tempdir().unwrap();
        let images = names.map(|name| folder.path().join(name));
        for image in &images {
            artkg_files::write_bytes(image, b"x").unwrap();
        }
        (folder, images)
    }

    /// Tags the images that are not done; the number of those.
    fn tag(output: &mut Output, images: &[&PathBuf]) -> usize {
        let mut count = 0;
        for image in images {
            if !output.is_done(image) {
                output.write(&tags(image)).unwrap();
                count += 1;
            }
        }
        output.flush().unwrap();
        count
    }

    #[test]
    fn an_interrupted_run_continues_and_ends_in_a_whole_file() {
        let (folder, [a, b, c]) = images(["a.jpg", "b.jpg", "c.jpg"]);
        let path = folder.path().join("tags.csv");
        let open = || Output::open(&path, &job("m", &[folder.path()]), false).unwrap();
        let mut output = open();
        assert_eq!(tag(&mut output, &[&a, &b]), 2);
        drop(output);
        assert!(!path.exists());
        // One image was replaced in between.
        fs::write(&a, "another").unwrap();

        let mut output = open();
        assert!(output.is_empty());
        assert_eq!(tag(&mut output, &[&a, &b, &c]), 2);
        assert_eq!(output.len(), 3);
        output.finish().unwrap();
        let row =
            |image: &Path| format!("{},\"Dutch, northern\",0.7500,,0.1250\n", image.display());
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "image,school,school_confidence,school_2,school_2_confidence\n".to_owned()
                + &row(&a)
                + &row(&b)
                + &row(&c)
        );
        assert!(!folder.path().join("tags.csv.partial").exists());
    }

    #[test]
    fn rows_of_two_jobs_do_not_mix() {
        let (folder, [a, b]) = images(["A/a.jpg", "B/b.jpg"]);
        let path = folder.path().join("tags.jsonl");
        let all_of_a = job("one", &[&folder.path().join("A")]);
        let open = |job: &TagJob| Output::open(&path, job, false);
        let overwrite = |job: &TagJob| Output::open(&path, job, true).unwrap();
        tag(&mut open(&all_of_a).unwrap(), &[&a]);
        let mut options = all_of_a.clone();
        options.options.push(("precision".into(), "bf16".into()));
        for (other, name) in [
            (job("two", &[&folder.path().join("A")]), "model"),
            (job("one", &[&b]), "inputs"),
            (options, "precision"),
        ] {
            let Err(Error::File(artkg_files::Error::OtherJob { differences, .. })) = open(&other)
            else {
                panic!("another {name} was not refused");
            };
            assert_eq!(differences.len(), 1);
            assert_eq!(differences[0].name, name);
        }
        // Overwriting begins anew.
        let mut output = overwrite(&job("one", &[&b]));
        assert_eq!(tag(&mut output, &[&b]), 1);
        output.finish().unwrap();
        let line = fs::read_to_string(&path).unwrap();
        assert_eq!(serde_json::from_str::<Tags>(&line).unwrap(), tags(&b));
        let exists = open(&all_of_a).unwrap_err();
        assert!(matches!(
            exists,
            Error::File(artkg_files::Error::Exists(there)) if there == path
        ));

        // Interrupted, the old file is still there, and overwriting goes on.
        tag(&mut overwrite(&all_of_a), &[&a]);
        assert_eq!(fs::read_to_string(&path).unwrap(), line);
        assert!(overwrite(&all_of_a).is_done(&a));
        assert!(!overwrite(&job("two", &[&a])).is_done(&a));
    }

    #[test]
    fn what_is_read_is_not_overwritten() {
        let (folder, [captions]) = images(["captions.csv"]);
        let mut job = job("m", &[folder.path()]);
        job.reads.push(captions.clone());
        assert!(matches!(
            Output::open(&captions, &job, true),
            Err(Error::File(artkg_files::Error::IsInput(path))) if path == captions
        ));
    }

    #[test]
    fn other_endings_are_refused() {
        assert!(Format::of(Path::new("tags.xls")).is_err());
    }
}
