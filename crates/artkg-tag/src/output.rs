//! Tag files that can be continued.
//!
//! While a run lasts, its rows grow in `<name>.partial`; the first line names
//! the model and options. The finished file is written from it and renamed, so
//! `<name>` itself is always whole. A later run with the same model and options
//! continues a partial file where it ends.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use artkg_files::PartialFile;
use serde::{Deserialize, Serialize};

use crate::{Error, Result, Tags};

/// How tags are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
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
    pub fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("jsonl") => Ok(Self::Jsonl),
            _ => Err(Error::Usage(format!(
                "{}: tags are written as .csv or .jsonl; give the output one of these endings",
                path.display()
            ))),
        }
    }
}

/// The first line of a partial file: rows of different origin must not mix.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Origin {
    model: String,
    top: usize,
    format: Format,
}

/// An open tag file.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    rows: PartialFile,
    format: Format,
    top: usize,
    tasks: Vec<String>,
    done: HashSet<String>,
}

impl Output {
    /// Opens `path` for tags, continuing an interrupted run of the same model. With
    /// `overwrite` it replaces, once it is finished, what is there, and what a run
    /// of another kind began.
    ///
    /// `model` identifies the model's content, `tasks` are its attributes.
    ///
    /// # Errors
    /// When `path` exists, when a partial file comes from another model or
    /// other options, or when the files cannot be written.
    pub fn open(
        path: &Path,
        model: &str,
        tasks: &[String],
        top: usize,
        overwrite: bool,
    ) -> Result<Self> {
        let format = Format::of(path)?;
        if path.exists() && !overwrite {
            return Err(Error::Usage(format!(
                "{} exists; choose another output or pass --overwrite",
                path.display()
            )));
        }
        let origin = Origin {
            model: model.to_owned(),
            top,
            format,
        };
        let mut rows = PartialFile::open(path)?;
        let (mut done, mut is_first, mut is_foreign) = (HashSet::new(), true, false);
        let mut kept = rows.accepted(|line| {
            if std::mem::take(&mut is_first) {
                let begun: Option<Origin> = serde_json::from_slice(line).ok();
                is_foreign = begun.as_ref() != Some(&origin);
                return !is_foreign;
            }
            let tags = serde_json::from_slice::<Tags>(line);
            tags.is_ok_and(|tags| {
                done.insert(tags.image);
                true
            })
        })?;
        if is_foreign {
            if !overwrite {
                return Err(Error::Usage(format!(
                    "{} was begun with another model or other options; \
                     finish it with those or pass --overwrite",
                    rows.path().display()
                )));
            }
            kept = 0;
        }
        rows.keep(kept)?;
        if kept == 0 {
            let failed = |error: serde_json::Error| {
                artkg_files::Error::new("write", rows.path(), error.into())
            };
            let first = serde_json::to_string(&origin).map_err(failed)?;
            rows.write(format!("{first}\n").as_bytes())?;
        }
        Ok(Self {
            path: path.to_path_buf(),
            rows,
            format,
            top,
            tasks: tasks.to_vec(),
            done,
        })
    }

    /// Whether an interrupted run has tagged this image already.
    pub fn is_done(&self, image: &str) -> bool {
        self.done.contains(image)
    }

    /// The number of images tagged so far, by earlier runs as well.
    pub fn len(&self) -> usize {
        self.done.len()
    }

    /// Whether no image is tagged yet.
    pub fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// Adds an image's tags.
    ///
    /// # Errors
    /// When the disk is full or the file cannot be written.
    pub fn write(&mut self, tags: &Tags) -> Result<()> {
        let line = serde_json::to_string(tags)
            .map_err(|error| artkg_files::Error::new("write", self.rows.path(), error.into()))?;
        self.rows.write(format!("{line}\n").as_bytes())?;
        self.done.insert(tags.image.clone());
        Ok(())
    }

