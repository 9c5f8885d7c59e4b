//! The images of a folder, found by the names that a table gives them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use crate::error::Result;

/// The image files below a folder.
pub(crate) struct ImageIndex {
    /// Names relative to the folder, with `/` between folders, sorted.
    names: Vec<String>,
    used: Vec<bool>,
    exact: HashMap<String, usize>,
    /// By name without regard to case and Unicode form; with the extension,
    /// without it, and in both cases also without the folders.
    loose: HashMap<String, Vec<usize>>,
}

/// How an image was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The name is the file's.
    Exactly(String),
    /// The name differs in case, Unicode form, folder or extension.
    Nearly(String),
    /// No file has the name.
    Nowhere,
    /// Several files nearly have the name.
    Ambiguous(Vec<String>),
}

impl ImageIndex {
    /// Lists the image files below `root`, by their extensions.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub(crate) fn scan(root: &Path) -> Result<Self> {
        let mut names = Vec::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let path = root.join(&folder);
            let failed = |source| artkg_files::Error::new("list", &path, source);
            for entry in fs::read_dir(&path).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let relative = folder.join(entry.file_name());
                // Follows links, so that linked image folders work; a link to
                // nowhere is no image.
                let Ok(metadata) = fs::metadata(entry.path()) else {
                    continue;
                };
                if metadata.is_dir() {
                    let loops = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                    if !loops {
                        folders.push(relative);
                    }
                } else if artkg_image::is_supported_extension(&relative)
                    && let Some(name) = slashed(&relative)
                {
                    names.push(name);
                }
            }
        }
        names.sort_unstable();
        Ok(Self::new(names))
    }

    fn new(names: Vec<String>) -> Self {
        let mut exact = HashMap::with_capacity(names.len());
        let mut loose: HashMap<String, Vec<usize>> = HashMap::with_capacity(2 * names.len());
        for (index, name) in names.iter().enumerate() {
            exact.insert(name.clone(), index);
            for key in keys(name) {
                let found = loose.entry(key).or_default();
                if found.last() != Some(&index) {
                    found.push(index);
                }
            }
        }
        Self {
            used: vec![false; names.len()],
            names,
            exact,
            loose,
        }
    }

    /// The number of images.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Finds the file that a table calls `name`, and notes that it is used.
    pub(crate) fn find(&mut self, name: &str) -> Found {
        let plain = name.replace('\\', "/");
        let plain = plain.strip_prefix("./").unwrap_or(&plain);
        if let Some(&index) = self.exact.get(plain) {
            self.used[index] = true;
            return Found::Exactly(self.names[index].clone());
        }
        match self.loose.get(&folded(plain)).map(Vec::as_slice) {
            None => Found::Nowhere,
            Some(&[index]) => {
                self.used[index] = true;
                Found::Nearly(self.names[index].clone())
            }
            Some(several) => Found::Ambiguous(
                several
                    .iter()
                    .map(|index| self.names[*index].clone())
                    .collect(),
            ),
        }
    }

    /// The images that nothing named so far.
    pub(crate) fn unused(&self) -> impl Iterator<Item = &str> {
        self.names
            .iter()
            .zip(&self.used)
            .filter(|(_, used)| !**used)
            .map(|(name, _)| name.as_str())
    }
}

/// The keys under which a file is nearly found.
fn keys(name: &str) -> Vec<String> {
    let name = folded(name);
    let file = name.rsplit('/').next().unwrap_or_default();
    let stem = |text: &str| {
        text.rsplit_once('.')
            .map_or_else(|| text.to_owned(), |(stem, _)| stem.to_owned())
    };
    let mut keys = vec![stem(&name), stem(file), file.to_owned(), name.clone()];
    keys.dedup();
    keys
}

/// Lower case in Unicode normal form C.
fn folded(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// A relative path with `/` between its parts; `None` where it is not Unicode.
fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_with_care() {
        let names = ["A/one.jpg", "Du\u{308}rer.PNG", "x/same.jpg", "y/same.jpg"];
        let mut index = ImageIndex::new(names.map(str::to_owned).to_vec());
        for (name, found) in [
            ("A/one.jpg", Found::Exactly("A/one.jpg".into())),
            ("A\\one.jpg", Found::Exactly("A/one.jpg".into())),
            ("a/ONE.JPG", Found::Nearly("A/one.jpg".into())),
            ("one", Found::Nearly("A/one.jpg".into())),
            ("d\u{fc}rer.png", Found::Nearly("Du\u{308}rer.PNG".into())),
            ("two.jpg", Found::Nowhere),
            (
                "same.jpg",
                Found::Ambiguous(vec!["x/same.jpg".into(), "y/same.jpg".into()]),
            ),
            ("x/same.jpg", Found::Exactly("x/same.jpg".into())),
        ] {
            assert_eq!(index.find(name), found, "{name}");
        }
        assert_eq!(index.unused().collect::<Vec<_>>(), ["y/same.jpg"]);
    }

    #[test]
    fn folders_are_searched() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        for name in ["a/b/1.jpg", "2.tiff", "notes.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let index = ImageIndex::scan(folder.path()).unwrap();
        assert_eq!(index.len(), 2);
        assert_eq!(index.unused().collect::<Vec<_>>(), ["2.tiff", "a/b/1.jpg"]);
        assert!(ImageIndex::scan(&folder.path().join("none")).is_err());
    }
}
