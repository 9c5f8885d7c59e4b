//! What the sidecar of an image is called and where it lies.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::fault::XmpFault;

/// Where sidecars are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Each beside its image.
    Beside,
    /// In a folder, and in folders below it as the images are.
    In(PathBuf),
}

/// The sidecars of images: `NAME.xmp`, as Adobe's programs call them, where an image is
/// the only file of its name, and `NAME.jpg.xmp`, as others do, where `NAME.tif` or
/// `NAME.raw` lies beside `NAME.jpg`, or where a sidecar of this name is there already.
pub(super) struct Places {
    paths: Vec<PathBuf>,
    /// The first image that has a path.
    owners: HashMap<PathBuf, String>,
    needs_images: bool,
}

impl Places {
    pub(super) fn new(place: &Place, images: &[String]) -> Self {
        let files: Vec<PathBuf> = images
            .iter()
            .map(|image| artkg_files::named_path(image))
            .collect();
        let common = common_folder(&files);
        let folder = |file: &Path| {
            let own = file.parent().unwrap_or(Path::new(""));
            match place {
                Place::Beside => own.to_path_buf(),
                Place::In(folder) => folder.join(own.strip_prefix(&common).unwrap_or(own)),
            }
        };
        // The files of a name, by folder; those that lie there as well where sidecars do.
        let mut names: HashMap<PathBuf, HashMap<OsString, Vec<OsString>>> = HashMap::new();
        for file in &files {
            let folder = folder(file);
            let known = names.entry(folder.clone()).or_insert_with(|| match place {
                Place::Beside => files_in(&folder),
                Place::In(_) => HashMap::new(),
            });
            add(known, file);
        }
        let mut owners = HashMap::new();
        let paths = files
            .iter()
            .zip(images)
            .map(|(file, image)| {
                let folder = folder(file);
                let stem = file.file_stem().unwrap_or_default();
                let is_only = names[&folder].get(stem).is_none_or(|names| names.len() < 2);
                let long = folder.join(with_ending(file.file_name().unwrap_or_default()));
                let path = match is_only && !long.exists() {
                    true => folder.join(with_ending(stem)),
                    false => long,
                };
                owners.entry(path.clone()).or_insert_with(|| image.clone());
                path
            })
            .collect();
        Self {
            paths,
            owners,
            needs_images: *place == Place::Beside,
        }
    }

    /// The sidecars, in the order of the images.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Why an image has none.
    pub(super) fn fault(&self, image: &str, path: &Path) -> Option<XmpFault> {
        let owner = self.owners.get(path).map_or(image, String::as_str);
        if owner != image {
            return Some(XmpFault::Taken(PathBuf::from(owner)));
        }
        let is_missing = self.needs_images && !artkg_files::named_path(image).is_file();
        is_missing.then_some(XmpFault::NoImage)
    }
}

fn with_ending(name: &OsStr) -> OsString {
    let mut name = name.to_owned();
    name.push(".xmp");
    name
}

fn add(known: &mut HashMap<OsString, Vec<OsString>>, file: &Path) {
    let (Some(stem), Some(name)) = (file.file_stem(), file.file_name()) else {
        return;
    };
    let names = known.entry(stem.to_owned()).or_default();
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// The files of a folder by their names without ending, but sidecars and those that
/// programs leave behind without an ending. Empty where it cannot be read, and then
/// nothing can be written either.
fn files_in(folder: &Path) -> HashMap<OsString, Vec<OsString>> {
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    let mut known = HashMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let ending = path.extension();
        let is_other = ending.is_some_and(|ending| !ending.eq_ignore_ascii_case("xmp"));
        if is_other && path.is_file() {
            add(&mut known, &path);
        }
    }
    known
}

/// The folder that all files are below.
fn common_folder(files: &[PathBuf]) -> PathBuf {
    let mut folders = files.iter().filter_map(|file| file.parent());
    let Some(first) = folders.next() else {
        return PathBuf::new();
    };
    let mut common = first.to_path_buf();
    for folder in folders {
        while !folder.starts_with(&common) {
            if !common.pop() {
                return PathBuf::new();
            }
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(place: &Place, images: &[&str]) -> Vec<String> {
        let images: Vec<String> = images.iter().map(|image| (*image).to_owned()).collect();
        let places = Places::new(place, &images);
        let paths = places.paths().iter();
        paths.map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn sidecars_in_a_folder_lie_as_the_images_do() {
        let place = Place::In("out".into());
        assert_eq!(
            paths(&place, &["p/a/1.jpg", "p/b/1.jpg", "p/b/1.tif", "p/2.jpg"]),
            [
                "out/a/1.xmp",
                "out/b/1.jpg.xmp",
                "out/b/1.tif.xmp",
                "out/2.xmp"
            ]
        );
        assert_eq!(paths(&place, &["/x/1.jpg"]), ["out/1.xmp"]);
        assert_eq!(
            paths(&place, &["x/1.jpg", "/y/2.jpg"])[0],
            "out/x/1.xmp".to_owned()
        );
    }

    #[test]
    fn beside_images_other_files_of_a_name_count() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "1.jpg",
            "2.jpg",
            "2.CR2",
            "3.jpg",
            "3.jpg.xmp",
            "4.jpg",
            "4.xmp",
        ] {
            artkg_files::write_bytes(&folder.path().join(name), b"x").unwrap();
        }
        let image = |name: &str| folder.path().join(name).display().to_string();
        let images = ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"].map(image);
        let places = Places::new(&Place::Beside, &images);
        let names: Vec<_> = places
            .paths()
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(names, ["1.xmp", "2.jpg.xmp", "3.jpg.xmp", "4.xmp", "5.xmp"]);
        let fault = |place: usize| places.fault(&images[place], &places.paths()[place]);
        assert!(fault(0).is_none());
        assert!(matches!(fault(4), Some(XmpFault::NoImage)));
    }
}
