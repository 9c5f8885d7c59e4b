use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use artkg_vocabulary::{Attribute, Vocabulary};
use rayon::prelude::*;

use crate::artwork::{Artwork, CAPTION_COLUMN, CAPTIONER_COLUMN, COLUMNS, Split};
use crate::date::YEAR_COLUMNS;
use crate::description::{CorpusDescription, Counts};
use crate::error::{Error, Result};
use crate::identity::IDENTITY_COLUMN;
use crate::maker::MAKERS_COLUMN;
use crate::records::{self, Records};

/// The name of the table in a corpus folder.
pub const ARTWORKS_FILE: &str = "artworks.csv";

/// The name of the description in a corpus folder.
pub const DESCRIPTION_FILE: &str = "corpus.toml";

/// The folder in a corpus of images that were fetched from their addresses.
const FETCHED_FOLDER: &str = "fetched";

/// A collection of artworks: a folder with `corpus.toml` and `artworks.csv`.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// What `corpus.toml` says.
    pub description: CorpusDescription,
    /// The artworks, in the table's order; ids are unique.
    pub artworks: Vec<Artwork>,
    /// The corpus folder.
    pub folder: PathBuf,
}

impl Corpus {
    /// Opens a corpus folder.
    ///
    /// # Errors
    /// A missing or damaged file; the first row that cannot be used, with its
    /// row and column.
    pub fn open(folder: &Path) -> Result<Self> {
        let (corpus, records) = Self::open_with_problems(folder)?;
        match records.problems.into_iter().next() {
            None => Ok(corpus),
            Some(problem) => Err(Error::Record(Box::new(problem))),
        }
    }

    /// Opens a corpus folder, leaving out rows that cannot be used. The second
    /// value holds the rows' numbers and the problems; its artworks moved into
    /// the corpus.
    ///
    /// # Errors
    /// A missing or damaged file.
    pub(crate) fn open_with_problems(folder: &Path) -> Result<(Self, Records)> {
        let description_path = folder.join(DESCRIPTION_FILE);
        if !description_path.exists() {
            return Err(Error::NotACorpus {
                folder: folder.to_path_buf(),
            });
        }
        let description = CorpusDescription::read(&description_path)?;
        let mut records = Records::read(&folder.join(ARTWORKS_FILE))?;
        let artworks = std::mem::take(&mut records.artworks);
        let corpus = Self {
            description,
            artworks,
            folder: folder.to_path_buf(),
        };
        Ok((corpus, records))
    }

