//! Tag files that can be continued.
//!
//! While a run lasts, its rows grow in `<name>.partial`; the first line names
//! the model and options. The finished file is written from it and renamed, so
//! `<name>` itself is always whole. A later run with the same model and options
//! continues a partial file where it ends.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

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
    partial: PathBuf,
    writer: BufWriter<File>,
    format: Format,
    top: usize,
    tasks: Vec<String>,
    done: HashSet<String>,
}

impl Output {
    /// Opens `path` for tags, continuing an interrupted run of the same model.
    ///
    /// `model` identifies the model's content, `tasks` are its attributes.
    ///
    /// # Errors
    /// When `path` exists, when a partial file comes from another model or
    /// other options, or when the files cannot be written.
    pub fn open(path: &Path, model: &str, tasks: &[String], top: usize) -> Result<Self> {
        let format = Format::of(path)?;
        if path.exists() {
            return Err(Error::Usage(format!(
                "{} exists; choose another output or pass --overwrite",
                path.display()
            )));
        }
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
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
        let origin = Origin {
            model: model.to_owned(),
            top,
            format,
        };
        let done = continue_partial(&mut file, &partial, &origin)?;
        Ok(Self {
            path: path.to_path_buf(),
            partial,
            writer: BufWriter::new(file),
            format,
            top,
            tasks: tasks.to_vec(),
            done,
        })
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
        let failed = |source| artkg_files::Error::new("write", &self.partial, source);
        let line = serde_json::to_string(tags).map_err(|error| failed(error.into()))?;
        writeln!(self.writer, "{line}").map_err(failed)?;
        self.done.insert(tags.image.clone());
        Ok(())
    }

    /// Brings what was written to disk.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn flush(&mut self) -> Result<()> {
        let failed = |source| artkg_files::Error::new("write", &self.partial, source);
        Ok(self.writer.flush().map_err(failed)?)
    }

    /// Writes the finished file and removes the partial one.
    ///
    /// # Errors
    /// When the finished file cannot be written; the partial one then stays.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        let lines = || -> Result<_> {
            let reader = BufReader::new(artkg_files::open(&self.partial)?);
            Ok(reader.lines().skip(1))
        };
        let read_failed =
            |source| Error::from(artkg_files::Error::new("read", &self.partial, source));
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
        let failed = |source| artkg_files::Error::new("remove", &self.partial, source);
        Ok(fs::remove_file(&self.partial).map_err(failed)?)
    }
}

fn partial_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

/// Reads what an earlier run left in `file`, cuts a last line that was not
/// finished, and leaves the file positioned at its end.
fn continue_partial(file: &mut File, path: &Path, origin: &Origin) -> Result<HashSet<String>> {
    let failed = |source| artkg_files::Error::new("read", path, source);
    let mut reader = BufReader::new(&mut *file);
    let (mut done, mut end, mut line) = (HashSet::new(), 0u64, String::new());
    loop {
        line.clear();
        let bytes = reader.read_line(&mut line).map_err(failed)? as u64;
        if !line.ends_with('\n') {
            break;
        }
        if end == 0 {
            if serde_json::from_str::<Origin>(&line).ok().as_ref() != Some(origin) {
                return Err(Error::Usage(format!(
                    "{} was begun with another model or other options; \
                     finish it with those or pass --overwrite",
                    path.display()
                )));
            }
        } else {
            let Ok(tags) = serde_json::from_str::<Tags>(&line) else {
                break;
            };
            done.insert(tags.image);
        }
        end += bytes;
    }
    drop(reader);
    file.set_len(end).map_err(failed)?;
    file.seek(SeekFrom::Start(end)).map_err(failed)?;
    if end == 0 {
        let first = serde_json::to_string(origin).map_err(|error| failed(error.into()))?;
        writeln!(file, "{first}").map_err(failed)?;
    }
    Ok(done)
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
    use super::*;
    use crate::{Tag, TaskTags};
    use artkg_corpus::Attribute;

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
        Output::open(path, model, &["school".to_owned()], 2)
    }

    #[test]
    fn an_interrupted_run_continues_and_ends_in_a_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.csv");
        let mut output = open(&path, "m").unwrap();
        output.write(&tags("a.jpg")).unwrap();
        output.write(&tags("b.jpg")).unwrap();
        output.flush().unwrap();
        drop(output);
        assert!(!path.exists());
        // The process was killed in the middle of a line.
        let partial = partial_path(&path);
        let mut text = fs::read_to_string(&partial).unwrap();
        text.push_str("{\"image\":\"c.j");
        fs::write(&partial, text).unwrap();

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
        Output::discard(&path).unwrap();
        let mut output = open(&path, "two").unwrap();
        output.write(&tags("a.jpg")).unwrap();
        output.finish().unwrap();
        let line = fs::read_to_string(&path).unwrap();
        assert_eq!(serde_json::from_str::<Tags>(&line).unwrap(), tags("a.jpg"));
        assert!(
            open(&path, "two")
                .unwrap_err()
                .to_string()
                .contains("--overwrite")
        );
    }

    #[test]
    fn other_endings_are_refused() {
        assert!(Format::of(Path::new("tags.xls")).is_err());
    }
}
