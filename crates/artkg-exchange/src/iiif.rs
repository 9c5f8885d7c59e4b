//! W3C Web Annotations on the canvases of IIIF manifests: a folder with an
//! `AnnotationPage` for each canvas, and the manifest with these pages in it where it is
//! of Presentation 3, for viewers.

mod canvases;
mod manifest;
mod page;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use artkg_tag::Tags;
use serde_json::Value;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::reading::TagFile;

pub use self::canvases::NoCanvas;

use self::canvases::Canvases;
use self::manifest::Manifest;

/// What was done.
#[derive(Debug, Default)]
pub struct Annotations {
    /// Canvases that have a page of annotations.
    pub pages: usize,
    /// Annotations on them.
    pub annotations: usize,
    /// Images that are on no canvas, and why.
    pub unmatched: Vec<(String, NoCanvas)>,
}

/// Writes the annotations of a tag file's images on the canvases of `manifests` into
/// `folder`. `each` is called with the tags of every image.
///
/// # Errors
/// When there is no manifest, a file is none or cannot be read, or a file in the folder
/// is there and `overwrite` is not given.
pub fn write_annotations(
    tags: &TagFile,
    manifests: &[PathBuf],
    folder: &Path,
    context: &Context,
    overwrite: bool,
    mut each: impl FnMut(&Tags),
) -> Result<Annotations> {
    if manifests.is_empty() {
        return Err(Error::NoManifest);
    }
    let mut manifests = manifests
        .iter()
        .map(|path| Manifest::read(path))
        .collect::<Result<Vec<_>>>()?;
    let mut done = Annotations::default();
    // By manifest and canvas.
    let mut pages: BTreeMap<(usize, usize), Vec<Value>> = BTreeMap::new();
    {
        let canvases = Canvases::new(&manifests);
        for tags_of_image in tags.tags()? {
            let tags_of_image = tags_of_image?;
            each(&tags_of_image);
            match canvases.find(&tags_of_image) {
                Ok(place) => {
                    let canvas = &manifests[place.0].canvases[place.1];
                    let items = page::annotations(&tags_of_image, canvas, tags.origin(), context);
                    pages.entry(place).or_default().extend(items);
                }
                Err(why) => done.unmatched.push((tags_of_image.image, why)),
            }
        }
    }
    let mut files: Vec<(PathBuf, Value)> = Vec::new();
    let several = manifests.len() > 1;
    let name = |manifest: usize, name: String| match several {
        true => folder.join(format!("{:03}-{name}", manifest + 1)),
        false => folder.join(name),
    };
    for ((manifest, canvas), items) in pages {
        if items.is_empty() {
            continue;
        }
        done.pages += 1;
        done.annotations += items.len();
        let page = page::page(&manifests[manifest].canvases[canvas], items);
        let mut alone = page.clone();
        alone["@context"] = page::CONTEXT.into();
        files.push((name(manifest, format!("{:04}.json", canvas + 1)), alone));
        manifests[manifest].add_page(canvas, page);
    }
    let mut inputs = vec![tags.path().to_path_buf()];
    for (place, manifest) in manifests.into_iter().enumerate() {
        inputs.push(manifest.path.clone());
        if let Some(document) = manifest.with_pages() {
            files.push((name(place, "manifest.json".to_owned()), document));
        }
    }
    for (path, _) in &files {
        artkg_files::refuse_inputs(path, inputs.iter().map(PathBuf::as_path))?;
        if path.exists() && !overwrite {
            return Err(artkg_files::Error::Exists(path.clone()).into());
        }
    }
    for (path, document) in &files {
        let mut text = serde_json::to_vec_pretty(document).map_err(|source| Error::Json {
            path: path.clone(),
            source,
        })?;
        text.push(b'\n');
        artkg_files::write_bytes(path, &text)?;
    }
    Ok(done)
}

#[cfg(test)]
mod tests;
