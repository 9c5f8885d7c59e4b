use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use artkg_files::{exact_name, is_address};
use artkg_image::{is_other_picture_extension, is_supported_extension, read_formats};

use crate::error::{Error, Result};
use crate::run::caption_id;

/// The images to tag, in a fixed order without repetitions, and what was asked
/// for but is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Image files.
    pub images: Vec<PathBuf>,
    /// The paths that could not be used.
    pub problems: Vec<Problem>,
}

/// Why a path could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing is there.
    #[error("{}: no such file or folder", exact_name(.0))]
    Missing(PathBuf),
    /// An address that is not fetched.
    #[error(
        "{}: only addresses of http and https are fetched; fetch it by other means, and name the \
         file",
        exact_name(.0)
    )]
    OtherAddress(PathBuf),
    /// A pipe or a device.
    #[error("{}: a pipe or a device, no file", exact_name(.0))]
    NotRegular(PathBuf),
    /// A folder without images.
    #[error("{}: no images in this folder ({})", exact_name(.0), read_formats())]
    NoImages(PathBuf),
    /// A picture that is not read, by its name.
    #[error(
        "{}: pictures of this format are not read; convert it to JPEG or PNG",
        exact_name(.0)
    )]
    OtherFormat(PathBuf),
    /// A folder that cannot be read.
    #[error("{}: {reason}", exact_name(path))]
    Unreadable {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
}

impl Problem {
    /// The path.
    pub fn path(&self) -> &Path {
        match self {
            Self::Missing(path)
            | Self::OtherAddress(path)
            | Self::NotRegular(path)
            | Self::NoImages(path)
            | Self::OtherFormat(path)
            | Self::Unreadable { path, .. } => path,
        }
    }
}

/// A list of paths, and where in it each stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// The file, or `-` for the standard input.
    pub file: PathBuf,
    /// The number of each line that names something, and what it names.
    pub lines: Vec<(usize, PathBuf)>,
}

impl List {
    /// What the lines name, in their order.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.lines.iter().map(|(_, path)| path)
    }

    /// The number of the first line that names `path`; the first is 1.
    pub fn line_of(&self, path: &Path) -> Option<usize> {
        let mut lines = self.lines.iter();
        lines
            .find(|(_, named)| named == path)
            .map(|(number, _)| *number)
    }
}

impl Inputs {
    /// The images with the ids under which tagging looks for their captions: their
    /// names without extension.
    ///
    /// # Errors
    /// When two images have one name.
    pub fn with_caption_ids(&self) -> Result<Vec<(String, PathBuf)>> {
        let mut items: Vec<(String, PathBuf)> = Vec::with_capacity(self.images.len());
        let mut known: HashMap<String, usize> = HashMap::new();
        for (position, image) in self.images.iter().enumerate() {
            let id = caption_id(image);
            if let Some(first) = known.insert(id.clone(), position) {
                return Err(Error::OneCaption {
                    first: self.images[first].clone(),
                    second: image.clone(),
                    id,
                });
            }
            items.push((id, image.clone()));
        }
        Ok(items)
    }
}

/// Collects the image files among `paths`: files as they are, folders with
/// everything below them, sorted by name. Inside folders hidden files and folders are
/// passed over, and so are files with other endings unless these are those of pictures;
/// a file that is named outright is taken whatever its ending.
pub fn find_images(paths: &[PathBuf]) -> Inputs {
    let mut inputs = Inputs::default();
    for path in paths {
        if path.is_dir() {
            let before = inputs.images.len();
            walk(path, &mut inputs);
            if inputs.images.len() == before {
                inputs.problems.push(Problem::NoImages(path.clone()));
            }
        } else if path.is_file() {
            inputs.images.push(path.clone());
        } else if path.exists() {
            inputs.problems.push(Problem::NotRegular(path.clone()));
        } else if path.to_string_lossy().contains("://") {
            inputs.problems.push(Problem::OtherAddress(path.clone()));
        } else {
            inputs.problems.push(Problem::Missing(path.clone()));
        }
    }
    let mut seen = HashSet::new();
    inputs.images.retain(|image| seen.insert(image.clone()));
    inputs
}

/// Reads paths from a text file, one per line, or from the standard input where the list
/// is called `-`; empty lines are skipped. Relative paths start at the list's own folder,
/// those of the standard input at the current one; addresses of the web stay as they are.
///
/// # Errors
/// When the list cannot be read or holds no path.
pub fn read_list(list: &Path) -> Result<List> {
    let folder = list.parent().unwrap_or(Path::new(""));
    let mut bytes = Vec::new();
    match list == Path::new("-") {
        true => {
            let read = std::io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|source| artkg_files::Error::new("read", list, source))?;
        }
        false => bytes = artkg_files::read_bytes(list)?,
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let lines = (1..)
        .zip(lines)
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| match std::str::from_utf8(line) {
            Ok(text) if is_address(text) => Ok((number, PathBuf::from(text))),
            _ => Ok((number, folder.join(path_of(line, list)?))),
        })
        .collect::<Result<Vec<_>>>()?;
    if lines.is_empty() {
        return Err(Error::EmptyList(list.to_path_buf()));
    }
    Ok(List {
        file: list.to_path_buf(),
        lines,
    })
}

