//! Opening a foreign table: compression, encoding, delimiter, rows.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Reader, ReaderBuilder};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};
use crate::mapping::TableFormat;

/// How much of a table is looked at to find its delimiter.
const SAMPLE_LENGTH: usize = 1 << 16;

/// A table with its header read.
pub(super) struct Table {
    pub(super) path: PathBuf,
    pub(super) header: Vec<String>,
    pub(super) encoding: &'static Encoding,
    pub(super) delimiter: u8,
    cell_encoding: &'static Encoding,
    reader: Reader<Box<dyn Read>>,
    record: ByteRecord,
    row: u64,
}

impl Table {
    /// Opens a table, plain or gzip-compressed, and reads its header.
    ///
    /// A byte-order mark decides the encoding; else content that is UTF-8 is
    /// read as such, whatever the mapping says, and other content in the
    /// mapping's encoding.
    pub(super) fn open(path: &Path, format: &TableFormat) -> Result<Self> {
        let survey = Survey::of(path)?;
        let encoding = survey.encoding(path, format.encoding()?)?;
        let content = content(path, encoding)?;
        let delimiter = match format.delimiter_byte()? {
            Some(delimiter) => delimiter,
            None => guess_delimiter(&decoded_sample(&survey.sample, encoding), format.quoting),
        };
        let mut table = Self {
            path: path.to_path_buf(),
            header: Vec::new(),
            encoding,
            // Content in UTF-16 was turned into UTF-8 on the way.
            cell_encoding: if is_utf_16(encoding) { UTF_8 } else { encoding },
            delimiter,
            reader: builder(delimiter, format.quoting).from_reader(content),
            record: ByteRecord::new(),
            row: 0,
        };
        if !table.advance()? {
            let path = path.to_path_buf();
            return Err(Error::EmptyTable { path });
        }
        table.header = (0..table.record.len())
            .map(|index| {
                let (text, _) = table.cell(index);
                text.trim_start_matches('\u{feff}').trim().to_owned()
            })
            .collect();
        Ok(table)
    }

    /// Reads the next row; `false` at the end.
    pub(super) fn advance(&mut self) -> Result<bool> {
        let more = self
            .reader
            .read_byte_record(&mut self.record)
            .map_err(Error::csv(&self.path))?;
        self.row += u64::from(more);
        Ok(more)
    }

    /// The number of the row as a spreadsheet has it: the header is row 1.
    pub(super) fn row(&self) -> u64 {
        self.row
    }

    /// The number of cells of the row.
    pub(super) fn cells(&self) -> usize {
        self.record.len()
    }

    /// A cell's text, and whether all its bytes made sense.
    pub(super) fn cell(&self, index: usize) -> (Cow<'_, str>, bool) {
        let bytes = self.record.get(index).unwrap_or_default();
        let (text, malformed) = self.cell_encoding.decode_without_bom_handling(bytes);
        (text, !malformed)
    }

    /// Whether the row has no text at all.
    pub(super) fn is_blank(&self) -> bool {
        self.record
            .iter()
            .all(|cell| cell.iter().all(u8::is_ascii_whitespace))
    }

    /// The line breaks within the row's cells: many of them mean that a quote
    /// was not closed.
    pub(super) fn line_breaks(&self) -> usize {
        self.record
            .iter()
            .flatten()
            .filter(|byte| **byte == b'\n')
            .count()
    }
}

fn builder(delimiter: u8, quoting: bool) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder
        .delimiter(delimiter)
        .quoting(quoting)
        .flexible(true)
        .has_headers(false);
    builder
}

fn is_utf_16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// The bytes of a file, decompressed where it is gzip.
fn bytes(path: &Path) -> Result<Box<dyn Read>> {
    let mut file = artkg_files::open(path)?;
    let mut magic = Vec::with_capacity(2);
    Read::by_ref(&mut file)
        .take(2)
        .read_to_end(&mut magic)
        .and_then(|_| file.rewind())
        .map_err(reading(path))?;
    let buffered: BufReader<File> = BufReader::with_capacity(1 << 16, file);
    Ok(if magic == [0x1f, 0x8b] {
        Box::new(BufReader::with_capacity(
            1 << 16,
            MultiGzDecoder::new(buffered),
        ))
    } else {
        Box::new(buffered)
    })
}

/// The content as bytes in which delimiters and quotes are single bytes.
fn content(path: &Path, encoding: &'static Encoding) -> Result<Box<dyn Read>> {
    let mut content = bytes(path)?;
    if !is_utf_16(encoding) {
        return Ok(content);
    }
    let mut wide = Vec::new();
    content.read_to_end(&mut wide).map_err(reading(path))?;
    let (text, _) = encoding.decode_with_bom_removal(&wide);
    Ok(Box::new(Cursor::new(text.into_owned().into_bytes())))
}

fn reading(path: &Path) -> impl Fn(io::Error) -> artkg_files::Error {
    move |source| artkg_files::Error::new("read", path, source)
}

