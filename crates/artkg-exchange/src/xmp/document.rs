//! A sidecar as a tree of elements that know where in the text they are, so that what
//! is not ours stays as it is, byte for byte.

use std::ops::Range;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::fault::XmpFault;

/// An element. Names have their namespace before them: [`Name`].
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: Name,
    /// Its prefix in this document.
    pub(super) prefix: String,
    /// From its `<` to behind its last `>`.
    pub(super) whole: Range<usize>,
    /// What is between its tags; empty, and at its end, where it has one tag only.
    pub(super) content: Range<usize>,
    pub(super) is_single_tag: bool,
    pub(super) attributes: Vec<Attribute>,
    pub(super) children: Vec<Element>,
    /// Its own text, without that of its children.
    pub(super) text: String,
}

/// An attribute that is no declaration of a namespace.
#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) name: Name,
    pub(super) value: String,
    /// With the space before it.
    pub(super) whole: Range<usize>,
}

/// A namespace and a name in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) namespace: String,
    pub(super) local: String,
}

impl Name {
    pub(super) fn is(&self, namespace: &str, local: &str) -> bool {
        self.namespace == namespace && self.local == local
    }
}

impl Element {
    /// The first child of this name.
    pub(super) fn child(&self, namespace: &str, local: &str) -> Option<&Element> {
        let mut children = self.children.iter();
        children.find(|child| child.name.is(namespace, local))
    }
}

/// An element that is not closed yet.
struct Open {
    element: Element,
    /// How many declarations of namespaces were in force before it.
    declared: usize,
}

/// The most elements within each other; real sidecars have some ten.
const DEEPEST: usize = 200;

/// The root element of a text.
///
/// # Errors
/// When it is no XML, or has definitions of its own, which XMP does not allow.
pub(super) fn parse(text: &str) -> Result<Element, XmpFault> {
    let mut reader = Reader::from_str(text);
    let mut declared: Vec<(String, String)> =
        vec![("xml".into(), "http://www.w3.org/XML/1998/namespace".into())];
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    loop {
        let start = place(&reader);
        let event = reader.read_event()?;
        let end = place(&reader);
        match event {
            Event::Start(tag) => {
                if open.len() == DEEPEST {
                    return Err(XmpFault::Deep);
                }
                let before = declared.len();
                let element = element(text, &tag, start..end, &mut declared)?;
                open.push(Open {
                    element,
                    declared: before,
                });
            }
            Event::Empty(tag) => {
                let before = declared.len();
                let mut element = element(text, &tag, start..end, &mut declared)?;
                declared.truncate(before);
                element.is_single_tag = true;
                add(&mut open, &mut root, element);
            }
            Event::End(_) => {
                // The reader has refused tags that close nothing.
                let Some(Open {
                    mut element,
                    declared: before,
                }) = open.pop()
                else {
                    return Err(XmpFault::NoRdf);
                };
                declared.truncate(before);
                element.content.end = start;
                element.whole.end = end;
                add(&mut open, &mut root, element);
            }
            Event::Text(part) => {
                if let Some(open) = open.last_mut() {
                    open.element.text.push_str(&part.xml10_content());
                }
            }
            Event::CData(part) => {
                if let Some(open) = open.last_mut() {
                    open.element.text.push_str(&part.xml10_content());
                }
            }
            Event::GeneralRef(_) => {
                if let Some(open) = open.last_mut() {
                    let reference = &text[start..end];
                    let resolved = quick_xml::escape::unescape(reference);
                    open.element
                        .text
                        .push_str(resolved.as_deref().unwrap_or(reference));
                }
            }
            Event::DocType(_) => return Err(XmpFault::Definitions),
            Event::Eof => break,
            _ => {}
        }
    }
    match root {
        Some(root) if open.is_empty() => Ok(root),
        _ => Err(XmpFault::NoRdf),
    }
}

