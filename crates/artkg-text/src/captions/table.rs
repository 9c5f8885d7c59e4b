use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use artkg_files::table::read_cell;

use crate::error::{Error, Result};

/// The columns of a captions file.
pub(super) const COLUMNS: [&str; 3] = ["id", "caption", "captioner"];
/// What stands for the captioner where a file does not say.
const NOT_NAMED: &str = "not named";

/// The captions of artworks' images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captions {
    captions: Vec<Caption>,
    positions: HashMap<String, usize>,
    captioners: BTreeSet<String>,
}

/// The caption of one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// The artwork's id.
    pub id: String,
    /// The caption.
    pub text: String,
}

impl Captions {
    /// Captions that `captioner` made; empty ones are left out.
    ///
    /// # Errors
    /// [`Error::TwoCaptions`] when two have one id.
    pub fn new(captioner: &str, captions: impl IntoIterator<Item = Caption>) -> Result<Self> {
        let mut made = Self::default();
        for caption in captions {
            if let Err(caption) = made.insert(caption, captioner) {
                return Err(Error::TwoCaptions(caption.id));
            }
        }
        Ok(made)
    }

    /// Reads a captions file: CSV with a header that has `id` and `caption`, and
    /// `captioner` where the file says what made them; other columns are passed
    /// over, and so are rows without a caption.
    ///
    /// # Errors
    /// A file that cannot be read or is no CSV, a header without `id` or
    /// `caption`, a row without an id, or an id that comes twice; with the row.
    pub fn read(path: &Path) -> Result<Self> {
        let text = artkg_files::read_text(path)?;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().map_err(Error::csv(path))?.clone();
        let column = |name: &str| header.iter().position(|column| column.trim() == name);
        let required = |name: &'static str| {
            column(name).ok_or_else(|| Error::NoColumn {
                path: path.to_path_buf(),
                column: name,
                found: header.iter().map(str::to_owned).collect(),
            })
        };
        let (id, caption) = (required("id")?, required("caption")?);
        let captioner = column("captioner");
        let mut captions = Self::default();
        for (row, record) in (2..).zip(reader.records()) {
            let record = record.map_err(Error::csv(path))?;
            let cell = |column: usize| read_cell(record.get(column).unwrap_or_default()).trim();
            if cell(id).is_empty() {
                return Err(Error::EmptyId {
                    path: path.to_path_buf(),
                    row,
                });
            }
            let caption = Caption {
                id: cell(id).to_owned(),
                text: cell(caption).to_owned(),
            };
            let captioner = captioner.map_or("", cell);
            if let Err(caption) = captions.insert(caption, captioner) {
                return Err(Error::RepeatedId {
                    path: path.to_path_buf(),
                    row,
                    id: caption.id,
                });
            }
        }
        Ok(captions)
    }

    /// Adds a caption unless it is empty; returns it if its id is already present.
    fn insert(&mut self, caption: Caption, captioner: &str) -> std::result::Result<(), Caption> {
        if self.positions.contains_key(&caption.id) {
            return Err(caption);
        }
        if !caption.text.is_empty() {
            let captioner = match captioner {
                "" => NOT_NAMED,
                named => named,
            };
            if !self.captioners.contains(captioner) {
                self.captioners.insert(captioner.to_owned());
            }
            self.positions
                .insert(caption.id.clone(), self.captions.len());
            self.captions.push(caption);
        }
        Ok(())
    }

    /// Refuses captions of artworks that the corpus lacks; `is_known` tells its ids.
    ///
    /// # Errors
    /// [`Error::UnknownArtworks`] naming `path`, the first such id and their number.
    pub fn require_known(&self, path: &Path, is_known: impl Fn(&str) -> bool) -> Result<()> {
        let unknown = || {
            self.captions
                .iter()
                .filter(|caption| !is_known(&caption.id))
        };
        let Some(first) = unknown().next() else {
            return Ok(());
        };
        Err(Error::UnknownArtworks {
            path: path.to_path_buf(),
            first: first.id.clone(),
            unknown: unknown().count(),
            all: self.len(),
        })
    }

    /// What made the captions: one captioner, or several joined by `; `.
    pub fn captioner(&self) -> String {
        let captioners: Vec<&str> = self.captioners.iter().map(String::as_str).collect();
        captioners.join("; ")
    }

    /// The caption of an artwork.
    pub fn get(&self, id: &str) -> Option<&str> {
        let position = *self.positions.get(id)?;
        Some(&self.captions[position].text)
    }

    /// The captions, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = &Caption> {
        self.captions.iter()
    }

    /// The number of captions.
    pub fn len(&self) -> usize {
        self.captions.len()
    }

    /// Whether there is no caption.
    pub fn is_empty(&self) -> bool {
        self.captions.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Captions> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("captions.csv");
        artkg_files::write_bytes(&path, text.as_bytes()).unwrap();
        Captions::read(&path)
    }

    #[test]
    fn columns_are_found_by_name_and_empty_captions_passed_over() {
        let captions = read(
            "\u{feff}caption,x,id,captioner\n\"a ship, \nat sea\",1,b.jpg,blip\n,2,c.jpg,blip\n\
             a tower,3,a.jpg,imagenet-words\n",
        )
        .unwrap();
        assert_eq!(captions.len(), 2);
        assert_eq!(captions.get("b.jpg"), Some("a ship, \nat sea"));
        assert_eq!(captions.get("c.jpg"), None);
        assert_eq!(captions.captioner(), "blip; imagenet-words");
        let ids: Vec<&str> = captions.iter().map(|caption| caption.id.as_str()).collect();
        assert_eq!(ids, ["b.jpg", "a.jpg"]);
    }

    #[test]
    fn a_file_without_captioner_is_not_named() {
        let captions = read("id,caption\n1,a ship\n").unwrap();
        assert_eq!(captions.captioner(), "not named");
        assert_eq!(read("id,caption\n").unwrap().captioner(), "");
    }

    #[test]
    fn errors_name_file_row_and_value() {
        for (text, expected) in [
            ("id,text\n1,a\n", "no column `caption`, only id, text"),
            ("", "no column `id`"),
            ("id,caption\n1,a\n 1 ,b\n", "row 3: the id `1` came already"),
            ("id,caption\n,a\n", "row 2: the id is empty"),
            ("id,caption\n1,a,b\n", "captions.csv"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
            assert!(message.contains("captions.csv"), "{message}");
        }
    }

    #[test]
    fn captions_of_another_corpus_are_refused() {
        let captions = read("id,caption\n1,a\n2,b\n3,c\n").unwrap();
        let path = Path::new("captions.csv");
        captions.require_known(path, |_| true).unwrap();
        let message = captions
            .require_known(path, |id| id == "1")
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("no artwork `2`, nor 1 of the other 2 here"),
            "{message}"
        );
        let says = |known: &[&str]| {
            let refused = captions.require_known(path, |id| known.contains(&id));
            refused.unwrap_err().to_string()
        };
        assert!(says(&[]).contains("no artwork `1`, nor any other here;"));
        assert!(says(&["1", "2"]).contains("no artwork `3`, but all others here;"));
        let one = read("id,caption\n1,a\n").unwrap();
        let message = one.require_known(path, |_| false).unwrap_err().to_string();
        assert!(message.contains("no artwork `1`; were these"), "{message}");
    }

    #[test]
    fn captions_made_here_have_one_id_each() {
        let caption = |id: &str| Caption {
            id: id.to_owned(),
            text: "a ship".to_owned(),
        };
        let captions = Captions::new("blip", [caption("1"), caption("2")]).unwrap();
        assert_eq!(captions.captioner(), "blip");
        assert!(Captions::new("blip", [caption("1"), caption("1")]).is_err());
    }
}
