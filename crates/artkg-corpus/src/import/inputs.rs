//! Which tables, which mapping and which images an import means.

use std::fs;
use std::path::{Path, PathBuf};

use super::columns;
use super::options::ImportOptions;
use super::reader::RowReader;
use crate::error::{Error, Result};
use crate::mapping::{Mapping, TableFormat};

/// How the names of tables end; the first three are read.
const TABLE_EXTENSIONS: [&str; 8] = ["csv", "tsv", "txt", "json", "xlsx", "xls", "ods", "xml"];

/// The mapping and the tables of an import.
pub(super) fn resolve(
    inputs: &[PathBuf],
    options: &ImportOptions,
) -> Result<(Mapping, Vec<PathBuf>)> {
    if inputs.is_empty() {
        return Err(Error::NoTable);
    }
    let (mut mapping, tables) = match &options.mapping {
        Some(mapping) => {
            let mapping = customised(mapping.clone(), options)?;
            let tables = tables(inputs, &mapping)?;
            (mapping, tables)
        }
        None => fitting(inputs, options)?,
    };
    mapping.table.delimiter_byte()?;
    mapping.table.encoding()?;
    for required in mapping.options.required.clone() {
        // What has a default need not be in the table.
        if mapping.defaults.contains_key(&required) {
            mapping
                .options
                .required
                .retain(|column| *column != required);
        }
    }
    Ok((mapping, tables))
}

/// The first built-in mapping whose tables are there and have the columns.
fn fitting(inputs: &[PathBuf], options: &ImportOptions) -> Result<(Mapping, Vec<PathBuf>)> {
    let mut headers: Vec<(PathBuf, TableFormat, Vec<String>)> = Vec::new();
    let mut last = None;
    for name in Mapping::built_in_names() {
        let mapping = customised(Mapping::built_in(name)?, options)?;
        let attempt = tables(inputs, &mapping).and_then(|tables| {
            let header = header(&tables[0], &mapping.table, &mut headers)?;
            columns::resolve(&mapping, &tables[0], header, &mut Vec::new())?;
            Ok(tables)
        });
        match attempt {
            Ok(tables) => return Ok((mapping, tables)),
            // Another mapping would not make it a table.
            Err(
                error @ (Error::File(_)
                | Error::NotATable { .. }
                | Error::ZeroBytes { .. }
                | Error::Expansion { .. }
                | Error::LargeRow { .. }),
            ) => return Err(error),
            Err(error) => last = Some(error),
        }
    }
    // The last mapping, the one for any table, says best what is lacking.
    Err(last.unwrap_or(Error::NoTable))
}

/// The header of a table in a format, read once.
fn header<'a>(
    path: &Path,
    format: &TableFormat,
    known: &'a mut Vec<(PathBuf, TableFormat, Vec<String>)>,
) -> Result<&'a [String]> {
    let place = known
        .iter()
        .position(|(other, known, _)| other == path && known == format);
    let place = match place {
        Some(place) => place,
        None => {
            let header = RowReader::open(path, format)?.header;
            known.push((path.to_path_buf(), format.clone(), header));
            known.len() - 1
        }
    };
    Ok(&known[place].2)
}

fn customised(mut mapping: Mapping, options: &ImportOptions) -> Result<Mapping> {
    for (column, source) in &options.columns {
        mapping.set_column(column, source);
        // Who names a column wants it.
        mapping.options.required.push(column.clone());
    }
    if let Some(delimiter) = &options.delimiter {
        mapping.table.delimiter.clone_from(delimiter);
    }
    if let Some(encoding) = &options.encoding {
        mapping.table.encoding.clone_from(encoding);
    }
    Ok(mapping)
}

/// The tables: files as they are, folders by the mapping's file names.
fn tables(inputs: &[PathBuf], mapping: &Mapping) -> Result<Vec<PathBuf>> {
    let mut tables = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            tables.push(input.clone());
            continue;
        }
        let found: Vec<PathBuf> = mapping
            .files
            .names
            .iter()
            .flat_map(|name| [input.join(name), input.join(format!("{name}.gz"))])
            .filter(|path| path.is_file())
            .collect();
        if found.is_empty() {
            return Err(no_table(input, mapping));
        }
        tables.extend(found);
    }
    Ok(tables)
}

fn no_table(folder: &Path, mapping: &Mapping) -> Error {
    let mut there: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| {
            let lower = name.to_lowercase();
            let (_, extension) = lower
                .trim_end_matches(".gz")
                .rsplit_once('.')
                .unwrap_or_default();
            TABLE_EXTENSIONS.contains(&extension)
        })
        .collect();
    there.sort_unstable();
    Error::NoTableInFolder {
        folder: folder.to_path_buf(),
        wanted: mapping.files.names.clone(),
        there,
    }
}

/// The image folder: the one asked for, or one beside the first table.
pub(super) fn image_root(
    mapping: &Mapping,
    tables: &[PathBuf],
    options: &ImportOptions,
) -> Result<Option<PathBuf>> {
    if let Some(images) = &options.images {
        if !images.is_dir() {
            let path = images.clone();
            return Err(Error::NoImageFolder { path });
        }
        return Ok(Some(images.clone()));
    }
    let beside = tables[0].parent().unwrap_or(Path::new("."));
    Ok(mapping
        .files
        .images
        .iter()
        .map(|name| beside.join(name))
        .find(|path| path.is_dir()))
}