fn place(reader: &Reader<&[u8]>) -> usize {
    // A text in memory is no longer than a usize can say.
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn add(open: &mut [Open], root: &mut Option<Element>, element: Element) {
    match open.last_mut() {
        Some(parent) => parent.element.children.push(element),
        None => {
            root.get_or_insert(element);
        }
    }
}

/// The element that a tag begins; its declarations are added to those in force.
fn element(
    text: &str,
    tag: &BytesStart<'_>,
    whole: Range<usize>,
    declared: &mut Vec<(String, String)>,
) -> Result<Element, XmpFault> {
    let mut plain = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute?;
        let name: &str = attribute.key.as_ref();
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)?
            .into_owned();
        match name.strip_prefix("xmlns") {
            Some("") => declared.push((String::new(), value)),
            Some(prefix) if prefix.starts_with(':') => {
                declared.push((prefix[1..].to_owned(), value));
            }
            _ => plain.push((name.to_owned(), value, attribute_range(text, &whole, name))),
        }
    }
    let resolve = |prefix: &str| {
        let found = declared.iter().rev().find(|(known, _)| known == prefix);
        found.map(|(_, namespace)| namespace.clone())
    };
    let full: &str = tag.name().0;
    let (prefix, local) = full.split_once(':').unwrap_or(("", full));
    let attributes = plain
        .into_iter()
        .map(|(name, value, whole)| {
            // An attribute without a prefix is in no namespace.
            let (prefix, local) = name.split_once(':').unwrap_or(("", &name));
            let namespace = match prefix {
                "" => None,
                prefix => resolve(prefix),
            };
            Attribute {
                name: Name {
                    namespace: namespace.unwrap_or_default(),
                    local: local.to_owned(),
                },
                value,
                whole,
            }
        })
        .collect();
    Ok(Element {
        name: Name {
            namespace: resolve(prefix).unwrap_or_default(),
            local: local.to_owned(),
        },
        prefix: prefix.to_owned(),
        content: whole.end..whole.end,
        whole,
        is_single_tag: false,
        attributes,
        children: Vec::new(),
        text: String::new(),
    })
}

/// Where in a tag an attribute is, with the space before it.
fn attribute_range(text: &str, tag: &Range<usize>, name: &str) -> Range<usize> {
    let bytes = &text.as_bytes()[tag.clone()];
    let mut quote = None;
    let mut begin = 0;
    for (place, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => {
                let written = text[tag.clone()][begin..place].trim_start();
                let found = written.split('=').next().unwrap_or_default().trim_end();
                if found == name {
                    return tag.start + begin..tag.start + place + 1;
                }
                quote = None;
                begin = place + 1;
            }
            (None, byte) if byte.is_ascii_whitespace() && begin == 0 => begin = place,
            _ => {}
        }
    }
    tag.start..tag.start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_their_names_and_places() {
        let text = "<?xml version=\"1.0\"?><a xmlns='one' xmlns:p=\"two\" p:x = 'a&lt;b' y=\"2\">\
                    <p:b/>t&amp;&#65;<b xmlns=\"\"><![CDATA[<c>]]></b></a>";
        let root = parse(text).unwrap();
        assert!(root.name.is("one", "a"));
        assert_eq!(root.text, "t&A");
        assert_eq!(&text[root.whole.clone()], &text[21..]);
        let [x, y] = &root.attributes[..] else {
            panic!("two attributes")
        };
        assert!(x.name.is("two", "x") && y.name.is("", "y"));
        assert_eq!((x.value.as_str(), y.value.as_str()), ("a<b", "2"));
        assert_eq!(&text[x.whole.clone()], " p:x = 'a&lt;b'");
        assert_eq!(&text[y.whole.clone()], " y=\"2\"");
        let [single, last] = &root.children[..] else {
            panic!("two children")
        };
        assert!(single.is_single_tag && single.name.is("two", "b"));
        assert_eq!(&text[single.whole.clone()], "<p:b/>");
        assert!(last.name.is("", "b"));
        assert_eq!(last.text, "<c>");
        assert_eq!(&text[last.content.clone()], "<![CDATA[<c>]]>");
    }

    #[test]
    fn what_is_no_plain_xml_is_refused() {
        for text in ["", "no xml", "<a>", "<a></b>", "<a", "</a>"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(matches!(
            parse("<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>"),
            Err(XmpFault::Definitions)
        ));
        let deep = "<a>".repeat(100_000);
        assert!(matches!(parse(&deep), Err(XmpFault::Deep)));
    }
}
