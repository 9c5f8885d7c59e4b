//! The formats of tag files, by their endings.

use std::path::Path;

use artkg_files::table::Cells;

use crate::csv_file::CsvFile;
use crate::error::{Error, Result};
use crate::json_lines::JsonLines;
use crate::tag_writer::TagWriter;

/// The writer of the format that a file's ending asks for.
///
/// # Errors
/// When there is none of this ending.
pub fn writer_for(path: &Path) -> Result<Box<dyn TagWriter>> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(csv_writer(Cells::default())),
        Some("jsonl") => Ok(json_lines_writer()),
        _ => Err(Error::Format(path.to_path_buf())),
    }
}

/// The writer of tables.
pub fn csv_writer(cells: Cells) -> Box<dyn TagWriter> {
    Box::new(CsvFile { cells })
}

/// The writer of one JSON object a line.
pub fn json_lines_writer() -> Box<dyn TagWriter> {
    Box::new(JsonLines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_format_and_others_are_refused() {
        let name = |path: &str| writer_for(Path::new(path)).map(|writer| writer.name());
        assert_eq!(name("a/tags.csv").unwrap(), "csv");
        assert_eq!(name("tags.jsonl").unwrap(), "jsonl");
        for path in ["tags.xls", "tags", "tags.csv.gz"] {
            assert!(matches!(name(path), Err(Error::Format(_))), "{path}");
        }
    }
}
