//! IIIF Presentation 2 and 3: a manifest a record, by itself or in a collection.

mod manifest;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Error, Result};
use crate::fault::Fault;
use crate::fields::Fields;
use crate::flat::Paths;
use crate::format::Format;
use crate::json::Scanner;
use crate::place::Place;
use crate::reading::Reading;
use crate::stream::Stream;
use crate::values::Values;

/// A part of the addresses of the standard's contexts.
pub(crate) const CONTEXT: &str = "iiif.io/api/presentation/";

/// How many collections may stand within one another.
const DEEPEST: usize = 16;

/// Files with manifests and collections, and the record read last.
pub(crate) struct Reader {
    files: Vec<PathBuf>,
    /// How many files were read.
    file: usize,
    /// The manifests of that file which are still to come, the next one last.
    coming: Vec<Value>,
    number: u64,
    record: Fields,
}

/// The fields of the manifests in the files: their metadata's labels are among them.
pub(crate) fn fields(files: &[PathBuf]) -> Result<Vec<String>> {
    let mut paths = Paths::default();
    for field in manifest::FIELDS {
        paths.insert(field);
    }
    for path in files {
        for manifest in manifests(path)? {
            manifest::labels(&manifest, &mut |label| paths.insert(label));
        }
    }
    Ok(paths.names().to_vec())
}

impl Reader {
    /// Reads files that have these fields.
    pub(crate) fn new(files: &[PathBuf], fields: &[String]) -> Self {
        Self {
            files: files.to_vec(),
            file: 0,
            coming: Vec::new(),
            number: 0,
            record: Fields::new(fields),
        }
    }
}

/// The manifests of a file, or what a collection says of them.
fn manifests(path: &Path) -> Result<Vec<Value>> {
    let mut scanner = Scanner::open(path)?;
    let mut bytes = Vec::new();
    scanner.take(&mut bytes)?;
    let root: Value = serde_json::from_slice(&bytes).map_err(|error| Error::Json {
        path: path.to_path_buf(),
        line: error.line() as u64,
        reason: error.to_string(),
    })?;
    let mut found = Vec::new();
    collect(root, 0, &mut found);
    Ok(found)
}

fn collect(item: Value, depth: usize, found: &mut Vec<Value>) {
    let Value::Object(mut members) = item else {
        return;
    };
    let kind = ["type", "@type"]
        .iter()
        .find_map(|name| members.get(*name)?.as_str());
    let is_collection = kind.is_some_and(|kind| kind.ends_with("Collection"));
    if !is_collection {
        if kind.is_none_or(|kind| kind.ends_with("Manifest")) {
            found.push(Value::Object(members));
        }
        return;
    }
    if depth == DEEPEST {
        return;
    }
    for name in ["items", "manifests", "members", "collections"] {
        if let Some(Value::Array(items)) = members.remove(name) {
            for item in items {
                collect(item, depth + 1, found);
            }
        }
    }
}

impl Stream for Reader {
    fn reading(&self) -> Reading {
        Reading::of(Format::Iiif, None)
    }

    fn fields(&self) -> &[String] {
        self.record.names()
    }

    fn advance(&mut self) -> Result<bool> {
        loop {
            if let Some(manifest) = self.coming.pop() {
                self.number += 1;
                self.record.clear();
                manifest::read(&manifest, &mut self.record);
                return Ok(true);
            }
            let Some(path) = self.files.get(self.file) else {
                return Ok(false);
            };
            self.coming = manifests(path)?;
            self.coming.reverse();
            self.file += 1;
            self.number = 0;
        }
    }

    fn path(&self) -> &Path {
        let file = self.files.get(self.file.saturating_sub(1));
        file.map_or(Path::new(""), PathBuf::as_path)
    }

    fn place(&self) -> Place {
        Place::of_record(self.number)
    }

    fn fault(&self) -> Option<Fault> {
        None
    }

    fn values(&self, field: usize) -> Values<'_> {
        self.record.values(field)
    }
}
