//! The artworks that images show.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use artkg_tag::Subject;

use crate::commands::known::Known;

/// The artworks of a corpus by their images.
pub(crate) struct Objects {
    /// The corpus's name.
    pub(crate) name: String,
    /// The files that the corpus is read from.
    pub(crate) files: Vec<PathBuf>,
    /// What tells these artworks and images from others.
    pub(crate) fingerprint: String,
    /// The images that artworks name, in the corpus's order.
    pub(crate) images: Vec<PathBuf>,
    /// Artworks that name no image.
    pub(crate) without_image: usize,
    /// Artworks whose image an earlier one has named, in words.
    pub(crate) repeated: Vec<String>,
    /// What the corpus knows of them.
    pub(crate) known: Known,
    ids: HashMap<PathBuf, String>,
}

impl Objects {
    /// The artworks of `corpus`.
    #[cfg(feature = "collections")]
    pub(crate) fn of(corpus: &artkg_corpus::Corpus) -> Self {
        use artkg_corpus::{ARTWORKS_FILE, DESCRIPTION_FILE};
        let mut fingerprint = artkg_files::fingerprint::Fingerprint::new("objects", 1);
        let mut objects = Self {
            name: corpus.description.name.clone(),
            files: [ARTWORKS_FILE, DESCRIPTION_FILE]
                .map(|name| corpus.folder.join(name))
                .to_vec(),
            fingerprint: String::new(),
            images: Vec::new(),
            without_image: 0,
            repeated: Vec::new(),
            known: Known::of(corpus),
            ids: HashMap::new(),
        };
        for artwork in &corpus.artworks {
            let Some(path) = corpus.image_path(artwork) else {
                objects.without_image += 1;
                continue;
            };
            fingerprint.text(&artwork.id).text(&path.to_string_lossy());
            match objects.ids.get(&exact(&path)) {
                Some(first) => objects.repeated.push(format!(
                    "{}: artwork {} names it too; its tags have the id of {first}",
                    path.display(),
                    artwork.id
                )),
                None => {
                    objects.ids.insert(exact(&path), artwork.id.clone());
                    objects.images.push(path);
                }
            }
        }
        objects.fingerprint = fingerprint.finish();
        objects
    }

    /// The images with the ids of their artworks.
    pub(crate) fn subjects(&self, images: Vec<PathBuf>) -> Vec<Subject> {
        let subject = |image: PathBuf| Subject {
            id: self.ids.get(&exact(&image)).cloned(),
            file: image.clone(),
            image,
        };
        images.into_iter().map(subject).collect()
    }
}

/// The one path of a file, whichever leads to it.
fn exact(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(all(test, feature = "collections"))]
mod tests {
    use artkg_corpus::{Artwork, Corpus, CorpusDescription};

    use super::*;

    #[test]
    fn images_find_their_artworks_whatever_path_leads_there() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["images/a.jpg", "images/b.jpg", "elsewhere/c.jpg"] {
            artkg_files::write_bytes(&root.join(name), b"x").unwrap();
        }
        let artwork = |id: &str, image: Option<&str>| Artwork {
            id: id.into(),
            image: image.map(str::to_owned),
            ..Artwork::default()
        };
        let corpus = Corpus {
            description: CorpusDescription::new("test", "images"),
            artworks: vec![
                artwork("1", Some("a.jpg")),
                artwork("2", None),
                artwork("3", Some("../images/a.jpg")),
                artwork("4", Some("gone.jpg")),
            ],
            folder: root.to_path_buf(),
        };
        let objects = Objects::of(&corpus);
        assert_eq!(objects.without_image, 1);
        assert_eq!(objects.images.len(), 2);
        assert_eq!(objects.repeated.len(), 1);
        assert!(objects.repeated[0].contains("artwork 3"));
        let paths = ["elsewhere/../images/a.jpg", "images/b.jpg"].map(|name| root.join(name));
        let subjects = objects.subjects(paths.to_vec());
        let ids: Vec<Option<&str>> = subjects.iter().map(|one| one.id.as_deref()).collect();
        assert_eq!(ids, [Some("1"), None]);
        assert_eq!(subjects[0].image, paths[0]);
    }
}