    /// Brings what was written to disk.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn flush(&mut self) -> Result<()> {
        Ok(self.rows.flush()?)
    }

    /// Writes the finished file and removes the partial one.
    ///
    /// # Errors
    /// When the finished file cannot be written; the partial one then stays.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        let lines = || -> Result<_> {
            let reader = BufReader::new(artkg_files::open(self.rows.path())?);
            Ok(reader.lines().skip(1))
        };
        let read_failed =
            |source| Error::from(artkg_files::Error::new("read", self.rows.path(), source));
        let write_failed =
            |source| Error::from(artkg_files::Error::new("write", &self.path, source));
        artkg_files::write_atomically(&self.path, |writer| -> Result<()> {
            match self.format {
                Format::Jsonl => {
                    for line in lines()? {
                        writeln!(writer, "{}", line.map_err(read_failed)?).map_err(write_failed)?;
                    }
                }
                Format::Csv => {
                    let mut table = csv::Writer::from_writer(writer);
                    let csv_failed = |error: csv::Error| write_failed(std::io::Error::other(error));
                    table
                        .write_record(csv_header(&self.tasks, self.top))
                        .map_err(csv_failed)?;
                    for line in lines()? {
                        let tags: Tags = serde_json::from_str(&line.map_err(read_failed)?)
                            .map_err(|error| read_failed(error.into()))?;
                        table
                            .write_record(csv_row(&tags, self.top))
                            .map_err(csv_failed)?;
                    }
                    table.flush().map_err(write_failed)?;
                }
            }
            Ok(())
        })?;
        Ok(self.rows.remove()?)
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
    use crate::{Tag, TaskTags};
    use artkg_vocabulary::Attribute;

    fn tags(image: &str) -> Tags {
        Tags {
            image: image.to_owned(),
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

    fn open(path: &Path, model: &str) -> Result<Output> {
        Output::open(path, model, &["school".to_owned()], 2, false)
    }

    fn overwrite(path: &Path, model: &str) -> Result<Output> {
        Output::open(path, model, &["school".to_owned()], 2, true)
    }

    #[test]
    fn an_interrupted_run_continues_and_ends_in_a_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.csv");
        let mut output = open(&path, "m").unwrap();
        output.write(&tags("a.jpg")).unwrap();
        output.write(&tags("b.jpg")).unwrap();
        output.flush().unwrap();
        let partial = output.rows.path().to_path_buf();
        drop(output);
        assert!(!path.exists());
        // The process was killed in the middle of a line, and of a character.
        let mut bytes = fs::read(&partial).unwrap();
        bytes.extend("{\"image\":\"cü".as_bytes());
        bytes.pop();
        fs::write(&partial, bytes).unwrap();

        let mut output = open(&path, "m").unwrap();
        assert_eq!(output.len(), 2);
        assert!(output.is_done("b.jpg") && !output.is_done("c.jpg"));
        output.write(&tags("c.jpg")).unwrap();
        output.finish().unwrap();
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "image,school,school_confidence,school_2,school_2_confidence\n\
             a.jpg,\"Dutch, northern\",0.7500,,0.1250\n\
             b.jpg,\"Dutch, northern\",0.7500,,0.1250\n\
             c.jpg,\"Dutch, northern\",0.7500,,0.1250\n"
        );
        assert!(!partial.exists());
    }

    #[test]
    fn rows_of_two_models_do_not_mix() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.jsonl");
        drop(open(&path, "one").unwrap());
        let message = open(&path, "two").unwrap_err().to_string();
        assert!(message.contains("another model"), "{message}");
        let mut output = overwrite(&path, "two").unwrap();
        output.write(&tags("a.jpg")).unwrap();
        output.finish().unwrap();
        let line = fs::read_to_string(&path).unwrap();
        assert_eq!(serde_json::from_str::<Tags>(&line).unwrap(), tags("a.jpg"));
        let message = open(&path, "two").unwrap_err().to_string();
        assert!(message.contains("--overwrite"), "{message}");

        // Interrupted, the old file is still there, and overwriting goes on.
        let mut output = overwrite(&path, "one").unwrap();
        output.write(&tags("b.jpg")).unwrap();
        drop(output);
        assert_eq!(fs::read_to_string(&path).unwrap(), line);
        assert!(overwrite(&path, "one").unwrap().is_done("b.jpg"));
        assert!(overwrite(&path, "two").unwrap().is_empty());
    }

    #[test]
    fn other_endings_are_refused() {
        assert!(Format::of(Path::new("tags.xls")).is_err());
    }
}