/// What one pass over a file's bytes shows.
#[derive(Default)]
struct Survey {
    sample: Vec<u8>,
    /// Characters of more than one byte in valid UTF-8.
    wide_characters: usize,
    /// Bytes that are not UTF-8.
    invalid: usize,
}

impl Survey {
    fn of(path: &Path) -> Result<Self> {
        let mut content = bytes(path)?;
        let mut survey = Self::default();
        let mut buffer = vec![0; 1 << 16];
        let mut carried = 0;
        loop {
            let read = content
                .read(&mut buffer[carried..])
                .map_err(reading(path))?;
            let filled = carried + read;
            if survey.sample.len() < SAMPLE_LENGTH {
                survey.sample.extend_from_slice(&buffer[carried..filled]);
            }
            carried = survey.count(&buffer[..filled], read == 0);
            if read == 0 {
                return Ok(survey);
            }
            buffer.copy_within(filled - carried..filled, 0);
        }
    }

    /// Counts over `bytes` and returns how many at the end start a character
    /// that is not complete yet.
    fn count(&mut self, mut bytes: &[u8], last: bool) -> usize {
        loop {
            match std::str::from_utf8(bytes) {
                Ok(text) => {
                    self.wide_characters += wide_characters(text.as_bytes());
                    return 0;
                }
                Err(error) => {
                    let (valid, rest) = bytes.split_at(error.valid_up_to());
                    self.wide_characters += wide_characters(valid);
                    match error.error_len() {
                        Some(length) => {
                            self.invalid += 1;
                            bytes = &rest[length..];
                        }
                        None if last => {
                            self.invalid += 1;
                            return 0;
                        }
                        None => return rest.len(),
                    }
                }
            }
        }
    }

    fn encoding(&self, path: &Path, fallback: &'static Encoding) -> Result<&'static Encoding> {
        if let Some((encoding, _)) = Encoding::for_bom(&self.sample) {
            return Ok(encoding);
        }
        if self.sample.contains(&0) && !is_utf_16(fallback) {
            let path = path.to_path_buf();
            return Err(Error::ZeroBytes { path });
        }
        // A few bad bytes among many good characters are damage, not another encoding.
        Ok(
            if self.wide_characters > self.invalid || self.invalid == 0 {
                if is_utf_16(fallback) { fallback } else { UTF_8 }
            } else {
                fallback
            },
        )
    }
}

fn wide_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte >= 0xc0).count()
}

fn decoded_sample(sample: &[u8], encoding: &'static Encoding) -> Vec<u8> {
    if is_utf_16(encoding) {
        encoding.decode(sample).0.into_owned().into_bytes()
    } else {
        sample.to_vec()
    }
}

/// The delimiter that gives the most rows as many cells as the header; among
/// equals, the one that gives more cells. A table of one column has commas.
fn guess_delimiter(sample: &[u8], quoting: bool) -> u8 {
    let cut = sample.len() >= SAMPLE_LENGTH;
    let mut best = (0.0, 1, b',');
    for delimiter in [b',', b'\t', b';', b'|'] {
        let mut lengths: Vec<usize> = builder(delimiter, quoting)
            .from_reader(sample)
            .byte_records()
            .map_while(|record| record.ok().map(|record| record.len()))
            .collect();
        if cut && lengths.len() > 1 {
            lengths.pop();
        }
        let Some((&cells, rows)) = lengths.split_first() else {
            continue;
        };
        if cells < 2 {
            continue;
        }
        let agreeing = 1 + rows.iter().filter(|length| **length == cells).count();
        let share = agreeing as f64 / lengths.len() as f64;
        if (share, cells) > (best.0, best.1) {
            best = (share, cells, delimiter);
        }
    }
    best.2
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
            quoting: true,
        }
    }

    fn read(bytes: &[u8], format: &TableFormat) -> Result<Vec<Vec<String>>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        fs::write(&path, bytes).unwrap();
        let mut table = Table::open(&path, format)?;
        let mut rows = vec![table.header.clone()];
        while table.advance()? {
            rows.push(
                (0..table.cells())
                    .map(|index| table.cell(index).0.into_owned())
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
            let rows = read(bytes, &format("auto", "windows-1252")).unwrap();
            assert_eq!(rows, expected);
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
    fn delimiters_are_found_out() {
        for (text, delimiter) in [
            ("a,b\n1,\"x;y;z\"\n", b','),
            ("a;b\n1,5;2,5\n", b';'),
            ("a\tb, c\n1\tx, y, z\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("title\nOne, two\n", b','),
        ] {
            assert_eq!(guess_delimiter(text.as_bytes(), true), delimiter, "{text}");
        }
    }

    #[test]
    fn long_files_are_surveyed_across_buffers() {
        let text = format!("a,b\n{}ü,1\n", "x".repeat((1 << 16) - 5));
        let rows = read(text.as_bytes(), &format(",", "windows-1252")).unwrap();
        assert!(rows[1][0].ends_with('ü'));
    }
}
