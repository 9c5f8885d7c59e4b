//! Reading tables of text: compression, encoding, delimiter, quotes.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csv::{ByteRecord, Reader};
use encoding_rs::{Encoding, UTF_8};

use crate::content::{self, Meter};
use crate::delimiter;
use crate::encoding::{self, EncodingBasis, Survey};
use crate::error::{Error, Result};
use crate::foreign_format::{ForeignFormat, Recognised};
use crate::quotes::{self, Swallowed};
use crate::table_format::TableFormat;
use crate::text::without_zeros;

/// Stands behind the last row. A reader that is within quotes there takes it for
/// a part of the cell.
const END: &[u8] = b"\x1fend of the table\x1f";

/// A table of text, read row by row.
pub struct Table {
    path: PathBuf,
    reader: Reader<Box<dyn Read + Send>>,
    meter: Arc<Meter>,
    /// The encoding of the file.
    pub encoding: &'static Encoding,
    /// How that was chosen.
    pub basis: EncodingBasis,
    /// A cell with letters beyond ASCII, where the encoding was found out.
    pub example: Option<String>,
    /// What stands between cells.
    pub delimiter: u8,
    /// The encoding of the cells: wide encodings become UTF-8 on the way.
    cell_encoding: &'static Encoding,
    row: u64,
}

/// What reading a row came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A row.
    Row,
    /// A row whose last cell was never closed: the file ended within quotes.
    Unclosed,
    /// No further row.
    End,
}

impl Table {
    /// Opens a table, plain or gzip-compressed.
    ///
    /// # Errors
    /// A file that cannot be read, or is no text.
    pub fn open(path: &Path, format: &TableFormat) -> Result<Self> {
        recognised(path)?;
        Self::open_surveyed(path, &Survey::of(path)?, format)
    }

    /// Opens a table that was looked through before.
    ///
    /// # Errors
    /// A file that cannot be read, or is no text.
    pub(crate) fn open_surveyed(
        path: &Path,
        survey: &Survey,
        format: &TableFormat,
    ) -> Result<Self> {
        let (encoding, basis) = survey.encoding(path, format.encoding()?)?;
        let delimiter = match format.delimiter_byte()? {
            Some(delimiter) => delimiter,
            None => {
                let sample = decoded_sample(&survey.sample, encoding);
                delimiter::guess(&sample, format.quoting, survey.is_cut())
            }
        };
        let mut table = Self::with(path, encoding, delimiter, format.quoting)?;
        table.basis = basis;
        if matches!(basis, EncodingBasis::Detected | EncodingBasis::Guessed) {
            table.example = survey.example(encoding, delimiter);
        }
        Ok(table)
    }

    /// Opens a table that artkg wrote, with a column of the given name: UTF-8,
    /// commas, lines that end with a line feed. One that another program saved
    /// again has other ends of lines or delimiters and is read like any other.
    ///
    /// # Errors
    /// A file that cannot be read, or is no text.
    pub fn open_own(path: &Path, column: &str) -> Result<Self> {
        let start = Survey::of_start(path)?;
        let marked = Encoding::for_bom(&start.sample).is_some();
        let delimiter = delimiter::with_column(&start.sample, column);
        let is_own = !marked
            && !start.sample.contains(&0)
            && !start.sample.windows(2).any(|pair| pair == b"\r\n")
            && delimiter.is_none_or(|delimiter| delimiter == b',');
        if is_own {
            recognised(path)?;
            return Self::with(path, UTF_8, b',', true);
        }
        let delimiter = delimiter.map_or("auto".to_owned(), |byte| char::from(byte).to_string());
        Self::open(
            path,
            &TableFormat {
                delimiter,
                ..TableFormat::default()
            },
        )
    }

    fn with(
        path: &Path,
        encoding: &'static Encoding,
        delimiter: u8,
        quoting: bool,
    ) -> Result<Self> {
        let (content, meter): (Box<dyn Read + Send>, _) = if encoding::is_wide(encoding) {
            let wide = content::read_all(path)?;
            let (text, _) = encoding.decode_with_bom_removal(&wide);
            // No text has zero bytes, and what is made of this one is refused if it does.
            let text = without_zeros(&text).into_owned().into_bytes();
            (Box::new(Cursor::new(text)), Arc::default())
        } else {
            content::content(path, true)?
        };
        let end = [b"\n", END, b"\n"].concat();
        let content: Box<dyn Read + Send> = Box::new(content.chain(Cursor::new(end)));
        Ok(Self {
            path: path.to_path_buf(),
            reader: delimiter::builder(delimiter, quoting).from_reader(content),
            meter,
            encoding,
            basis: EncodingBasis::Valid,
            example: None,
            delimiter,
            cell_encoding: if encoding::is_wide(encoding) {
                UTF_8
            } else {
                encoding
            },
            row: 0,
        })
    }

