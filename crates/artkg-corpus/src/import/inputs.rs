//! Which tables, which mapping and which images an import means.

use std::fs;
use std::path::{Path, PathBuf};

use super::columns;
use super::options::ImportOptions;
use super::table::Table;
use crate::error::{Error, Result};
use crate::mapping::Mapping;

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
    let mut last = None;
    for name in Mapping::built_in_names() {
        let mapping = customised(Mapping::built_in(name)?, options)?;
        let attempt = tables(inputs, &mapping).and_then(|tables| {
            let table = Table::open(&tables[0], &mapping.table)?;
            columns::resolve(&mapping, &table.path, &table.header, &mut Vec::new())?;
            Ok(tables)
        });
        match attempt {
            Ok(tables) => return Ok((mapping, tables)),
            Err(error) => last = Some(error),
        }
    }
    // The last mapping, the one for any table, says best what is lacking.
    Err(last.unwrap_or(Error::NoTable))
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
            let plain = name.trim_end_matches(".gz");
            plain.ends_with(".csv") || plain.ends_with(".tsv") || plain.ends_with(".txt")
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
