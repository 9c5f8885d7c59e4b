//! In which encoding a table's bytes are text.

use std::io::Read;
use std::path::Path;

use chardetng::EncodingDetector;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use serde::Serialize;

use crate::content::{content, reading};
use crate::error::{Error, Result};

/// How much of a table is kept to find its delimiter.
const SAMPLE_LENGTH: usize = 1 << 16;

/// How much of the lines with letters beyond ASCII is kept to find an encoding.
const TELLING_LENGTH: usize = 1 << 18;

/// Longer lines are not looked at.
const LONGEST_LINE: usize = 1 << 16;

/// So many letters beyond ASCII are enough to be sure of an encoding.
const ENOUGH_LETTERS: usize = 30;

/// How an encoding was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncodingBasis {
    /// The file begins with its mark.
    Mark,
    /// All bytes, or nearly all, are UTF-8.
    Valid,
    /// The mapping or the caller says so.
    Stated,
    /// Found out from many letters beyond ASCII.
    Detected,
    /// Guessed from few of them: it may be another.
    Guessed,
}

/// What one pass over a file's bytes shows.
#[derive(Default)]
pub(crate) struct Survey {
    /// The beginning of the file.
    pub(crate) sample: Vec<u8>,
    /// Lines with bytes beyond ASCII.
    telling: Vec<u8>,
    /// The line that is being read.
    line: Vec<u8>,
    /// Characters of more than one byte in valid UTF-8.
    wide_characters: usize,
    /// Bytes that are not UTF-8.
    invalid: usize,
}

impl Survey {
    /// The beginning of a file only.
    pub(crate) fn of_start(path: &Path) -> Result<Self> {
        let (content, _) = content(path, false)?;
        let mut survey = Self::default();
        content
            .take(SAMPLE_LENGTH as u64)
            .read_to_end(&mut survey.sample)
            .map_err(reading(path))?;
        Ok(survey)
    }

    /// The whole file.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let (mut content, meter) = content(path, false)?;
        let mut survey = Self::default();
        let mut buffer = vec![0; 1 << 16];
        let mut carried = 0;
        loop {
            let read = content.read(&mut buffer[carried..]).map_err(|source| {
                meter
                    .refusal(path, 0)
                    .unwrap_or_else(|| reading(path)(source).into())
            })?;
            let filled = carried + read;
            if survey.sample.len() < SAMPLE_LENGTH {
                survey.sample.extend_from_slice(&buffer[carried..filled]);
            }
            survey.keep_telling(&buffer[carried..filled], read == 0);
            carried = survey.count(&buffer[..filled], read == 0);
            if read == 0 {
                return Ok(survey);
            }
            buffer.copy_within(filled - carried..filled, 0);
        }
    }

    /// Whether the sample ends within the table.
    pub(crate) fn is_cut(&self) -> bool {
        self.sample.len() >= SAMPLE_LENGTH
    }

    /// Keeps the lines with bytes beyond ASCII, whole ones only: half a character
    /// would rule its encoding out.
    fn keep_telling(&mut self, bytes: &[u8], last: bool) {
        if self.telling.len() >= TELLING_LENGTH {
            return;
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.line.len() + piece.len() <= LONGEST_LINE {
                self.line.extend_from_slice(piece);
            }
            if piece.ends_with(b"\n") {
                self.end_line();
            }
        }
        if last {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        if !self.line.is_ascii() {
            self.telling.extend_from_slice(&self.line);
        }
        self.line.clear();
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

    /// The encoding, and how it was chosen. A byte-order mark decides; else
    /// content that is UTF-8 is read as such, whatever is stated, and other
    /// content in the stated encoding or, without one, in the likeliest.
    pub(crate) fn encoding(
        &self,
        path: &Path,
        stated: Option<&'static Encoding>,
    ) -> Result<(&'static Encoding, EncodingBasis)> {
        if let Some((encoding, _)) = Encoding::for_bom(&self.sample) {
            return Ok((encoding, EncodingBasis::Mark));
        }
        let stated_wide = stated.filter(|encoding| !encoding.is_ascii_compatible());
        if self.sample.contains(&0) && stated_wide.is_none() {
            let path = path.to_path_buf();
            return Err(Error::ZeroBytes { path });
        }
        // A few bad bytes among many good characters are damage, not another encoding.
        if self.wide_characters > self.invalid || self.invalid == 0 {
            return Ok(match stated_wide {
                Some(stated) => (stated, EncodingBasis::Stated),
                None => (UTF_8, EncodingBasis::Valid),
            });
        }
        if let Some(stated) = stated {
            return Ok((stated, EncodingBasis::Stated));
        }
        let mut detector = EncodingDetector::new();
        detector.feed(&self.telling, true);
        let (encoding, is_likely) = detector.guess_assess(None, false);
        let letters = self.telling.iter().filter(|byte| !byte.is_ascii()).count();
        let basis = match is_likely && letters >= ENOUGH_LETTERS {
            true => EncodingBasis::Detected,
            false => EncodingBasis::Guessed,
        };
        Ok((encoding, basis))
    }

    /// A cell with letters beyond ASCII as the encoding reads it, at most 40
    /// characters around them.
    pub(crate) fn example(&self, encoding: &'static Encoding, delimiter: u8) -> Option<String> {
        let line = self.telling.split(|byte| *byte == b'\n').next()?;
        let (text, _) = encoding.decode_without_bom_handling(line);
        let cell = text
            .split(char::from(delimiter))
            .find(|cell| !cell.is_ascii())?
            .trim()
            .trim_matches('"');
        let first = cell.chars().position(|character| !character.is_ascii())?;
        let example: String = cell
            .chars()
            .skip(first.saturating_sub(20))
            .take(40)
            .collect();
        Some(example)
    }
}

fn wide_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte >= 0xc0).count()
}

