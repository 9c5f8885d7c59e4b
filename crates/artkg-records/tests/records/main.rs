//! Sources in every format through the public interface.

// Helpers of tests fail the way that tests do.
#![allow(clippy::unwrap_used)]

mod archives;
mod joins;
mod json;
mod manifests;
mod parquet_files;
mod workbooks;
mod xml;

use std::fs;
use std::path::{Path, PathBuf};

use artkg_records::{Error, Input, Stream, TableFormat};

/// A folder with files of these names and contents.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// The records of a file, read in the usual way.
fn open(path: &Path) -> Box<dyn Stream> {
    let input = Input::open(path).unwrap();
    input.records(&TableFormat::default()).unwrap()
}

/// What the record that was read last has in a field.
fn values(stream: &dyn Stream, field: &str) -> Vec<String> {
    let fields = stream.fields();
    let place = fields.iter().position(|known| known == field);
    let place = place.unwrap_or_else(|| panic!("no {field} among {fields:?}"));
    let values = stream.values(place);
    values.map(|value| value.text.into_owned()).collect()
}

/// What all records have in a field.
fn column(path: &Path, field: &str) -> Vec<Vec<String>> {
    let mut stream = open(path);
    let mut column = Vec::new();
    while stream.advance().unwrap() {
        assert_eq!(stream.fault(), None);
        column.push(values(&*stream, field));
    }
    column
}

/// The error of opening a file or reading it to its end.
fn refused(path: &Path) -> Error {
    let input = match Input::open(path) {
        Ok(input) => input,
        Err(error) => return error,
    };
    let mut stream = match input.records(&TableFormat::default()) {
        Ok(stream) => stream,
        Err(error) => return error,
    };
    loop {
        match stream.advance() {
            Ok(true) => {}
            Ok(false) => panic!("{} was read", path.display()),
            Err(error) => return error,
        }
    }
}

/// A file of this name in a folder of its own.
fn file(name: &str, content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = folder(&[(name, content.as_ref())]);
    let path = folder.path().join(name);
    (folder, path)
}
