//! Which tables, which mapping and which images an import means.

use std::fs;
use std::path::{Path, PathBuf};

use artkg_records::{Derived, Input, JoinFault, Joined, Stream};

use super::columns::{self, Fields};
use super::options::ImportOptions;
use crate::error::{Error, Result};
use crate::mapping::{Mapping, Names};

/// How the names of tables and other records end.
const TABLE_EXTENSIONS: [&str; 12] = [
    "csv", "tsv", "txt", "json", "jsonl", "ndjson", "xlsx", "xls", "ods", "parquet", "xml", "lido",
];

/// The formats of which all files of a folder are one source together.
const TOGETHER: [&[&str]; 2] = [&["json", "jsonl", "ndjson"], &["xml", "lido"]];

/// How the names of packed ones end then.
const PACKED: [&str; 2] = [".gz", ".zst"];

/// The file that stands for an input in messages.
pub(super) fn path(input: &Input) -> &Path {
    input
        .files()
        .first()
        .map_or(Path::new(""), PathBuf::as_path)
}

/// The mapping and the sources of an import.
pub(super) fn resolve(
    inputs: &[PathBuf],
    options: &ImportOptions,
) -> Result<(Mapping, Vec<Input>)> {
    if inputs.is_empty() {
        return Err(Error::NoTable);
    }
    let (mut mapping, sources) = match &options.mapping {
        Some(mapping) => {
            let mapping = customised(mapping.clone(), options)?;
            let files = sources(inputs, &mapping)?;
            let opened: std::result::Result<_, _> =
                files.into_iter().map(Input::open_all).collect();
            (mapping, opened?)
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
    Ok((mapping, sources))
}

/// The first built-in mapping whose tables are there and have the columns.
fn fitting(inputs: &[PathBuf], options: &ImportOptions) -> Result<(Mapping, Vec<Input>)> {
    let mut opened: Vec<Input> = Vec::new();
    let (mut last, mut broken) = (None, None);
    for name in Mapping::built_in_names() {
        let mapping = customised(Mapping::built_in(name)?, options)?;
        let files = match sources(inputs, &mapping) {
            Ok(files) => files,
            Err(error) => {
                last = Some(error);
                continue;
            }
        };
        let new = |files: &&Vec<PathBuf>| !opened.iter().any(|input| input.files() == **files);
        let found: std::result::Result<Vec<Input>, _> = files
            .iter()
            .filter(new)
            .map(|files| Input::open_all(files.clone()))
            .collect();
        match found {
            Ok(found) => opened.extend(found),
            // Another mapping takes other files of the folder.
            Err(error) if inputs.iter().any(|input| input.is_dir()) => {
                broken = broken.or(Some(error.into()));
                continue;
            }
            // Another mapping would not make it a table.
            Err(error) => return Err(error.into()),
        }
        let first = opened.iter().find(|input| input.files() == files[0]);
        match first.map_or(Err(Error::NoTable), |first| fits(&mapping, first)) {
            Ok(()) => {
                opened.retain(|input| files.iter().any(|files| input.files() == *files));
                let place = |input: &Input| files.iter().position(|files| input.files() == *files);
                opened.sort_by_key(place);
                return Ok((mapping, opened));
            }
            Err(
                error @ (Error::File(_)
                | Error::Source(
                    artkg_records::Error::Encoding { .. } | artkg_records::Error::Delimiter { .. },
                )),
            ) => return Err(error),
            Err(error) => last = Some(error),
        }
    }
    // The last mapping, the one for any table, says best what is lacking.
    Err(broken.or(last).unwrap_or(Error::NoTable))
}

/// Whether a source is the one that the mapping is for, by its columns.
fn fits(mapping: &Mapping, source: &Input) -> Result<()> {
    let stream = source.records(&mapping.table)?;
    let fields = Fields::of(&*stream);
    let sets = &mapping.options.recognised_by;
    match sets.is_empty() {
        true => columns::resolve(mapping, path(source), &fields, &mut Vec::new()).map(|_| ()),
        false if sets.iter().any(|set| fields.has_all(set)) => Ok(()),
        false => Err(Error::NoTable),
    }
}

/// The records of a source, with what the mapping joins to them, and what of that cannot
/// be used.
pub(super) fn records(
    source: &Input,
    mapping: &Mapping,
) -> Result<(Box<dyn Stream>, Vec<JoinFault>)> {
    let base = source.records(&mapping.table)?;
    let (stream, faults) = joined(source, base, mapping)?;
    let named = mapping.columns.values().flat_map(Names::as_slice);
    let mut templates = named
        .map(String::as_str)
        .filter(|name| Derived::is_template(name))
        .peekable();
    let stream = match templates.peek() {
        Some(_) => Box::new(Derived::new(stream, templates)),
        None => stream,
    };
    Ok((stream, faults))
}

fn joined(
    source: &Input,
    base: Box<dyn Stream>,
    mapping: &Mapping,
) -> Result<(Box<dyn Stream>, Vec<JoinFault>)> {
    if mapping.joins.is_empty() {
        return Ok((base, Vec::new()));
    }
    let beside = path(source).parent().unwrap_or(Path::new("."));
    let open = |name: &str| {
        let mut paths = with_packed(name).map(|name| beside.join(name));
        match paths.find(|path| path.is_file()) {
            Some(path) => Input::open(&path)?.records(&mapping.table).map(Some),
            None => Ok(None),
        }
    };
    let joined = Joined::open(base, &mapping.joins, &open)?;
    let faults = joined.faults().to_vec();
    Ok((Box::new(joined), faults))
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
    if let Some(records) = &options.records {
        mapping.table.records = vec![records.clone()];
    }
    if options.sheet.is_some() {
        mapping.table.sheet.clone_from(&options.sheet);
    }
    Ok(mapping)
}

/// The files of each source: those given as they are, of folders those that the mapping
/// names, or the only source that is there where it names none. Names with a `*` stand for all such files together, where no plain one is there.
fn sources(inputs: &[PathBuf], mapping: &Mapping) -> Result<Vec<Vec<PathBuf>>> {
    let mut sources = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            sources.push(vec![input.clone()]);
            continue;
        }
        let (patterns, names): (Vec<&String>, Vec<&String>) = mapping
            .files
            .names
            .iter()
            .partition(|name| name.contains('*'));
        let mut found: Vec<Vec<PathBuf>> = names
            .iter()
            .flat_map(|name| with_packed(name))
            .map(|name| input.join(name))
            .filter(|path| path.is_file())
            .map(|path| vec![path])
            .collect();
        if found.is_empty() {
            let matching = patterns.iter().map(|pattern| matching(input, pattern));
            found.extend(matching.filter(|files| !files.is_empty()).take(1));
        }
        if found.is_empty() && mapping.files.names.is_empty() {
            found.extend(only_source(input));
        }
        if found.is_empty() {
            return Err(no_table(input, mapping));
        }
        sources.extend(found);
    }
    Ok(sources)
}

