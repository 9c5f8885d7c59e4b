//! What files are, told by their content.

use std::fmt;

use encoding_rs::Encoding;

use crate::format::Format;

/// How files of old versions of Office begin.
const OLD_OFFICE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// What a file is where no records can be read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignFormat {
    /// JSON where a table has to be.
    Json,
    /// LIDO where a table has to be.
    Lido,
    /// A workbook where a table of text has to be.
    Workbook,
    /// A text document, `.docx` or `.odt`.
    Document,
    /// Another archive.
    Zip,
    /// A PDF.
    Pdf,
    /// A web page.
    Html,
    /// XML other than LIDO: METS, EAD…
    Xml,
    /// A picture.
    Image,
    /// A database file.
    Database,
    /// Parquet where a table of text has to be.
    Parquet,
}

/// What the beginning of a file shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// It may be a table of text.
    Table,
    /// It begins as JSON does.
    Json,
    /// It is XML that speaks of LIDO.
    Lido,
    /// It is a workbook.
    Workbook(Format),
    /// It is Parquet.
    Parquet,
    /// No records can be read from it.
    Foreign(ForeignFormat),
}

impl Recognised {
    /// What the beginning of a file shows.
    pub(crate) fn of(start: &[u8]) -> Self {
        if starts_as_json(start) {
            return Self::Json;
        }
        if is_lido(start) {
            return Self::Lido;
        }
        if start.starts_with(b"PK\x03\x04") {
            return of_archive(start);
        }
        if start.starts_with(OLD_OFFICE) {
            return Self::Workbook(Format::OldExcel);
        }
        if start.starts_with(b"PAR1") {
            return Self::Parquet;
        }
        ForeignFormat::of(start).map_or(Self::Table, Self::Foreign)
    }
}

/// Spreadsheets and documents are zip archives with known files in them.
fn of_archive(start: &[u8]) -> Recognised {
    let holds = |name: &[u8]| start.windows(name.len()).any(|window| window == name);
    if holds(b"xl/") {
        Recognised::Workbook(Format::Excel)
    } else if holds(b"opendocument.spreadsheet") {
        Recognised::Workbook(Format::OpenDocument)
    } else if holds(b"word/") || holds(b"opendocument.text") {
        Recognised::Foreign(ForeignFormat::Document)
    } else {
        Recognised::Foreign(ForeignFormat::Zip)
    }
}

/// Whether XML names the schema of LIDO, in its root or in the first record of a harvest.
fn is_lido(start: &[u8]) -> bool {
    const NAMESPACE: &[u8] = b"www.lido-schema.org";
    let zeroless: Vec<u8> = start.iter().copied().filter(|byte| *byte != 0).collect();
    let first = zeroless.iter().find(|byte| {
        !byte.is_ascii_whitespace() && ![0xef, 0xbb, 0xbf, 0xfe, 0xff].contains(*byte)
    });
    first == Some(&b'<')
        && zeroless
            .windows(NAMESPACE.len())
            .any(|window| window == NAMESPACE)
}

/// Whether a text begins with a list or an object of JSON.
fn starts_as_json(start: &[u8]) -> bool {
    let text: Vec<u8> = match Encoding::for_bom(start) {
        Some((encoding, _)) => {
            let start = &start[..start.len().min(1 << 10)];
            encoding.decode(start).0.into_owned().into_bytes()
        }
        None => start.to_vec(),
    };
    let mut visible = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    matches!(
        (visible.next(), visible.next()),
        (Some(b'{'), Some(b'"' | b'}')) | (Some(b'['), Some(b'{' | b'[' | b'"' | b']'))
    )
}

impl ForeignFormat {
    /// What the beginning of a file shows; `None` where it may be a table.
    fn of(start: &[u8]) -> Option<Self> {
        const MAGIC: [(&[u8], ForeignFormat); 10] = [
            (b"%PDF-", ForeignFormat::Pdf),
            (b"SQLite format 3\0", ForeignFormat::Database),
            (b"\xff\xd8\xff", ForeignFormat::Image),
            (b"\x89PNG\r\n\x1a\n", ForeignFormat::Image),
            (b"GIF8", ForeignFormat::Image),
            (b"II*\0", ForeignFormat::Image),
            (b"MM\0*", ForeignFormat::Image),
            (b"\0\x01\0\0Standard ", ForeignFormat::Database),
            (b"7z\xbc\xaf\x27\x1c", ForeignFormat::Zip),
            (b"Rar!\x1a\x07", ForeignFormat::Zip),
        ];
        let magic = MAGIC.iter().find(|(magic, _)| start.starts_with(magic));
        magic
            .map(|(_, format)| *format)
            .or_else(|| Self::of_markup(start))
    }

    fn of_markup(start: &[u8]) -> Option<Self> {
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let text = text.trim_ascii_start();
        if !text.starts_with(b"<") {
            return None;
        }
        let start = text[..text.len().min(256)].to_ascii_lowercase();
        let is_page = start.starts_with(b"<!doctype html") || start.starts_with(b"<html");
        Some(if is_page { Self::Html } else { Self::Xml })
    }
}

impl fmt::Display for ForeignFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Json => "this is JSON, not a table",
            Self::Lido => "this is LIDO, not a table",
            Self::Workbook => "this is a workbook, not a table of text",
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
            Self::Xml => "this is XML, but not LIDO; export the records as LIDO or as CSV",
            Self::Image => {
                "this is a picture; give the table of the works here, and the folder of images apart"
            }
            Self::Database => "this is a database; export its table of works as CSV in UTF-8",
            Self::Parquet => "this is Parquet, not a table of text",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_content() {
        use ForeignFormat as Foreign;
        let foreign = Recognised::Foreign;
        for (start, recognised) in [
            (&b"{\"objects\": [1]}"[..], Recognised::Json),
            (b"\xef\xbb\xbf[\n  {\"id\": 1}]", Recognised::Json),
            (b"\xff\xfe[\0{\0\"\0", Recognised::Json),
            (
                b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml",
                Recognised::Workbook(Format::Excel),
            ),
            (b"PK\x03\x04..table.csv", foreign(Foreign::Zip)),
            (b"%PDF-1.7\n", foreign(Foreign::Pdf)),
            (b"<!DOCTYPE html><p>404", foreign(Foreign::Html)),
            (
                b"<?xml version='1.0'?><l:lido xmlns:l='http://www.lido-schema.org'>",
                Recognised::Lido,
            ),
            (b"<?xml version='1.0'?><mets>", foreign(Foreign::Xml)),
            (b"\xff\xd8\xff\xe0", foreign(Foreign::Image)),
            (b"id,title\n1,{x}\n", Recognised::Table),
            (b"[id],title\n", Recognised::Table),
            (b"{id},title\n", Recognised::Table),
            (b"", Recognised::Table),
        ] {
            let text = String::from_utf8_lossy(start);
            assert_eq!(Recognised::of(start), recognised, "{text}");
        }
    }
}
