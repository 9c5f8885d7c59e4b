//! Finding values in JSON without holding more than one of them.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::content::{self, Meter};
use crate::error::{Error, Result};
use crate::place::{Place, Unit};

/// The most bytes that one value may have.
const LARGEST_VALUE: usize = 64 << 20;

/// How many lists and objects may stand within one another.
const DEEPEST: usize = 64;

/// A place in a JSON text. What it finds is looked at no further than its brackets and
/// quotes ask for; who takes a value has it parsed.
pub(crate) struct Scanner {
    path: PathBuf,
    content: BufReader<Box<dyn Read + Send>>,
    meter: Arc<Meter>,
    line: u64,
}

impl Scanner {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let (content, meter) = content::text(path)?;
        Ok(Self {
            path: path.to_path_buf(),
            content: BufReader::with_capacity(1 << 16, content),
            meter,
            line: 1,
        })
    }

    /// The line of the byte that comes next; the first is 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// What is wrong with the text here.
    pub(super) fn fault(&self, reason: impl Into<String>) -> Error {
        Error::Json {
            path: self.path.clone(),
            line: self.line,
            reason: reason.into(),
        }
    }

    fn buffer(&mut self) -> Result<&[u8]> {
        // Twice, as the borrow of an error would last as long as that of the bytes.
        if let Err(source) = self.content.fill_buf() {
            let refusal = self.meter.refusal(&self.path, self.line);
            return Err(refusal.unwrap_or_else(|| content::reading(&self.path)(source).into()));
        }
        Ok(self.content.buffer())
    }

    fn skip(&mut self, length: usize) {
        self.content.consume(length);
    }

    /// The next byte that is no white space, without going past it.
    pub(super) fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            let (mut blank, mut lines, mut found) = (0, 0, None);
            let bytes = self.buffer()?;
            if bytes.is_empty() {
                return Ok(None);
            }
            for byte in bytes {
                match byte {
                    b' ' | b'\t' | b'\r' => {}
                    b'\n' => lines += 1,
                    other => {
                        found = Some(*other);
                        break;
                    }
                }
                blank += 1;
            }
            self.skip(blank);
            self.line += lines;
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Goes past the next byte, if it is this one.
    pub(super) fn takes(&mut self, byte: u8) -> Result<bool> {
        let is_it = self.peek()? == Some(byte);
        if is_it {
            self.skip(1);
        }
        Ok(is_it)
    }

    /// Goes past the next byte, which must be this one.
    pub(super) fn expect(&mut self, byte: u8) -> Result<()> {
        match self.takes(byte)? {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{}`", char::from(byte)))),
        }
    }

    fn unexpected(&mut self, wanted: &str) -> Error {
        match self.peek() {
            Ok(Some(found)) => self.fault(format!(
                "there is `{}` where {wanted} should be",
                char::from(found)
            )),
            Ok(None) => self.fault(format!("the file ends where {wanted} should be")),
            Err(error) => error,
        }
    }

    /// Goes past what stands between two values of a list or object: whether there is
    /// another, and no `end`.
    pub(super) fn goes_on(&mut self, is_first: bool, end: u8) -> Result<bool> {
        if self.takes(end)? {
            return Ok(false);
        }
        if !is_first {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// The name of an object's next member, past its colon.
    pub(super) fn key(&mut self, bytes: &mut Vec<u8>) -> Result<String> {
        if self.peek()? != Some(b'"') {
            return Err(self.unexpected("a member's name"));
        }
        self.take(bytes)?;
        let name = serde_json::from_slice(bytes).map_err(|error| self.fault(error.to_string()))?;
        self.expect(b':')?;
        Ok(name)
    }

    /// The bytes of the next value, instead of what is in `bytes`.
    pub(crate) fn take(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        self.past_value(bytes, true)
    }

    /// As [`Scanner::take`], of values that follow one another; `false` where the text
    /// ends.
    pub(super) fn take_next(&mut self, bytes: &mut Vec<u8>) -> Result<bool> {
        match self.peek()? {
            None => Ok(false),
            // No value begins like this, and taking none would never come to an end.
            Some(b',' | b']' | b'}') => Err(self.unexpected("a value")),
            Some(_) => self.take(bytes).map(|()| true),
        }
    }

    /// Goes past the next value, however large.
    pub(super) fn pass(&mut self) -> Result<()> {
        self.past_value(&mut Vec::new(), false)
    }

    fn past_value(&mut self, bytes: &mut Vec<u8>, keep: bool) -> Result<()> {
        bytes.clear();
        match self.peek()? {
            Some(b'{' | b'[') => self.take_while(bytes, keep, Nested::default(), Nested::goes_on),
            Some(b'"') => self.take_while(bytes, keep, Text::default(), Text::goes_on),
            Some(_) => self.take_while(bytes, keep, (), |(), byte| match byte {
                b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n' => Step::Before,
                _ => Step::On,
            }),
            None => Err(self.unexpected("a value")),
        }
    }

    fn take_while<S>(
        &mut self,
        bytes: &mut Vec<u8>,
        keep: bool,
        mut state: S,
        mut step: impl FnMut(&mut S, u8) -> Step,
    ) -> Result<()> {
        loop {
            let (mut length, mut lines, mut last) = (0, 0, Step::On);
            let buffer = self.buffer()?;
            if buffer.is_empty() {
                // A number may end with the file.
                return match matches!(bytes.first(), Some(b'{' | b'[' | b'"') | None) {
                    true => Err(self.fault("the file ends within a value")),
                    false => Ok(()),
                };
            }
            for byte in buffer {
                last = step(&mut state, *byte);
                if last == Step::Before {
                    break;
                }
                length += 1;
                lines += u64::from(*byte == b'\n');
                if last != Step::On {
                    break;
                }
            }
            let kept = match keep {
                true => length,
                false => length.min(1 - bytes.len().min(1)),
            };
            bytes.extend_from_slice(&buffer[..kept]);
            self.skip(length);
            self.line += lines;
            match last {
                Step::On if bytes.len() > LARGEST_VALUE => {
                    return Err(Error::LargeRecord {
                        path: self.path.clone(),
                        place: Place {
                            unit: Unit::Line,
                            number: self.line,
                        },
                        most: (LARGEST_VALUE >> 20) as u64,
                    });
                }
                Step::On => {}
                Step::Last | Step::Before => return Ok(()),
                Step::TooDeep => {
                    return Err(Error::Depth {
                        path: self.path.clone(),
                        line: self.line,
                        most: DEEPEST,
                    });
                }
            }
        }
    }

    /// The rest of the line, without its end; `false` at the end of the file.
    pub(super) fn take_line(&mut self, bytes: &mut Vec<u8>) -> Result<bool> {
        bytes.clear();
        if self.buffer()?.is_empty() {
            return Ok(false);
        }
        let is_end = |(): &mut (), byte| match byte {
            b'\n' => Step::Last,
            _ => Step::On,
        };
        match self.take_while(bytes, true, (), is_end) {
            Ok(()) => {}
            // The last line need not have an end.
            Err(Error::Json { .. }) if self.buffer()?.is_empty() => {}
            Err(error) => return Err(error),
        }
        Ok(true)
    }
}

/// What a byte is to the value that is being taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The value goes on after it.
    On,
    /// It is the value's last.
    Last,
    /// The value ended before it.
    Before,
    /// It opens one list or object too many.
    TooDeep,
}

/// Within a text.
#[derive(Default)]
struct Text {
    is_open: bool,
    is_escaped: bool,
}

impl Text {
    fn goes_on(&mut self, byte: u8) -> Step {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            b'"' if self.is_open => return Step::Last,
            b'"' => self.is_open = true,
            _ => {}
        }
        Step::On
    }
}

/// Within lists and objects.
#[derive(Default)]
struct Nested {
    text: Text,
    depth: usize,
}

impl Nested {
    fn goes_on(&mut self, byte: u8) -> Step {
        if self.text.is_open {
            if self.text.goes_on(byte) == Step::Last {
                self.text.is_open = false;
            }
            return Step::On;
        }
        match byte {
            b'"' => self.text.is_open = true,
            b'{' | b'[' => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Step::TooDeep;
                }
            }
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 {
                    return Step::Last;
                }
            }
            _ => {}
        }
        Step::On
    }
}