/// A file's name, and those that it has when packed.
fn with_packed(name: &str) -> impl Iterator<Item = String> {
    let packed = PACKED.iter().map(move |packed| format!("{name}{packed}"));
    std::iter::once(name.to_owned()).chain(packed)
}

/// The files of a folder that a pattern such as `json/artworks/*.json` means, in the order
/// of their names, numbers as numbers.
fn matching(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let (below, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let (before, after) = name.split_once('*').unwrap_or((name, ""));
    let entries = fs::read_dir(folder.join(below)).into_iter().flatten();
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| {
            let packed = PACKED.iter().find_map(|packed| name.strip_suffix(packed));
            let plain = packed.unwrap_or(name);
            plain.len() >= before.len() + after.len()
                && plain.starts_with(before)
                && plain.ends_with(after)
        })
        .collect();
    let number = |name: &String| name[before.len()..].split('.').next()?.parse::<u64>().ok();
    names.sort_by(|left, right| (number(left), left).cmp(&(number(right), right)));
    let folder = folder.join(below);
    names.iter().map(|name| folder.join(name)).collect()
}

/// The source of a folder that holds only one: a file of records, or files of one format of
/// which all together are one.
fn only_source(folder: &Path) -> Option<Vec<PathBuf>> {
    let names = record_files(folder);
    let is_one = names.len() == 1
        || TOGETHER.iter().any(|formats| {
            names
                .iter()
                .all(|name| formats.contains(&&*extension(name)))
        });
    let files = names.iter().map(|name| folder.join(name));
    (is_one && !names.is_empty()).then(|| files.collect())
}

/// The names of the files of records in a folder.
fn record_files(folder: &Path) -> Vec<String> {
    named(folder).0
}

/// The names of the files of records in a folder, and those of what else is in it.
fn named(folder: &Path) -> (Vec<String>, Vec<String>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut named: Vec<(String, bool)> = entries
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_of_records = TABLE_EXTENSIONS.contains(&&*extension(&name));
            (name, is_of_records && entry.path().is_file())
        })
        .collect();
    named.sort_unstable();
    let (records, others): (Vec<_>, Vec<_>) = named.into_iter().partition(|(_, is)| *is);
    let names = |named: Vec<(String, bool)>| named.into_iter().map(|(name, _)| name).collect();
    (names(records), names(others))
}

/// The ending of a name, that of what is packed.
fn extension(name: &str) -> String {
    let lower = name.to_lowercase();
    let packed = PACKED.iter().find_map(|packed| lower.strip_suffix(packed));
    let (_, extension) = packed
        .unwrap_or(&lower)
        .rsplit_once('.')
        .unwrap_or_default();
    extension.to_owned()
}

fn no_table(folder: &Path, mapping: &Mapping) -> Error {
    let (there, others) = named(folder);
    Error::NoTableInFolder {
        folder: folder.to_path_buf(),
        wanted: mapping.files.names.clone(),
        there,
        others,
    }
}

/// The image folder: the one asked for, or one beside the first table.
pub(super) fn image_root(
    mapping: &Mapping,
    sources: &[Input],
    options: &ImportOptions,
) -> Result<Option<PathBuf>> {
    if let Some(images) = &options.images {
        if !images.is_dir() {
            let path = images.clone();
            return Err(Error::NoImageFolder { path });
        }
        return Ok(Some(images.clone()));
    }
    let beside = path(&sources[0]).parent().unwrap_or(Path::new("."));
    Ok(mapping
        .files
        .images
        .iter()
        .map(|name| beside.join(name))
        .find(|path| path.is_dir()))
}
