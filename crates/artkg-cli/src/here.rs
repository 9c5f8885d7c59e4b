//! What commands take where nothing is said: the corpus in the current folder, or the only
//! one below it, and its graph.

use std::path::{Path, PathBuf};

use artkg_corpus::DESCRIPTION_FILE;

use crate::globals::Globals;

/// The name of the graph file in a corpus folder.
pub(crate) const DEFAULT_GRAPH: &str = "graph.akg";
/// The name of the embeddings file in a corpus folder.
pub(crate) const DEFAULT_EMBEDDINGS: &str = "embeddings.safetensors";

/// How many folders deep a corpus is looked for.
const DEPTH: usize = 3;
/// How many folders are looked into: the current one may be that of a whole disk.
const MOST_FOLDERS: usize = 2000;
/// How many corpora an error names.
const LISTED: usize = 5;

/// The corpus that was given, or the one that is here, which is then said.
///
/// # Errors
/// A sentence that asks for one, where there is none here or several.
pub(crate) fn corpus(given: Option<&Path>, globals: &Globals) -> Result<PathBuf, String> {
    match given {
        Some(folder) => Ok(folder.to_path_buf()),
        None => {
            let found = only(corpora(Path::new(".")))?;
            globals.note(format!(
                "corpus: {} (`--corpus` takes another)",
                found.display()
            ));
            Ok(found)
        }
    }
}

/// The graph file that was given, the one in the current folder, or that of the corpus here.
///
/// # Errors
/// As [`corpus`], where a corpus has to be chosen.
pub(crate) fn graph(given: Option<&Path>) -> Result<PathBuf, String> {
    file(given, DEFAULT_GRAPH)
}

/// As [`graph`], of its embeddings.
pub(crate) fn embeddings(given: Option<&Path>) -> Result<PathBuf, String> {
    file(given, DEFAULT_EMBEDDINGS)
}

fn file(given: Option<&Path>, name: &str) -> Result<PathBuf, String> {
    if let Some(path) = given {
        return Ok(path.to_path_buf());
    }
    let here = PathBuf::from(name);
    if here.exists() {
        return Ok(here);
    }
    match corpora(Path::new(".")) {
        // Whoever reads it says how it is made.
        none if none.is_empty() => Ok(here),
        found => Ok(only(found)?.join(name)),
    }
}

/// The only one of the corpora that were found.
fn only(found: Vec<PathBuf>) -> Result<PathBuf, String> {
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(
            "which corpus? none lies here or below: pass one with `--corpus FOLDER`, which \
             `artkg corpus import` makes of your table and `artkg corpus synth` of nothing"
                .to_owned(),
        ),
        several => {
            let names = several.iter().take(LISTED);
            let names: Vec<String> = names.map(|path| path.display().to_string()).collect();
            let more = match several.len().saturating_sub(LISTED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            Err(format!(
                "which corpus? pass one with `--corpus FOLDER`; here are {}{more}",
                names.join(", ")
            ))
        }
    }
}

/// The corpora in a folder: itself alone where it is one, else those below it, by name.
fn corpora(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = MOST_FOLDERS;
    search(folder, DEPTH, &mut left, &mut found);
    found
}

fn search(folder: &Path, depth: usize, left: &mut usize, found: &mut Vec<PathBuf>) {
    if folder.join(DESCRIPTION_FILE).is_file() {
        let shown = folder.strip_prefix(".").unwrap_or(folder);
        found.push(match shown.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => shown.to_path_buf(),
        });
        return;
    }
    if depth == 0 || *left == 0 {
        return;
    }
    *left -= 1;
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    for below in folders {
        search(&below, depth - 1, left, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_corpus_at_or_below_a_folder_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let make = |name: &str| {
            let path = root.join(name).join(DESCRIPTION_FILE);
            artkg_files::write_bytes(&path, b"x").unwrap();
        };
        let message = only(corpora(root)).unwrap_err();
        assert!(message.contains("none lies here"), "{message}");
        make(".hidden/corpus");
        make("a/b/c/d/too-deep");
        assert!(corpora(root).is_empty());
        make("data/mine");
        assert_eq!(only(corpora(root)).unwrap(), root.join("data/mine"));
        // What lies in a corpus is its own.
        make("data/mine/copy");
        assert_eq!(corpora(root).len(), 1);
        make("other");
        let message = only(corpora(root)).unwrap_err();
        assert!(
            message.contains("data/mine") && message.contains("other"),
            "{message}"
        );
        make("");
        assert_eq!(corpora(root), [root.to_path_buf()]);
    }
}
