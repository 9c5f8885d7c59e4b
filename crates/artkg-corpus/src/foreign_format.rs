//! Files that are no tables of text, told by their content.

use std::fmt;

/// What a file is instead of a table of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignFormat {
    /// JSON: records, not rows.
    Json,
    /// A workbook of Excel, `.xlsx`.
    Excel,
    /// A workbook of old versions of Excel, `.xls`.
    OldExcel,
    /// A spreadsheet of LibreOffice, `.ods`.
    OpenDocument,
    /// A text document, `.docx` or `.odt`.
    Document,
    /// Another archive.
    Zip,
    /// A PDF.
    Pdf,
    /// A web page.
    Html,
    /// XML: LIDO, METS, EAD…
    Xml,
    /// A picture.
    Image,
    /// A database file.
    Database,
    /// Columns as Parquet stores them.
    Parquet,
}

impl ForeignFormat {
    /// What the beginning of a file shows; `None` where it may be a table.
    pub(crate) fn of(start: &[u8]) -> Option<Self> {
        const MAGIC: [(&[u8], ForeignFormat); 12] = [
            (b"%PDF-", ForeignFormat::Pdf),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ForeignFormat::OldExcel),
            (b"SQLite format 3\0", ForeignFormat::Database),
            (b"PAR1", ForeignFormat::Parquet),
            (b"\xff\xd8\xff", ForeignFormat::Image),
            (b"\x89PNG\r\n\x1a\n", ForeignFormat::Image),
            (b"GIF8", ForeignFormat::Image),
            (b"II*\0", ForeignFormat::Image),
            (b"MM\0*", ForeignFormat::Image),
            (b"\0\x01\0\0Standard ", ForeignFormat::Database),
            (b"7z\xbc\xaf\x27\x1c", ForeignFormat::Zip),
            (b"Rar!\x1a\x07", ForeignFormat::Zip),
        ];
        if start.starts_with(b"PK\x03\x04") {
            return Some(Self::of_archive(start));
        }
        let magic = MAGIC.iter().find(|(magic, _)| start.starts_with(magic));
        magic
            .map(|(_, format)| *format)
            .or_else(|| Self::of_text(start))
    }

    /// Spreadsheets and documents are zip archives with known files in them.
    fn of_archive(start: &[u8]) -> Self {
        let holds = |name: &[u8]| start.windows(name.len()).any(|window| window == name);
        if holds(b"xl/") {
            Self::Excel
        } else if holds(b"opendocument.spreadsheet") {
            Self::OpenDocument
        } else if holds(b"word/") || holds(b"opendocument.text") {
            Self::Document
        } else {
            Self::Zip
        }
    }

    fn of_text(start: &[u8]) -> Option<Self> {
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let mut visible = text
            .iter()
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace());
        match (visible.next()?, visible.next()) {
            (b'{', Some(b'"' | b'}')) => Some(Self::Json),
            (b'[', Some(b'{' | b'[' | b'"' | b']')) => Some(Self::Json),
            (b'<', _) => {
                let start = text.trim_ascii_start();
                let start = start[..start.len().min(256)].to_ascii_lowercase();
                let is_page = start.starts_with(b"<!doctype html") || start.starts_with(b"<html");
                Some(if is_page { Self::Html } else { Self::Xml })
            }
            _ => None,
        }
    }
}

impl fmt::Display for ForeignFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Json => {
                "this is JSON, not a table; write one row a work and save it as CSV in UTF-8"
            }
            Self::Excel => {
                "this is an Excel workbook; open it and save the sheet as `CSV UTF-8`"
            }
            Self::OldExcel => {
                "this is a workbook of an old Excel; open it and save the sheet as CSV in UTF-8"
            }
            Self::OpenDocument => {
                "this is an OpenDocument spreadsheet; open it and save the sheet as CSV in UTF-8"
            }
            Self::Document => {
                "this is a text document; put its table into a spreadsheet and save that as CSV"
            }
            Self::Zip => "this is an archive; unpack it and import the table in it",
            Self::Pdf => {
                "this is a PDF; export the records from the collection's database as CSV instead"
            }
            Self::Html => {
                "this is a web page, perhaps an error instead of a download; fetch the table itself"
            }
            Self::Xml => "this is XML, not a table; write one row a work and save it as CSV",
            Self::Image => {
                "this is a picture; give the table of the works here, and the folder of images apart"
            }
            Self::Database => "this is a database; export its table of works as CSV in UTF-8",
            Self::Parquet => "this is a Parquet file; export it as CSV in UTF-8",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_tables_are_told_by_their_content() {
        use ForeignFormat as Format;
        for (start, format) in [
            (&b"{\"objects\": [1]}"[..], Some(Format::Json)),
            (b"\xef\xbb\xbf[\n  {\"id\": 1}]", Some(Format::Json)),
            (
                b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml",
                Some(Format::Excel),
            ),
            (b"PK\x03\x04..table.csv", Some(Format::Zip)),
            (b"%PDF-1.7\n", Some(Format::Pdf)),
            (b"<!DOCTYPE html><p>404", Some(Format::Html)),
            (b"<?xml version='1.0'?><lido>", Some(Format::Xml)),
            (b"\xff\xd8\xff\xe0", Some(Format::Image)),
            (b"id,title\n1,{x}\n", None),
            (b"[id],title\n", None),
            (b"{id},title\n", None),
            (b"", None),
        ] {
            let text = String::from_utf8_lossy(start);
            assert_eq!(ForeignFormat::of(start), format, "{text}");
        }
    }
}
