//! Tag files that can be continued.

use std::path::{Path, PathBuf};

use artkg_files::exact_name;
use artkg_files::journal::{Header, Journal};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Result;
use crate::format::writer_for;
use crate::origin::Origin;
use crate::tag_writer::TagWriter;
use crate::tags::{Review, Tags, TaskTags};

/// The kind of the journals of tags.
const JOURNAL: &str = "tags";
/// What the network multiplied in, in their headers.
const COMPUTED_IN: &str = "computed_in";

/// What a tag file is made from and how. Only a run with the same goes on where one
/// was interrupted.
#[derive(Clone, Debug, PartialEq)]
pub struct TagJob {
    /// Where the tags come from.
    pub origin: Origin,
    /// What else they depend on, by name: fingerprints of files that are read.
    pub depends_on: Vec<(String, String)>,
    /// The files and folders that were asked for, as they were named.
    pub inputs: Vec<PathBuf>,
    /// Other files that are read; the output may not be one of them, nor an input.
    pub reads: Vec<PathBuf>,
}

impl TagJob {
    fn header(&self, format: &str) -> Header {
        let inputs: Vec<String> = self.inputs.iter().map(|path| exact_name(path)).collect();
        let mut header = Header::new(JOURNAL, 3)
            .with("model", self.origin.model.fingerprint.as_str())
            .with("format", format)
            .with("inputs", inputs);
        // Texts, numbers and lists of them: nothing here can fail.
        if let Ok(Value::Object(options)) = serde_json::to_value(&self.origin.options) {
            for (name, value) in options {
                header = header.with(&name, value);
            }
        }
        for (name, value) in &self.depends_on {
            header = header.with(name, value.as_str());
        }
        // Where it was not asked for, but chosen, rows of another one do not mix in.
        if self.origin.options.precision != self.origin.computed_in {
            header = header.with(COMPUTED_IN, self.origin.computed_in.as_str());
        }
        header
    }
}

/// In what an interrupted run with the model of this fingerprint computed the tags of
/// `target`, where that was chosen for it as `precision` asks.
pub fn begun_in(target: &Path, fingerprint: &str, precision: &str) -> Option<String> {
    let begun = Journal::<Made>::begun_with(target, JOURNAL)?;
    let text = |name: &str| begun.get(name).and_then(Value::as_str);
    let is_same = text("model") == Some(fingerprint) && text("precision") == Some(precision);
    is_same.then(|| text(COMPUTED_IN).map(str::to_owned))?
}

/// What the journal keeps of an image.
#[derive(Debug, Serialize, Deserialize)]
struct Made {
    id: Option<String>,
    tags: Vec<TaskTags>,
}

/// An open tag file. While the run lasts its tags are in a [`Journal`].
pub struct Output {
    journal: Journal<Made>,
    writer: Box<dyn TagWriter>,
    origin: Origin,
}

impl Output {
    /// Opens `path` for tags, continuing an interrupted run of the same job. With
    /// `overwrite` it replaces, once it is finished, what is there, and what another
    /// job began.
    ///
    /// # Errors
    /// When `path` or a file that is to lie beside it exists or is one of the job's
    /// inputs, when another job began it, or when the files cannot be written.
    pub fn open(path: &Path, job: &TagJob, overwrite: bool) -> Result<Self> {
        Self::open_as(path, writer_for(path)?, job, overwrite)
    }

    /// As [`Output::open`], in the format of `writer`, whatever the ending.
    ///
    /// # Errors
    /// As [`Output::open`].
    pub fn open_as(
        path: &Path,
        writer: Box<dyn TagWriter>,
        job: &TagJob,
        overwrite: bool,
    ) -> Result<Self> {
        let inputs = || job.inputs.iter().chain(&job.reads).map(PathBuf::as_path);
        let is_begun = Journal::<Made>::path_for(path).exists();
        for companion in writer.companions(path) {
            artkg_files::refuse_inputs(&companion, inputs())?;
            // One that was written just before a run was killed is that run's own.
            if companion.exists() && !overwrite && !is_begun {
                return Err(artkg_files::Error::Exists(companion).into());
            }
        }
        Ok(Self {
            journal: Journal::open(path, &job.header(writer.name()), inputs(), overwrite)?,
            writer,
            origin: job.origin.clone(),
        })
    }

    /// Whether an interrupted run has tagged this image, and its file as it is now. The finished
    /// file has the images of which this was asked, in this order.
    pub fn is_done(&mut self, image: &Path, file: &Path) -> bool {
        self.journal.is_done(&exact_name(image), file)
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
    pub fn write(&mut self, tags: Tags) -> Result<()> {
        let made = Made {
            id: tags.id,
            tags: tags.tags,
        };
        Ok(self.journal.append(&tags.image, &made)?)
    }

    /// Brings what was written to disk.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn flush(&mut self) -> Result<()> {
        Ok(self.journal.flush()?)
    }