    /// Reads the next row.
    ///
    /// # Errors
    /// A file that cannot be read on, or a row too large to be one.
    pub fn read(&mut self, record: &mut ByteRecord) -> Result<Next> {
        let more = self.reader.read_byte_record(record).map_err(|source| {
            self.meter
                .refusal(&self.path, self.row + 1)
                .unwrap_or_else(|| Error::csv(&self.path)(source))
        })?;
        self.meter.end_row();
        if !more || record.len() == 1 && &record[0] == END {
            return Ok(Next::End);
        }
        self.row += 1;
        let Some(rest) = record.as_slice().strip_suffix(b"\n") else {
            return Ok(Next::Row);
        };
        let Some(rest) = rest.strip_suffix(END) else {
            return Ok(Next::Row);
        };
        // Take the mark out of the last cell.
        let kept = rest.strip_suffix(b"\n").unwrap_or(rest).len();
        let mut clean = ByteRecord::with_capacity(kept, record.len());
        let last = record.len() - 1;
        for cell in record.iter().take(last) {
            clean.push_field(cell);
        }
        let start = record.range(last).map_or(kept, |range| range.start);
        clean.push_field(&record.as_slice()[start.min(kept)..kept]);
        *record = clean;
        Ok(Next::Unclosed)
    }

    /// The number of the row read last as a spreadsheet has it: the header is row 1.
    pub fn row(&self) -> u64 {
        self.row
    }

    /// The encoding that [`cell`] reads cells in.
    pub fn cell_encoding(&self) -> &'static Encoding {
        self.cell_encoding
    }

    /// Rows that a cell of the record has swallowed because a quote is not closed.
    pub fn swallowed(&self, record: &ByteRecord, columns: usize) -> Option<Swallowed> {
        quotes::swallowed(record, self.delimiter, columns)
    }
}

/// A cell's text, and whether all its bytes made sense.
pub fn cell<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> (Cow<'a, str>, bool) {
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    (text, !malformed)
}

/// Refuses a file that is no table of text.
fn recognised(path: &Path) -> Result<()> {
    let start = Survey::of_start(path)?.sample;
    let format = match Recognised::of(&start) {
        Recognised::Table => return Ok(()),
        Recognised::Json => ForeignFormat::Json,
        Recognised::Lido => ForeignFormat::Lido,
        Recognised::Workbook(_) => ForeignFormat::Workbook,
        Recognised::Parquet => ForeignFormat::Parquet,
        Recognised::Foreign(format) => format,
    };
    Err(Error::NotATable {
        path: path.to_path_buf(),
        format,
    })
}