/// Whether delimiters and line ends are something else than single bytes.
pub(crate) fn is_wide(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE || !encoding.is_ascii_compatible()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use encoding_rs::{EUC_KR, GBK, KOI8_U, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

    use super::*;

    /// Rows of a catalogue in a language.
    fn rows(words: &[&str]) -> String {
        let rows = words.iter().cycle().take(40).enumerate();
        let rows: Vec<String> = rows.map(|(row, words)| format!("{row},{words}")).collect();
        format!("id,title\r\n{}\r\n", rows.join("\r\n"))
    }

    #[test]
    fn encodings_are_found_out_and_shown() {
        let cases: [(&Encoding, &[&str]); 7] = [
            (
                WINDOWS_1251,
                &[
                    "Репин Илья Ефимович",
                    "Бурлаки на Волге",
                    "Не ждали",
                    "Иван Грозный и сын его",
                ],
            ),
            (
                KOI8_U,
                &[
                    "Левитан Исаак Ильич",
                    "Над вечным покоем",
                    "Золотая осень",
                    "Владимирка",
                ],
            ),
            (
                SHIFT_JIS,
                &[
                    "葛飾北斎",
                    "神奈川沖浪裏",
                    "富嶽三十六景",
                    "歌川広重の東海道五十三次",
                ],
            ),
            (GBK, &["齐白石", "虾", "清明上河图", "千里江山图卷的局部"]),
            (EUC_KR, &["김홍도", "씨름", "서당의 풍경을 그린 그림"]),
            (
                WINDOWS_1252,
                &[
                    "Dürer, Albrecht",
                    "Selbstbildnis im Pelzrock, Öl auf Holz",
                    "Nature morte à la carafe",
                ],
            ),
            (
                WINDOWS_1250,
                &[
                    "Żmurko Franciszek",
                    "Pejzaż z rzeką o świcie",
                    "Święto młodości",
                    "Dziewczyna z kwiatami w ręku",
                ],
            ),
        ];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        for (encoding, words) in cases {
            let text = rows(words);
            let (bytes, _, lost) = encoding.encode(&text);
            assert!(!lost);
            fs::write(&path, &bytes).unwrap();
            let survey = Survey::of(&path).unwrap();
            let (found, basis) = survey.encoding(&path, None).unwrap();
            assert_eq!(found, encoding);
            assert_eq!(basis, EncodingBasis::Detected, "{}", encoding.name());
            let example = survey.example(found, b',').unwrap();
            assert!(
                words.iter().any(|words| words.contains(&example)),
                "{example}"
            );
            let stated = survey.encoding(&path, Some(WINDOWS_1252)).unwrap();
            assert_eq!(stated, (WINDOWS_1252, EncodingBasis::Stated));
        }
    }

    #[test]
    fn few_letters_are_a_guess() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        fs::write(&path, b"id,title\n1,D\xfcrer\n").unwrap();
        let survey = Survey::of(&path).unwrap();
        let found = survey.encoding(&path, None).unwrap();
        assert_eq!(found, (WINDOWS_1252, EncodingBasis::Guessed));
        assert_eq!(survey.example(WINDOWS_1252, b',').as_deref(), Some("Dürer"));
    }
}
