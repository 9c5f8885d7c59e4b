//! The elements of an XML file that are records, one tree at a time.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::content::{self, Meter};
use crate::decoding::Decoding;
use crate::error::{Error, Result};

/// How many elements may stand within one another.
const DEEPEST: usize = 64;

/// The most elements that one record may have.
const MOST_ELEMENTS: usize = 1 << 20;

/// Where a file's declaration stands.
const DECLARATION: usize = 256;

/// An element and what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its name without a prefix.
    pub(crate) name: String,
    /// Names without prefixes, and values.
    pub(crate) attributes: Vec<(String, String)>,
    /// The text that stands directly in it.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// An attribute by its name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Its text without spaces around it, unless that is empty.
    pub(crate) fn trimmed(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// The elements directly in it of a name.
    pub(crate) fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The elements at the end of a path of names.
    pub(crate) fn all(&self, path: &[&str]) -> Vec<&Element> {
        let mut found = vec![self];
        for name in path {
            let children = found.iter().flat_map(|element| &element.children);
            found = children.filter(|child| child.name == *name).collect();
        }
        found
    }

    /// The first text at the end of a path of names.
    pub(crate) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.all(path).into_iter().find_map(Element::trimmed)
    }
}

/// A file's elements of one name.
pub(crate) struct Elements {
    path: PathBuf,
    reader: Reader<BufReader<Box<dyn Read + Send>>>,
    meter: Arc<Meter>,
    buffer: Vec<u8>,
    name: &'static str,
    /// How many were begun.
    number: u64,
    /// The names of the elements that are open around them.
    open: usize,
}

impl Elements {
    pub(crate) fn open(path: &Path, name: &'static str) -> Result<Self> {
        let (content, meter) = content::content(path, true)?;
        let (start, content) = content::start(path, content, DECLARATION)?;
        let encoding = declared(&start);
        let is_marked = Encoding::for_bom(&start).is_some();
        let content: Box<dyn Read + Send> = match encoding == UTF_8 && !is_marked {
            true => content,
            false => Box::new(Decoding::new(content, encoding)),
        };
        let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, content));
        reader.config_mut().expand_empty_elements = true;
        Ok(Self {
            path: path.to_path_buf(),
            reader,
            meter,
            buffer: Vec::new(),
            name,
            number: 0,
            open: 0,
        })
    }

    /// The number of the element read last; the first is 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// The next element of the name, with all that is in it; `None` at the file's end.
    pub(crate) fn next(&mut self) -> Result<Option<Element>> {
        loop {
            self.buffer.clear();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => return Err(self.fault(error)),
            };
            match event {
                Event::Start(start) if start.local_name().as_ref() == self.name => {
                    self.number += 1;
                    let root = match element(&start) {
                        Ok(element) => element,
                        Err(error) => return Err(self.fault(error)),
                    };
                    self.meter.end_row();
                    return self.tree(root).map(Some);
                }
                Event::Start(_) => self.open += 1,
                Event::End(_) => self.open = self.open.saturating_sub(1),
                Event::Eof if self.open > 0 => {
                    return Err(self.refusal("the file ends within an element".to_owned()));
                }
                Event::Eof => return Ok(None),
                _ => {}
            }
            self.meter.end_row();
        }
    }

    /// The rest of an element that was begun.
    fn tree(&mut self, root: Element) -> Result<Element> {
        let mut open = vec![root];
        let mut count = 1;
        loop {
            self.buffer.clear();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => return Err(self.fault(error)),
            };
            let innermost = open.last_mut();
            let fault = match (event, innermost) {
                (Event::Start(start), _) => match element(&start) {
                    Ok(element) => {
                        open.push(element);
                        count += 1;
                        None
                    }
                    Err(error) => Some(error.to_string()),
                },
                (Event::Text(text), Some(element)) => {
                    element.text.push_str(&text.xml10_content());
                    None
                }
                (Event::CData(text), Some(element)) => {
                    element.text.push_str(&text.xml10_content());
                    None
                }
                (Event::GeneralRef(reference), Some(element)) => {
                    append_reference(&mut element.text, &reference)
                }
                (Event::End(_), _) => {
                    let closed = open.pop().unwrap_or_default();
                    match open.last_mut() {
                        Some(around) => around.children.push(closed),
                        None => return Ok(closed),
                    }
                    None
                }
                (Event::Eof, _) => Some("the file ends within an element".to_owned()),
                _ => None,
            };
            if let Some(reason) = fault {
                return Err(self.refusal(reason));
            }
            if open.len() > DEEPEST {
                return Err(self.refusal(format!("nested deeper than {DEEPEST}")));
            }
            if count > MOST_ELEMENTS {
                return Err(self.refusal(format!("one record has over {MOST_ELEMENTS} elements")));
            }
        }
    }

    fn fault(&self, error: quick_xml::Error) -> Error {
        self.meter
            .refusal(&self.path, self.number.max(1))
            .unwrap_or_else(|| self.refusal(error.to_string()))
    }

    fn refusal(&self, reason: String) -> Error {
        Error::Xml {
            path: self.path.clone(),
            element: self.number,
            byte: self.reader.buffer_position(),
            reason,
        }
    }
}

fn element(start: &BytesStart<'_>) -> quick_xml::Result<Element> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute?;
        let name = attribute.key.local_name().as_ref().to_owned();
        let value = attribute.normalized_value(XmlVersion::default())?;
        attributes.push((name, value.into_owned()));
    }
    Ok(Element {
        name: start.local_name().as_ref().to_owned(),
        attributes,
        ..Element::default()
    })
}

/// Adds what `&amp;` or `&#233;` stands for. Entities that a file declares itself are kept
/// as they are written: what they stand for may be as large as they like.
fn append_reference(text: &mut String, reference: &BytesRef<'_>) -> Option<String> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => text.push(character),
        Ok(None) => match &reference[..] {
            "amp" => text.push('&'),
            "lt" => text.push('<'),
            "gt" => text.push('>'),
            "quot" => text.push('"'),
            "apos" => text.push('\''),
            name => text.push_str(&format!("&{name};")),
        },
        Err(error) => return Some(error.to_string()),
    }
    None
}

/// The encoding that a file's mark or declaration names.
fn declared(start: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(start) {
        return encoding;
    }
    let start = String::from_utf8_lossy(start);
    let declaration = start.split("?>").next().unwrap_or_default();
    let named = declaration.split_once("encoding=").and_then(|(_, rest)| {
        let quote = rest.chars().next()?;
        rest[1..].split(quote).next()
    });
    named
        .and_then(|name| Encoding::for_label(name.as_bytes()))
        .unwrap_or(UTF_8)
}
