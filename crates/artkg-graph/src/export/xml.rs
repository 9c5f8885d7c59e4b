//! What GraphML and GEXF share: elements and attributes without surprises.

use std::borrow::Cow;
use std::io::{self, Write};

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// Writes indented XML.
pub(super) struct Document<W: Write> {
    writer: quick_xml::Writer<W>,
}

impl<W: Write> Document<W> {
    pub(super) fn new(writer: W) -> io::Result<Self> {
        let mut writer = quick_xml::Writer::new_with_indent(writer, b' ', 1);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(Self { writer })
    }

    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.writer
            .write_event(Event::Start(element(name, attributes)))
    }

    pub(super) fn close(&mut self, name: &str) -> io::Result<()> {
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.writer
            .write_event(Event::Empty(element(name, attributes)))
    }

    pub(super) fn text(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        text: &str,
    ) -> io::Result<()> {
        self.open(name, attributes)?;
        self.writer
            .write_event(Event::Text(BytesText::new(&legal(text))))?;
        self.close(name)
    }
}

fn element<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut element = BytesStart::new(name);
    for (name, value) in attributes {
        element.push_attribute((*name, legal(value).as_ref()));
    }
    element
}

/// XML 1.0 has no way to write most control characters, escaped or not.
fn legal(text: &str) -> Cow<'_, str> {
    let illegal = |letter: char| {
        (letter < ' ' && !matches!(letter, '\t' | '\n' | '\r'))
            || matches!(letter, '\u{fffe}' | '\u{ffff}')
    };
    if text.contains(illegal) {
        Cow::Owned(text.replace(illegal, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}