/// The path that a line of a list names, whatever its bytes.
#[cfg(unix)]
fn path_of(line: &[u8], _list: &Path) -> Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Ok(PathBuf::from(std::ffi::OsStr::from_bytes(line)))
}

/// The path that a line of a list names; names are texts here.
#[cfg(not(unix))]
fn path_of(line: &[u8], list: &Path) -> Result<PathBuf> {
    match std::str::from_utf8(line) {
        Ok(text) => Ok(PathBuf::from(text)),
        Err(error) => {
            let error = std::io::Error::new(std::io::ErrorKind::InvalidData, error);
            Err(artkg_files::Error::new("read", list, error).into())
        }
    }
}

/// Adds the images below `folder`. A folder that cannot be read is a problem,
/// not the end.
fn walk(folder: &Path, inputs: &mut Inputs) {
    let listed =
        fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths: Vec<PathBuf> = match listed {
        Ok(paths) => paths,
        Err(error) => {
            inputs.problems.push(Problem::Unreadable {
                path: folder.to_path_buf(),
                reason: error.to_string(),
            });
            return;
        }
    };
    paths.retain(|path| !is_hidden(path));
    paths.sort();
    for path in paths {
        // A link to a folder could lead in a circle; a link to a file cannot.
        let linked = path.is_symlink();
        if path.is_dir() {
            if !linked {
                walk(&path, inputs);
            }
        } else if is_other_picture_extension(&path) {
            inputs.problems.push(Problem::OtherFormat(path));
        } else if is_supported_extension(&path) {
            match path.is_file() {
                true => inputs.images.push(path),
                false if path.exists() => inputs.problems.push(Problem::NotRegular(path)),
                // A link that leads nowhere.
                false => inputs.problems.push(Problem::Missing(path)),
            }
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
        let inputs = find_images(&[
            folder.path().to_path_buf(),
            folder.path().join("gone.jpg"),
            "s3://bucket/a.jpg".into(),
        ]);
        assert!(inputs.images.is_empty());
        let problems: Vec<String> = inputs.problems.iter().map(Problem::to_string).collect();
        assert!(problems[0].contains("no images"), "{problems:?}");
        assert!(
            problems[1].contains("gone.jpg: no such file"),
            "{problems:?}"
        );
        assert!(
            problems[2].starts_with("s3://bucket/a.jpg: only addresses of http"),
            "{problems:?}"
        );
    }

    #[test]
    fn pictures_that_are_not_read_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["a.jpg", "b.AVIF", "c/d.heic", "e.pdf"] {
            artkg_files::write_bytes(&root.join(name), b"x").unwrap();
        }
        let inputs = find_images(&[root.to_path_buf()]);
        assert_eq!(inputs.images, [root.join("a.jpg")]);
        let expected = ["b.AVIF", "c/d.heic"].map(|name| Problem::OtherFormat(root.join(name)));
        assert_eq!(inputs.problems, expected);
    }

    #[cfg(unix)]
    #[test]
    fn only_files_are_taken_and_names_need_not_be_text() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let names =
            [&b"caf\xe8.jpg"[..], b"caf\xe9.jpg"].map(|name| root.join(OsStr::from_bytes(name)));
        for name in &names {
            artkg_files::write_bytes(name, b"x").unwrap();
        }
        symlink("/dev/null", root.join("device.jpg")).unwrap();
        symlink(root.join("nowhere"), root.join("lost.png")).unwrap();
        let inputs = find_images(&[root.to_path_buf()]);
        assert_eq!(inputs.images, names);
        assert_eq!(
            inputs.problems,
            [
                Problem::NotRegular(root.join("device.jpg")),
                Problem::Missing(root.join("lost.png")),
            ]
        );
        let ids: Vec<String> = inputs
            .with_caption_ids()
            .unwrap()
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        assert_eq!(ids, ["caf\\xE8", "caf\\xE9"]);
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
        let lines = b"one.jpg\r\n\n /two.jpg\nhttps://a.example/3.jpg\n";
        artkg_files::write_bytes(&list, lines).unwrap();
        let read = read_list(&list).unwrap();
        let [one, two, three] = [
            folder.path().join("one.jpg"),
            "/two.jpg".into(),
            "https://a.example/3.jpg".into(),
        ];
        // The empty line counts.
        assert_eq!(read.line_of(&two), Some(3));
        assert_eq!(read.line_of(Path::new("two.jpg")), None);
        assert_eq!(read.lines, [(1, one), (3, two), (4, three)]);
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            artkg_files::write_bytes(&list, b"\xef\xbb\xbf/caf\xe9.jpg").unwrap();
            let name = std::ffi::OsStr::from_bytes(b"/caf\xe9.jpg");
            assert_eq!(read_list(&list).unwrap().lines, [(1, PathBuf::from(name))]);
        }
        artkg_files::write_bytes(&list, b"\n").unwrap();
        assert!(read_list(&list).is_err());
    }
}
