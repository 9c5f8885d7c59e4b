//! The images of a folder, found by the names that a table gives them.

mod numbers;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use crate::error::Result;

pub(super) use numbers::Numbered;

/// Endings of what is no picture that is read, but shows one.
const DOCUMENT_EXTENSIONS: [&str; 2] = ["svg", "pdf"];

/// The image files below a folder.
pub(crate) struct ImageIndex {
    /// Names relative to the folder, with `/` between folders, sorted.
    names: Vec<String>,
    used: Vec<bool>,
    exact: HashMap<String, usize>,
    /// By the ends of their paths, without regard to case and Unicode form; with
    /// the extension and without it.
    loose: HashMap<String, Vec<usize>>,
    /// Pictures in formats that are not read, likewise.
    unread: HashMap<String, String>,
    /// Folders that could not be listed, and why.
    pub(crate) unlisted: Vec<(PathBuf, io::Error)>,
}

/// How an image was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The name is the file's.
    Exactly(String),
    /// The end of the path is the file's name.
    ByEnd(String),
    /// The name differs in case, Unicode form, folder or extension.
    Nearly(String),
    /// There is such a picture, in a format that is not read.
    Unread(String),
    /// No file has the name.
    Nowhere,
    /// Several files nearly have the name.
    Ambiguous(Vec<String>),
}

impl ImageIndex {
    /// Lists the image files below `root`, by their extensions. Folders within it
    /// that cannot be listed are noted in [`ImageIndex::unlisted`].
    ///
    /// # Errors
    /// `root` itself cannot be listed.
    pub(crate) fn scan(root: &Path) -> Result<Self> {
        Self::scan_with(root, &|path| fs::read_dir(path))
    }

    fn scan_with(root: &Path, list: &dyn Fn(&Path) -> io::Result<fs::ReadDir>) -> Result<Self> {
        let (mut names, mut unread, mut unlisted) = (Vec::new(), Vec::new(), Vec::new());
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let path = root.join(&folder);
            let entries = list(&path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let entries = match entries {
                Ok(entries) => entries,
                Err(source) if folder.as_os_str().is_empty() => {
                    return Err(artkg_files::Error::new("list", &path, source).into());
                }
                Err(source) => {
                    unlisted.push((path, source));
                    continue;
                }
            };
            for entry in entries {
                let relative = folder.join(entry.file_name());
                // A link to nowhere is no image.
                let Ok(metadata) = fs::metadata(entry.path()) else {
                    continue;
                };
                if metadata.is_dir() {
                    let loops = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                    if !loops {
                        folders.push(relative);
                    }
                } else if let Some(name) = slashed(&relative) {
                    if artkg_image::is_supported_extension(&relative) {
                        names.push(name);
                    } else if is_unread(&name) {
                        unread.push(name);
                    }
                }
            }
        }
        names.sort_unstable();
        let mut index = Self::new(names);
        for name in unread {
            for key in keys(&name) {
                index.unread.insert(key, name.clone());
            }
        }
        index.unlisted = unlisted;
        Ok(index)
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
            unread: HashMap::new(),
            unlisted: Vec::new(),
        }
    }

    /// The number of images.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Finds the file that a table calls `name`, and notes that it is used.
    ///
    /// Whatever stands before the file's own path does not matter: other folders,
    /// a drive (`C:\photos\x.png`), an address (`https://example.org/x.png`).
    pub(crate) fn find(&mut self, name: &str) -> Found {
        let plain = plain_path(name);
        if let Some(&index) = self.exact.get(&*plain) {
            self.used[index] = true;
            return Found::Exactly(self.names[index].clone());
        }
        let mut end = Some(&*plain);
        while let Some(path) = end {
            let key = folded(path);
            if let Some(found) = self.loose.get(&key) {
                let &[index] = found.as_slice() else {
                    let names = found.iter().map(|index| self.names[*index].clone());
                    return Found::Ambiguous(names.collect());
                };
                self.used[index] = true;
                let file = self.names[index].clone();
                let is_end = path.len() < plain.len()
                    && (file == path || file.ends_with(&format!("/{path}")));
                return match is_end {
                    true => Found::ByEnd(file),
                    false => Found::Nearly(file),
                };
            }
            if let Some(file) = self.unread.get(&key) {
                return Found::Unread(file.clone());
            }
            end = path.split_once('/').map(|(_, rest)| rest);
        }
        Found::Nowhere
    }

    /// A picture called by a number, in a format that is not read.
    pub(super) fn unread(&self, number: &str) -> Option<&str> {
        self.unread.get(&folded(number)).map(String::as_str)
    }

    /// Gives artworks the unused images that their numbers name, and notes that
    /// these are used; see [`Numbered`].
    pub(super) fn match_numbers(&mut self, numbers: &[Vec<String>]) -> Vec<Numbered> {
        let free: Vec<usize> = (0..self.len()).filter(|index| !self.used[*index]).collect();
        let names: Vec<&str> = free
            .iter()
            .map(|index| self.names[*index].as_str())
            .collect();
        let (matched, taken) = numbers::matched(&names, numbers);
        for place in taken {
            self.used[free[place]] = true;
        }
        matched
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

fn is_unread(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        let mut documents = DOCUMENT_EXTENSIONS.iter();
        artkg_image::is_other_picture_extension(Path::new(name))
            || documents.any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// A name as a path with `/` between its parts, without `./`, a drive or the
/// host and the question of an address.
fn plain_path(name: &str) -> Cow<'_, str> {
    let name = name.trim();
    if let Some((scheme, address)) = name.split_once("://")
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let path = path.split_once('/').map_or(path, |(_, path)| path);
        return percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    }
    let plain = match name.contains('\\') {
        true => Cow::Owned(name.replace('\\', "/")),
        false => Cow::Borrowed(name),
    };
    let start = match plain.as_bytes() {
        [letter, b':', b'/', ..] if letter.is_ascii_alphabetic() => 3,
        [b'.', b'/', ..] => 2,
        _ => plain.len() - plain.trim_start_matches('/').len(),
    };
    match plain {
        Cow::Borrowed(path) => Cow::Borrowed(&path[start..]),
        Cow::Owned(path) => Cow::Owned(path[start..].to_owned()),
    }
}

