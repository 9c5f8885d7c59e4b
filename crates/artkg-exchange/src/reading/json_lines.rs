use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};

use artkg_tag::{Origin, Tags};
use serde::Deserialize;

use crate::error::{Error, Result, RowFault};
use crate::tags_of::TagsOf;

/// The first line.
#[derive(Deserialize)]
struct First {
    origin: Origin,
}

pub(super) fn origin(path: &Path) -> Result<Origin> {
    let first = lines(path)?.next();
    let first = first
        .transpose()
        .map_err(|source| artkg_files::Error::new("read", path, source))?;
    match serde_json::from_str::<First>(&first.unwrap_or_default()) {
        Ok(first) => Ok(first.origin),
        Err(_) => Err(Error::NoOrigin {
            path: path.to_path_buf(),
            origin: PathBuf::from("the first line"),
        }),
    }
}

pub(super) fn tags(path: &Path) -> Result<TagsOf<'static>> {
    let path = path.to_path_buf();
    let lines = lines(&path)?.enumerate().skip(1);
    let records = lines.filter_map(move |(place, line)| {
        let failed = |fault: RowFault| Error::Row {
            path: path.clone(),
            row: place + 1,
            fault,
        };
        let line = match line {
            Ok(line) => line,
            Err(error) => return Some(Err(failed(RowFault::Unreadable(error.to_string())))),
        };
        if line.trim().is_empty() {
            return None;
        }
        let tags = serde_json::from_str::<Tags>(&line);
        Some(tags.map_err(|error| failed(error.into())))
    });
    Ok(Box::new(records))
}

fn lines(path: &Path) -> Result<Lines<BufReader<std::fs::File>>> {
    Ok(BufReader::new(artkg_files::open_regular(path)?.0).lines())
}