    /// Writes the finished file, and those beside it.
    ///
    /// # Errors
    /// When they cannot be written; what was tagged then stays.
    pub fn finish(self) -> Result<()> {
        let path = self.journal.target().to_path_buf();
        self.journal.finish(|writer, next| {
            let mut tags = std::iter::from_fn(|| {
                let tags = next().transpose()?;
                Some(tags.map_err(Into::into).map(|(image, made)| Tags {
                    image,
                    id: made.id,
                    review: Review::None,
                    tags: made.tags,
                }))
            });
            self.writer.write(&path, &self.origin, &mut tags, writer)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::error::Error;
    use crate::origin::Given;
    use crate::origin::tests::origin;
    use crate::tags::Tag;
    use artkg_vocabulary::Attribute;

    fn tags(image: &Path) -> Tags {
        let classes = [("Dutch, northern", 0.75), ("German", 0.125)];
        Tags {
            image: exact_name(image),
            id: None,
            review: Review::None,
            tags: vec![TaskTags {
                task: Attribute::SCHOOL,
                abstained: false,
                classes: classes
                    .map(|(class, confidence)| Tag {
                        class: class.to_owned(),
                        confidence,
                    })
                    .to_vec(),
            }],
        }
    }

    fn job(model: &str, inputs: &[&Path]) -> TagJob {
        TagJob {
            origin: origin(model, 2, Given::Always),
            depends_on: Vec::new(),
            inputs: inputs.iter().map(|path| path.to_path_buf()).collect(),
            reads: Vec::new(),
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
            if !output.is_done(image, image) {
                output.write(tags(image)).unwrap();
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
        let row = |image: &Path| {
            format!(
                "{},\"Dutch, northern\",0.7500,German,0.1250,none\n",
                image.display()
            )
        };
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "image,school,school_confidence,school_2,school_2_confidence,review\n".to_owned()
                + &row(&a)
                + &row(&b)
                + &row(&c)
        );
        assert!(!folder.path().join("tags.csv.partial").exists());
        let meta = fs::read_to_string(folder.path().join("tags.csv.meta.json")).unwrap();
        let meta: Value = serde_json::from_str(&meta).unwrap();
        assert_eq!(meta["tags"], "tags.csv");
        assert_eq!(meta["images"], 3);
        let said: Origin = serde_json::from_value(meta["origin"].clone()).unwrap();
        assert_eq!(said, job("m", &[]).origin);
    }

    #[test]
    fn a_file_beside_the_tags_is_not_overwritten() {
        let (folder, [a]) = images(["a.jpg"]);
        let path = folder.path().join("tags.csv");
        let meta = folder.path().join("tags.csv.meta.json");
        artkg_files::write_bytes(&meta, b"mine").unwrap();
        assert!(matches!(
            Output::open(&path, &job("m", &[&a]), false),
            Err(Error::File(artkg_files::Error::Exists(there))) if there == meta
        ));
        assert!(!folder.path().join("tags.csv.partial").exists());
        let mut reading = job("m", &[&a]);
        reading.reads.push(meta.clone());
        assert!(matches!(
            Output::open(&path, &reading, true),
            Err(Error::File(artkg_files::Error::IsInput(there))) if there == meta
        ));
        assert_eq!(fs::read(&meta).unwrap(), b"mine");

        // Killed after the one file and before the other, the job is finished again.
        let mut output = Output::open(&path, &job("m", &[&a]), true).unwrap();
        tag(&mut output, &[&a]);
        drop(output);
        let mut output = Output::open(&path, &job("m", &[&a]), false).unwrap();
        assert_eq!(tag(&mut output, &[&a]), 0);
        output.finish().unwrap();
        assert_ne!(fs::read(&meta).unwrap(), b"mine");
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
        options.origin.options.precision = "bf16".into();
        options.origin.computed_in = "bf16".into();
        let mut later = all_of_a.clone();
        later.origin.created = "2026-03-01T00:00:00Z".into();
        assert!(open(&later).is_ok());
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
        let (first, second) = line.split_once('\n').unwrap();
        let first: Value = serde_json::from_str(first).unwrap();
        assert_eq!(first["origin"]["model"]["fingerprint"], "one");
        assert_eq!(first["origin"]["synthetic"], true);
        assert_eq!(serde_json::from_str::<Tags>(second).unwrap(), tags(&b));
        let exists = open(&all_of_a).err().unwrap();
        assert!(matches!(
            exists,
            Error::File(artkg_files::Error::Exists(there)) if there == path
        ));

        // Interrupted, the old file is still there, and overwriting goes on.
        tag(&mut overwrite(&all_of_a), &[&a]);
        assert_eq!(fs::read_to_string(&path).unwrap(), line);
        assert!(overwrite(&all_of_a).is_done(&a, &a));
        assert!(!overwrite(&job("two", &[&a])).is_done(&a, &a));
    }

    #[test]
    fn a_chosen_precision_is_kept_until_the_file_is_whole() {
        let (folder, [a]) = images(["a.jpg"]);
        let path = folder.path().join("tags.csv");
        let computed_in = |precision: &str| {
            let mut job = job("m", &[&a]);
            job.origin.options.precision = "auto".into();
            job.origin.computed_in = precision.into();
            job
        };
        assert_eq!(begun_in(&path, "m", "auto"), None);
        let mut output = Output::open(&path, &computed_in("bf16"), false).unwrap();
        tag(&mut output, &[&a]);
        drop(output);
        assert_eq!(begun_in(&path, "m", "auto").as_deref(), Some("bf16"));
        assert_eq!(begun_in(&path, "other", "auto"), None);
        assert_eq!(begun_in(&path, "m", "f32"), None);
        let Err(Error::File(artkg_files::Error::OtherJob { differences, .. })) =
            Output::open(&path, &computed_in("f32"), false)
        else {
            panic!("rows of two precisions mix");
        };
        assert_eq!(differences[0].name, "computed_in");
        let mut output = Output::open(&path, &computed_in("bf16"), false).unwrap();
        assert_eq!(tag(&mut output, &[&a]), 0);
        output.finish().unwrap();
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
}