/// The keys under which a file is nearly found: each end of its path, with and
/// without the extension.
fn keys(name: &str) -> Vec<String> {
    let name = folded(name);
    let mut keys = Vec::new();
    let mut end = Some(name.as_str());
    while let Some(path) = end {
        keys.push(path.to_owned());
        let file = path.rfind('/').map_or(0, |slash| slash + 1);
        if let Some(dot) = path[file..].rfind('.').filter(|dot| *dot > 0) {
            keys.push(path[..file + dot].to_owned());
        }
        end = path.split_once('/').map(|(_, rest)| rest);
    }
    keys
}

/// Lower case in Unicode normal form C.
fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
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
    fn paths_are_matched_by_their_end() {
        let names = ["A/one.jpg", "X.PNG", "naïve café.jpg"];
        let mut index = ImageIndex::new(names.map(str::to_owned).to_vec());
        for (name, found) in [
            ("C:\\photos\\X.PNG", Found::ByEnd("X.PNG".into())),
            ("C:\\X.PNG", Found::Exactly("X.PNG".into())),
            ("C:\\photos\\x.png", Found::Nearly("X.PNG".into())),
            ("/mnt/shared/A/one.jpg", Found::ByEnd("A/one.jpg".into())),
            ("\\\\server\\one.jpg", Found::ByEnd("A/one.jpg".into())),
            (
                "https://example.org/media/A/one.jpg?width=200",
                Found::ByEnd("A/one.jpg".into()),
            ),
            (
                "https://example.org/na%C3%AFve%20caf%C3%A9.jpg",
                Found::Exactly("naïve café.jpg".into()),
            ),
            ("photos/two.jpg", Found::Nowhere),
        ] {
            assert_eq!(index.find(name), found, "{name}");
        }
    }

    #[test]
    fn folders_are_searched() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        for name in ["a/b/1.jpg", "2.tiff", "notes.txt", "a/3.AVIF"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let mut index = ImageIndex::scan(folder.path()).unwrap();
        assert_eq!(index.len(), 2);
        assert_eq!(index.unused().collect::<Vec<_>>(), ["2.tiff", "a/b/1.jpg"]);
        assert_eq!(index.find("3.avif"), Found::Unread("a/3.AVIF".into()));
        assert_eq!(index.unread("3"), Some("a/3.AVIF"));
        assert!(ImageIndex::scan(&folder.path().join("none")).is_err());
    }

    #[test]
    fn a_folder_that_cannot_be_listed_does_not_end_the_search() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["closed", "open"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("1.jpg"), "").unwrap();
        }
        let closed = folder.path().join("closed");
        let list = |path: &Path| match path == closed {
            true => Err(io::ErrorKind::PermissionDenied.into()),
            false => fs::read_dir(path),
        };
        let index = ImageIndex::scan_with(folder.path(), &list).unwrap();
        assert_eq!(index.unused().collect::<Vec<_>>(), ["open/1.jpg"]);
        assert_eq!(index.unlisted.len(), 1);
        assert_eq!(index.unlisted[0].0, closed);
    }
}