    /// Writes both files, each through a temporary file, with the counts of
    /// `corpus.toml` brought up to date.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self) -> Result<()> {
        records::write(&self.folder.join(ARTWORKS_FILE), &self.artworks)?;
        let mut description = self.description.clone();
        description.counts = self.counts();
        description.write(&self.folder.join(DESCRIPTION_FILE))
    }

    /// Counts the artworks, and the images that are there.
    pub fn counts(&self) -> Counts {
        let root = self.image_root();
        let images = self.artworks.par_iter().filter(|artwork| {
            let image = artwork.image.as_ref();
            image.is_some_and(|image| root.join(image).is_file())
        });
        Counts {
            with_image: images.count(),
            ..Counts::of(&self.artworks)
        }
    }

    /// The files that it consists of: description, table, images.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let own = [DESCRIPTION_FILE, ARTWORKS_FILE].map(|name| self.folder.join(name));
        let images = self.artworks.iter();
        own.into_iter()
            .chain(images.filter_map(|artwork| self.image_path(artwork)))
    }

    /// The folder of the images.
    pub fn image_root(&self) -> PathBuf {
        self.folder.join(&self.description.image_root)
    }

    /// The folder of the images that were fetched from their addresses.
    pub fn fetched_root(&self) -> PathBuf {
        self.folder.join(FETCHED_FOLDER)
    }

    /// The file of an artwork's image, where it has one. That of an address is there once
    /// it was fetched.
    pub fn image_path(&self, artwork: &Artwork) -> Option<PathBuf> {
        let image = artwork.image.as_ref()?;
        Some(match artkg_files::is_address(image) {
            true => self
                .fetched_root()
                .join(artkg_files::file_of_address(image)),
            false => self.image_root().join(image),
        })
    }

    /// The artworks of one split.
    pub fn split(&self, split: Split) -> impl Iterator<Item = &Artwork> {
        self.artworks
            .iter()
            .filter(move |artwork| artwork.split == Some(split))
    }

    /// The columns of the artworks: those that every corpus has, in order, then the
    /// further ones by name.
    pub fn columns(&self) -> Vec<&str> {
        let works = self.artworks.iter();
        let further: BTreeSet<&str> = works
            .flat_map(|artwork| artwork.extra.keys())
            .map(String::as_str)
            .collect();
        COLUMNS.into_iter().chain(further).collect()
    }

    /// The columns whose classes a model may learn: the paper's four, and those further ones
    /// in which two values or more are classes. Columns that say more of other columns, and
    /// captions, are none of them.
    pub fn attributes(&self, minimum_count: usize) -> Vec<Attribute> {
        let own = [MAKERS_COLUMN, CAPTION_COLUMN, CAPTIONER_COLUMN];
        let is_own = |column: &str| {
            own.contains(&column)
                || YEAR_COLUMNS.contains(&column)
                || column.ends_with(IDENTITY_COLUMN)
        };
        let further = self.columns().into_iter().skip(COLUMNS.len());
        let further = further
            .filter(|column| !is_own(column))
            .filter_map(|column| Attribute::new(column).ok())
            .filter(|attribute| !Attribute::PAPER.contains(attribute))
            .filter(|attribute| {
                // The unknown class is one of them.
                self.vocabulary(*attribute, minimum_count).len() > 2
            });
        Attribute::PAPER.into_iter().chain(further).collect()
    }

    /// The classes of an attribute that occur in at least `minimum_count` training
    /// artworks.
    pub fn vocabulary(&self, attribute: Attribute, minimum_count: usize) -> Vocabulary {
        let works = self.split(Split::Train);
        let values = works.filter_map(|artwork| artwork.attribute(attribute));
        Vocabulary::build(attribute, values, minimum_count)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::problem::ProblemKind;

    fn corpus(folder: &Path) -> Corpus {
        let mut artwork = Artwork {
            id: "1".into(),
            title: Some("A \"quoted\",\ntitle; Dürer".into()),
            split: Some(Split::Validation),
            ..Artwork::default()
        };
        artwork.extra.insert("material".into(), "oil".into());
        Corpus {
            description: CorpusDescription::new("test", "images"),
            artworks: vec![
                artwork,
                Artwork {
                    id: "2".into(),
                    image: Some("a/b.jpg".into()),
                    ..Artwork::default()
                },
            ],
            folder: folder.to_path_buf(),
        }
    }

    #[test]
    fn saved_corpora_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let corpus = corpus(folder.path());
        corpus.save().unwrap();
        let opened = Corpus::open(folder.path()).unwrap();
        assert_eq!(opened.artworks, corpus.artworks);
        assert_eq!(opened.description.counts.validation, 1);
        assert_eq!(opened.description.counts.with_image, 0, "it is not there");
        let image = folder.path().join("images/a/b.jpg");
        artkg_files::write_bytes(&image, b"x").unwrap();
        opened.save().unwrap();
        let opened = Corpus::open(folder.path()).unwrap();
        assert_eq!(opened.description.counts.with_image, 1);
        let names = ["corpus.toml", "artworks.csv", "images/a/b.jpg"];
        let files: Vec<PathBuf> = opened.files().collect();
        assert_eq!(files, names.map(|name| folder.path().join(name)));
        assert_eq!(opened.split(Split::Validation).count(), 1);
        let columns = opened.columns();
        assert_eq!(columns[..COLUMNS.len()], COLUMNS);
        assert_eq!(columns[COLUMNS.len()..], ["material"]);
        assert_eq!(
            opened.image_path(&opened.artworks[1]),
            Some(folder.path().join("images/a/b.jpg"))
        );
    }

    #[test]
    fn bad_rows_are_named() {
        let folder = tempfile::tempdir().unwrap();
        corpus(folder.path()).save().unwrap();
        let path = folder.path().join(ARTWORKS_FILE);
        fs::write(
            &path,
            b"id,split,author\n1,train,D\xfcrer\n2,holdout,x\n3,train\n,test,\n4,,\n4,,\n",
        )
        .unwrap();
        let message = Corpus::open(folder.path()).unwrap_err().to_string();
        assert!(
            message.contains("artworks.csv, row 2, column author"),
            "{message}"
        );
        let (corpus, records) = Corpus::open_with_problems(folder.path()).unwrap();
        let found: Vec<_> = records
            .problems
            .iter()
            .map(|problem| (problem.kind, problem.row))
            .collect();
        assert_eq!(
            found,
            [
                (ProblemKind::BadEncoding, Some(2)),
                (ProblemKind::UnknownSplit, Some(3)),
                (ProblemKind::WrongCellCount, Some(4)),
                (ProblemKind::MissingId, Some(5)),
                (ProblemKind::DuplicateId, Some(7)),
            ]
        );
        assert_eq!(records.rows, [3, 6]);
        assert_eq!(corpus.artworks.len(), 2);
    }

    #[test]
    fn other_tables_and_formats_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let message = Corpus::open(folder.path()).unwrap_err().to_string();
        assert!(message.contains("no corpus here"), "{message}");
        corpus(folder.path()).save().unwrap();
        fs::write(folder.path().join(ARTWORKS_FILE), "name,author\n").unwrap();
        let message = Corpus::open(folder.path()).unwrap_err().to_string();
        assert!(
            message.contains("no column `id`, only name, author"),
            "{message}"
        );
        let path = folder.path().join(DESCRIPTION_FILE);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("format = 1", "format = 9")).unwrap();
        let message = Corpus::open(folder.path()).unwrap_err().to_string();
        assert!(message.contains("format 9"), "{message}");
    }
}
