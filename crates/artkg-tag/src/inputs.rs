use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use artkg_image::is_supported_extension;

use crate::error::{Error, Result};
use crate::run::caption_id;

/// The images to tag, in a fixed order without repetitions, and what was asked
/// for but is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Image files.
    pub images: Vec<PathBuf>,
    /// One sentence for each path that could not be used.
    pub problems: Vec<String>,
}

impl Inputs {
    /// The images with the ids under which tagging looks for their captions: their
    /// names without extension.
    ///
    /// # Errors
    /// When two images have one name.
    pub fn with_caption_ids(&self) -> Result<Vec<(String, PathBuf)>> {
        let mut items: Vec<(String, PathBuf)> = Vec::with_capacity(self.images.len());
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (position, image) in self.images.iter().enumerate() {
            let id = caption_id(image);
            if let Some(first) = known.insert(id, position) {
                return Err(Error::Usage(format!(
                    "{} and {} would have one caption, that of `{id}`; rename one of them",
                    self.images[first].display(),
                    image.display()
                )));
            }
            items.push((id.to_owned(), image.clone()));
        }
        Ok(items)
    }
}

/// Collects the image files among `paths`: files as they are, folders with
/// everything below them, sorted by name. Hidden files and folders and files
/// with other endings are passed over inside folders; a file that is named
/// outright is taken whatever its ending.
pub fn find_images(paths: &[PathBuf]) -> Inputs {
    let mut inputs = Inputs::default();
    for path in paths {
        if path.is_dir() {
            let before = inputs.images.len();
            walk(path, &mut inputs);
            if inputs.images.len() == before {
                inputs.problems.push(format!(
                    "{}: no images in this folder (JPEG, PNG, TIFF or WebP)",
                    path.display()
                ));
            }
        } else if path.is_file() {
            inputs.images.push(path.clone());
        } else {
            inputs
                .problems
                .push(format!("{}: no such file or folder", path.display()));
        }
    }
    let mut seen = HashSet::new();
    inputs.images.retain(|image| seen.insert(image.clone()));
    inputs
}

/// Reads paths from a text file, one per line; empty lines are skipped.
/// Relative paths start at the list's own folder.
///
/// # Errors
/// When the list cannot be read or holds no path.
pub fn read_list(list: &Path) -> Result<Vec<PathBuf>> {
    let folder = list.parent().unwrap_or(Path::new(""));
    let paths: Vec<PathBuf> = artkg_files::read_text(list)?
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| folder.join(line))
        .collect();
    if paths.is_empty() {
        return Err(Error::Usage(format!(
            "{}: the list is empty; write one image path a line",
            list.display()
        )));
    }
    Ok(paths)
}

/// Adds the images below `folder`. A folder that cannot be read is a problem,
/// not the end.
fn walk(folder: &Path, inputs: &mut Inputs) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            inputs
                .problems
                .push(format!("{}: {error}", folder.display()));
            return;
        }
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| !is_hidden(path))
        .collect();
    paths.sort();
    for path in paths {
        // A link to a folder could lead in a circle; a link to a file cannot.
        let linked = path.is_symlink();
        if path.is_dir() {
            if !linked {
                walk(&path, inputs);
            }
        } else if is_supported_extension(&path) {
            inputs.images.push(path);
        }
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_walked_in_order_and_each_image_comes_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in [
            "b/2.JPG",
            "b/1.png",
            "a.tif",
            "notes.txt",
            ".hidden/x.jpg",
            "b/.y.jpg",
        ] {
            artkg_files::write_bytes(&root.join(name), b"x").unwrap();
        }
        let inputs = find_images(&[
            root.to_path_buf(),
            root.join("a.tif"),
            root.join("notes.txt"),
        ]);
        let expected = ["a.tif", "b/1.png", "b/2.JPG", "notes.txt"].map(|name| root.join(name));
        assert_eq!(inputs.images, expected);
        assert!(inputs.problems.is_empty());
    }

    #[test]
    fn what_is_missing_or_empty_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let inputs = find_images(&[folder.path().to_path_buf(), folder.path().join("gone.jpg")]);
        assert!(inputs.images.is_empty());
        assert!(
            inputs.problems[0].contains("no images"),
            "{:?}",
            inputs.problems
        );
        assert!(
            inputs.problems[1].contains("gone.jpg: no such file"),
            "{:?}",
            inputs.problems
        );
    }

    #[test]
    fn captions_go_by_names_without_extension() {
        let inputs = |images: &[&str]| Inputs {
            images: images.iter().map(PathBuf::from).collect(),
            problems: Vec::new(),
        };
        let items = inputs(&["a/1.jpg", "b/2.v2.png"])
            .with_caption_ids()
            .unwrap();
        let ids: Vec<&str> = items.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["1", "2.v2"]);
        assert_eq!(items[1].1, Path::new("b/2.v2.png"));
        let message = inputs(&["a/1.jpg", "b/1.png"])
            .with_caption_ids()
            .unwrap_err()
            .to_string();
        assert!(message.contains("a/1.jpg and b/1.png"), "{message}");
    }

    #[test]
    fn lists_start_at_their_own_folder() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list.txt");
        artkg_files::write_bytes(&list, b"one.jpg\r\n\n /two.jpg\n").unwrap();
        assert_eq!(
            read_list(&list).unwrap(),
            [folder.path().join("one.jpg"), PathBuf::from("/two.jpg")]
        );
        artkg_files::write_bytes(&list, b"\n").unwrap();
        assert!(read_list(&list).is_err());
    }
}