fn decoded_sample<'a>(sample: &'a [u8], encoding: &'static Encoding) -> Cow<'a, [u8]> {
    if encoding::is_wide(encoding) {
        Cow::Owned(encoding.decode(sample).0.into_owned().into_bytes())
    } else {
        Cow::Borrowed(sample)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    fn format(delimiter: &str, encoding: &str) -> TableFormat {
        TableFormat {
            delimiter: delimiter.into(),
            encoding: encoding.into(),
            ..TableFormat::default()
        }
    }

    fn read(bytes: &[u8], format: &TableFormat) -> Result<Vec<Vec<String>>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        fs::write(&path, bytes).unwrap();
        let mut table = Table::open(&path, format)?;
        let mut rows = Vec::new();
        let mut record = ByteRecord::new();
        while table.read(&mut record)? != Next::End {
            let encoding = table.cell_encoding();
            let cells = record.iter().map(|bytes| cell(bytes, encoding).0);
            rows.push(
                cells
                    .map(|text| text.trim_start_matches('\u{feff}').to_owned())
                    .collect(),
            );
        }
        Ok(rows)
    }

    #[test]
    fn encodings() {
        let expected = [["name", "city"], ["Dürer", "Nürnberg"]];
        let latin: &[u8] = b"name\tcity\r\nD\xfcrer\tN\xfcrnberg\r\n";
        let utf_8 = "name\tcity\nDürer\tNürnberg".as_bytes();
        let wide = |big: bool| -> Vec<u8> {
            "\u{feff}name\tcity\nDürer\tNürnberg\n"
                .encode_utf16()
                .flat_map(|unit| {
                    if big {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                })
                .collect()
        };
        let marked = [b"\xef\xbb\xbf", utf_8].concat();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(latin).unwrap();
        let packed = packed.finish().unwrap();
        for bytes in [latin, utf_8, &wide(true), &wide(false), &marked, &packed] {
            for encoding in ["windows-1252", "auto"] {
                let rows = read(bytes, &format("auto", encoding)).unwrap();
                assert_eq!(rows, expected);
            }
        }
        let without_mark = &wide(false)[2..];
        let message = read(without_mark, &format("auto", "utf-8"))
            .unwrap_err()
            .to_string();
        assert!(message.contains("zero bytes"), "{message}");
        let rows = read(without_mark, &format("auto", "utf-16le")).unwrap();
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_bad_byte_does_not_change_the_encoding() {
        let rows = read(
            b"a,b\n\xc3\xbc,\xc3\xa9\n\xff,x\n",
            &format("auto", "windows-1252"),
        )
        .unwrap();
        assert_eq!(rows[1], ["ü", "é"]);
        assert_eq!(rows[2], ["\u{fffd}", "x"]);
    }

    #[test]
    fn long_files_are_surveyed_across_buffers() {
        let text = format!("a,b\n{}ü,1\n", "x".repeat((1 << 16) - 5));
        let rows = read(text.as_bytes(), &format(",", "windows-1252")).unwrap();
        assert!(rows[1][0].ends_with('ü'));
    }

    #[test]
    fn the_end_within_quotes_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        for (text, expected, last) in [
            ("a,b\n1,\"x\ny\n", vec![Next::Row, Next::Unclosed], "x\ny\n"),
            ("a,b\n1,\"x", vec![Next::Row, Next::Unclosed], "x"),
            ("a,b\n1,\"", vec![Next::Row, Next::Unclosed], ""),
            ("a,b\n1,\"x\ny\"", vec![Next::Row, Next::Row], "x\ny"),
            ("a,b\n1,7\" wide\n", vec![Next::Row, Next::Row], "7\" wide"),
            ("a,b\n\n1,x\n\n", vec![Next::Row, Next::Row], "x"),
        ] {
            fs::write(&path, text).unwrap();
            let mut table = Table::open(&path, &format("auto", "auto")).unwrap();
            let (mut record, mut found, mut cell) = (ByteRecord::new(), Vec::new(), Vec::new());
            loop {
                match table.read(&mut record).unwrap() {
                    Next::End => break,
                    next => found.push(next),
                }
                cell = record[record.len() - 1].to_vec();
            }
            assert_eq!(found, expected, "{text}");
            assert_eq!(String::from_utf8_lossy(&cell), last, "{text}");
        }
    }

    #[test]
    fn what_expands_without_end_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv.gz");
        let file = fs::File::create(&path).unwrap();
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        packed.write_all(b"a,b\n1,\"").unwrap();
        let block = vec![b'x'; 1 << 20];
        for _ in 0..80 {
            packed.write_all(&block).unwrap();
        }
        packed.finish().unwrap();
        let mut table = Table::open(&path, &format("auto", "auto")).unwrap();
        let mut record = ByteRecord::new();
        assert_eq!(table.read(&mut record).unwrap(), Next::Row);
        let error = table.read(&mut record).unwrap_err();
        assert!(matches!(error, Error::LargeRow { row: 2, .. }), "{error}");
    }

    #[test]
    fn zero_characters_of_wide_texts_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        let text = "\u{feff}id,title\n1,a\0b\n".encode_utf16();
        fs::write(&path, text.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).unwrap();
        let mut table = Table::open(&path, &format("auto", "auto")).unwrap();
        let mut record = ByteRecord::new();
        table.read(&mut record).unwrap();
        table.read(&mut record).unwrap();
        assert_eq!(&record[1], "a\u{fffd}b".as_bytes());
    }

    #[test]
    fn own_tables_that_were_saved_again_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("artworks.csv");
        let wide: Vec<u8> = "\u{feff}id\tauthor\r\n1\tDürer\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, encoding, delimiter) in [
            ("id,author\n1,Dürer\n".as_bytes(), UTF_8, b','),
            (
                b"id;author\r\n1;D\xfcrer\r\n",
                encoding_rs::WINDOWS_1252,
                b';',
            ),
            ("\u{feff}id;author\r\n1;Dürer\r\n".as_bytes(), UTF_8, b';'),
            (&wide, encoding_rs::UTF_16LE, b'\t'),
        ] {
            fs::write(&path, bytes).unwrap();
            let mut table = Table::open_own(&path, "id").unwrap();
            assert_eq!((table.encoding, table.delimiter), (encoding, delimiter));
            let mut record = ByteRecord::new();
            table.read(&mut record).unwrap();
            table.read(&mut record).unwrap();
            let (text, sound) = cell(&record[1], table.cell_encoding());
            assert_eq!((&*text, sound), ("Dürer", true));
        }
    }
}
