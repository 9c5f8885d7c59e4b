use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::{Error, Result};

/// A manifest of IIIF Presentation 2 or 3.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) path: PathBuf,
    pub(super) canvases: Vec<Canvas>,
    document: Value,
    is_third: bool,
    has_pages: bool,
}

/// A canvas, and the addresses of the images on it.
#[derive(Debug, PartialEq)]
pub(super) struct Canvas {
    pub(super) id: String,
    /// Of the images and of the services that serve them.
    pub(super) images: Vec<String>,
}

impl Manifest {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes = artkg_files::read_bytes(path)?;
        let document: Value = serde_json::from_slice(&bytes).map_err(|source| Error::Json {
            path: path.to_path_buf(),
            source,
        })?;
        let refused = |reason| Error::Manifest {
            path: path.to_path_buf(),
            reason,
        };
        let (is_third, canvases) = match (document["type"].as_str(), document["@type"].as_str()) {
            (Some("Manifest"), _) => (true, third(&document)),
            (_, Some("sc:Manifest")) => (false, second(&document)),
            (Some("Collection"), _) | (_, Some("sc:Collection")) => {
                return Err(refused("it is a collection of manifests"));
            }
            _ => return Err(refused("its type is none of Presentation 2 or 3")),
        };
        if canvases.is_empty() {
            return Err(refused("it has no canvas with an id"));
        }
        Ok(Self {
            path: path.to_path_buf(),
            canvases,
            document,
            is_third,
            has_pages: false,
        })
    }

    /// Adds a page of annotations to a canvas, in the place of an earlier one.
    pub(super) fn add_page(&mut self, canvas: usize, page: Value) {
        if !self.is_third {
            return;
        }
        let id = &self.canvases[canvas].id;
        let canvases = self.document["items"].as_array_mut();
        let found = canvases
            .into_iter()
            .flatten()
            .find(|item| item["id"].as_str() == Some(id.as_str()));
        let Some(Value::Object(canvas)) = found else {
            return;
        };
        let pages = canvas.entry("annotations").or_insert_with(|| json!([]));
        if let Value::Array(pages) = pages {
            pages.retain(|known| known["id"] != page["id"]);
            pages.push(page);
            self.has_pages = true;
        }
    }

    /// The manifest with the pages that were added; nothing where it is of a version
    /// that has no place for them.
    pub(super) fn with_pages(self) -> Option<Value> {
        self.has_pages.then_some(self.document)
    }
}

fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value[name].as_array().into_iter().flatten()
}

fn id(value: &Value) -> Option<String> {
    let id = value["id"].as_str().or(value["@id"].as_str());
    id.map(str::to_owned)
}

/// The addresses of an image and of its services.
fn addresses(image: &Value) -> Vec<String> {
    let services = match &image["service"] {
        Value::Array(services) => services.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    };
    id(image)
        .into_iter()
        .chain(services.into_iter().filter_map(id))
        .collect()
}

/// The canvases of Presentation 3.
fn third(document: &Value) -> Vec<Canvas> {
    let canvases = items(document, "items").filter_map(|canvas| {
        let painted = items(canvas, "items").flat_map(|page| items(page, "items"));
        let images = painted.flat_map(|annotation| {
            let body = &annotation["body"];
            // One image, several, or a choice of them.
            let bodies: Vec<&Value> = match (body, &body["items"]) {
                (Value::Array(bodies), _) | (_, Value::Array(bodies)) => bodies.iter().collect(),
                _ => vec![body],
            };
            bodies.into_iter().flat_map(addresses)
        });
        Some(Canvas {
            id: id(canvas)?,
            images: images.collect(),
        })
    });
    canvases.collect()
}

/// The canvases of Presentation 2.
fn second(document: &Value) -> Vec<Canvas> {
    let sequences = items(document, "sequences");
    let canvases = sequences.flat_map(|sequence| items(sequence, "canvases"));
    let canvases = canvases.filter_map(|canvas| {
        let images = items(canvas, "images").flat_map(|image| addresses(&image["resource"]));
        Some(Canvas {
            id: id(canvas)?,
            images: images.collect(),
        })
    });
    canvases.collect()
}
