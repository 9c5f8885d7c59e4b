use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file and names, as they stand on a command line: `NAME`, or `FILE NAME`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileAndNames {
    /// The file, where one was given here.
    pub(super) file: Option<PathBuf>,
    pub(super) names: Vec<String>,
}

/// Tells a file in front of `wanted` names from these; `is_file` knows it by its beginning.
///
/// # Errors
/// A sentence that says which name is missing, or that a name has several words.
pub(super) fn file_and_names(
    words: &[String],
    wanted: usize,
    what: &str,
    is_file: fn(&[u8]) -> bool,
) -> Result<FileAndNames, String> {
    let is = |word: &String| begins(Path::new(word)).is_some_and(|start| is_file(&start));
    let first = &words[0];
    if words.len() == wanted && is(first) && wanted == 1 {
        return Err(format!(
            "`{first}` is the {what}; which node? write its name after it"
        ));
    }
    if words.len() == wanted {
        return Ok(FileAndNames {
            file: None,
            names: words.to_vec(),
        });
    }
    // The names are as many as are wanted, or one more word stands in front.
    if !is(first) {
        let all = words.join(" ");
        return Err(format!(
            "`{first}` is no {what}; put a name of several words in quotes, as in \"{all}\""
        ));
    }
    Ok(FileAndNames {
        file: Some(PathBuf::from(first)),
        names: words[1..].to_vec(),
    })
}

/// The first bytes of a file, where there is one.
fn begins(path: &Path) -> Option<Vec<u8>> {
    let is_regular = path.metadata().ok()?.is_file();
    let mut start = Vec::new();
    let file = is_regular.then(|| File::open(path).ok())??;
    file.take(1 << 16).read_to_end(&mut start).ok()?;
    Some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_stand_in_front_of_names() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("g.akg");
        std::fs::write(&file, "MARK").unwrap();
        let file = file.to_str().unwrap();
        let read = |words: &[&str], wanted| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let found = file_and_names(&words, wanted, "graph file", |start| start == b"MARK");
            found.map(|found| (found.file.is_some(), found.names.join("|")))
        };
        assert_eq!(read(&["goya"], 1), Ok((false, "goya".into())));
        assert_eq!(read(&[file, "goya"], 1), Ok((true, "goya".into())));
        assert_eq!(read(&["a", "b"], 2), Ok((false, "a|b".into())));
        assert_eq!(read(&[file, "a", "b"], 2), Ok((true, "a|b".into())));
        assert!(read(&[file], 1).unwrap_err().contains("which node?"));
        let message = read(&["Vincent", "Gogh"], 1).unwrap_err();
        assert!(
            message.contains("in quotes, as in \"Vincent Gogh\""),
            "{message}"
        );
    }
}
