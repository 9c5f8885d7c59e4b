//! A sidecar that is there, with what we said before taken out and what we say now put
//! in. Everything else stays as it is.

use std::ops::Range;

use super::document::{Element, parse};
use super::fault::XmpFault;
use super::sidecar::{ARTKG, DC, IPTC, RDF, Sidecar, item, items};
use crate::xml::escaped;

/// A sidecar without properties.
const BLANK: &str = "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
     <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n \
     <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n \
     </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>\n";

/// The text of a sidecar that was `old` and is to say what `sidecar` says. Where it says
/// so already, but for the time, it is `old`.
///
/// # Errors
/// When `old` is no XMP.
pub(super) fn merged(old: Option<&str>, sidecar: &Sidecar) -> Result<String, XmpFault> {
    let Some(old) = old else {
        return with(BLANK, sidecar);
    };
    // The parser counts its places from behind a byte-order mark.
    let text = old.trim_start_matches('\u{feff}');
    let marks = &old[..old.len() - text.len()];
    Ok(format!("{marks}{}", merged_text(text, sidecar)?))
}

fn merged_text(old: &str, sidecar: &Sidecar) -> Result<String, XmpFault> {
    let (bare, time) = without_ours(old)?;
    if let Some(time) = time {
        let earlier = Sidecar {
            time,
            ..sidecar.clone()
        };
        if with(&bare, &earlier)? == old {
            return Ok(old.to_owned());
        }
    }
    with(&bare, sidecar)
}

/// A change of a text.
struct Edit {
    place: Range<usize>,
    text: String,
}

fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| (edit.place.start, edit.place.end));
    let mut result = String::with_capacity(text.len() + 4096);
    let mut here = 0;
    for edit in edits {
        // What lies within a part that is gone is gone as well.
        if edit.place.start < here {
            continue;
        }
        result.push_str(&text[here..edit.place.start]);
        result.push_str(&edit.text);
        here = edit.place.end;
    }
    result.push_str(&text[here..]);
    result
}

/// An element with the white space before it.
fn with_space_before(text: &str, whole: &Range<usize>) -> Range<usize> {
    text[..whole.start]
        .trim_end_matches([' ', '\t', '\r', '\n'])
        .len()..whole.end
}

/// The element `rdf:RDF`.
fn find_rdf(root: &Element) -> Result<&Element, XmpFault> {
    if root.name.is(RDF, "RDF") {
        return Ok(root);
    }
    root.child(RDF, "RDF").ok_or(XmpFault::NoRdf)
}

fn descriptions(rdf: &Element) -> impl Iterator<Item = &Element> {
    let children = rdf.children.iter();
    children.filter(|child| child.name.is(RDF, "Description"))
}

/// A property, in whichever description it is.
fn find_property<'a>(rdf: &'a Element, namespace: &str, local: &str) -> Option<&'a Element> {
    descriptions(rdf).find_map(|description| description.child(namespace, local))
}

/// The list that a property has as its value.
fn list(property: &Element) -> Option<&Element> {
    let mut children = property.children.iter();
    children.find(|child| {
        child.name.namespace == RDF && matches!(&*child.name.local, "Bag" | "Seq" | "Alt")
    })
}

/// The texts of a property's list, or its only text.
fn values(property: &Element) -> Vec<&str> {
    match list(property) {
        Some(list) => list
            .children
            .iter()
            .map(|item| item.text.as_str())
            .collect(),
        None => Some(property.text.trim())
            .filter(|text| !text.is_empty())
            .into_iter()
            .collect(),
    }
}

/// The text without what we said before, and when that was.
fn without_ours(text: &str) -> Result<(String, Option<String>), XmpFault> {
    let root = parse(text)?;
    let rdf = find_rdf(&root)?;
    let texts = |local: &str| -> Vec<String> {
        let property = find_property(rdf, ARTKG, local);
        let values = property.map(values).unwrap_or_default();
        values.into_iter().map(str::to_owned).collect()
    };
    let mut subjects = texts("AddedSubjects");
    let mut types = texts("AddedTypes");
    let mut time = texts("Tagged").into_iter().next();
    let mut edits = Vec::new();
    let mut remove = |place: Range<usize>| {
        edits.push(Edit {
            place,
            text: String::new(),
        });
    };
    for description in descriptions(rdf) {
        // A list that was theirs stays, even if nothing is left in it.
        let is_own = {
            let mut properties = description.children.iter();
            properties.any(|property| property.name.namespace == ARTKG)
        };
        let mut left = description.children.len();
        for property in &description.children {
            let whole = with_space_before(text, &property.whole);
            if property.name.namespace == ARTKG {
                remove(whole);
                left -= 1;
                continue;
            }
            let Some(list) = list(property) else { continue };
            let ours: Vec<&Element> = if property.name.is(DC, "subject") {
                take(list, &mut subjects)
            } else if property.name.is(DC, "type") {
                take(list, &mut types)
            } else if property.name.is(IPTC, "ArtworkOrObject") {
                list.children.iter().filter(|item| is_ours(item)).collect()
            } else {
                continue;
            };
            if is_own && !ours.is_empty() && ours.len() == list.children.len() {
                remove(whole);
                left -= 1;
            } else {
                for item in ours {
                    remove(with_space_before(text, &item.whole));
                }
            }
        }
        let mut others = 0;
        for attribute in &description.attributes {
            if attribute.name.namespace == ARTKG {
                if attribute.name.local == "Tagged" {
                    time = Some(attribute.value.clone());
                }
                remove(attribute.whole.clone());
            } else if !attribute.name.is(RDF, "about") {
                others += 1;
            }
        }
        let had_ours = left < description.children.len();
        if left == 0 && others == 0 && had_ours {
            remove(with_space_before(text, &description.whole));
        }
    }
    Ok((apply(text, edits), time))
}

/// The items of a list that `added` names, which are taken out of it.
fn take<'a>(list: &'a Element, added: &mut Vec<String>) -> Vec<&'a Element> {
    let mut found = Vec::new();
    // The last first, as we add at the end.
    for item in list.children.iter().rev() {
        if let Some(place) = added.iter().position(|text| *text == item.text) {
            added.swap_remove(place);
            found.push(item);
        }
    }
    found
}

/// Whether an artwork is one that we suggested.
fn is_ours(item: &Element) -> bool {
    let marked = |element: &Element| {
        let field = element.child(ARTKG, "Suggested").is_some();
        let attribute = |name: &super::document::Name| name.is(ARTKG, "Suggested");
        field || element.attributes.iter().any(|one| attribute(&one.name))
    };
    marked(item) || item.child(RDF, "Description").is_some_and(marked)
}

/// The text with what we say. Nothing of ours is in it yet.
fn with(text: &str, sidecar: &Sidecar) -> Result<String, XmpFault> {
    let root = parse(text)?;
    let rdf = find_rdf(&root)?;
    let mut edits = Vec::new();
    // What has no place among what is there: ours, and theirs that needs another form.
    let (mut block, mut moved) = (String::new(), String::new());
    let mut keywords = |local: &str, wanted: &[String]| -> Vec<String> {
        let property = find_property(rdf, DC, local);
        let mut there: Vec<&str> = property.map(values).unwrap_or_default();
        let attribute = descriptions(rdf)
            .flat_map(|description| &description.attributes)
            .find(|attribute| attribute.name.is(DC, local));
        if let Some(attribute) = attribute {
            there.push(&attribute.value);
        }
        let added: Vec<String> = wanted
            .iter()
            .filter(|value| !there.contains(&value.as_str()))
            .cloned()
            .collect();
        if added.is_empty() {
            return added;
        }
        match property {
            Some(property) => {
                let items: Vec<String> = added
                    .iter()
                    .map(|value| escaped(value).into_owned())
                    .collect();
                edits.push(add_to(text, property, &items));
            }
            None => {
                let (mut all, mut place) = (added.clone(), &mut block);
                if let Some(attribute) = attribute {
                    // One value, which an attribute can hold, becomes the first of many.
                    all.insert(0, attribute.value.clone());
                    place = &mut moved;
                    edits.push(Edit {
                        place: attribute.whole.clone(),
                        text: String::new(),
                    });
                }
                place.push_str(&format!(
                    "\n   <dc:{local}><rdf:Bag>{}</rdf:Bag></dc:{local}>",
                    items(&all, "rdf")
                ));
            }
        }
        added
    };
    let subjects = keywords("subject", &sidecar.subjects);
    let types = keywords("type", &sidecar.types);
    if let Some(artwork) = &sidecar.artwork {
        match find_property(rdf, IPTC, "ArtworkOrObject") {
            Some(property) => edits.push(add_artwork(text, property, artwork)),
            None => block.push_str(&format!(
                "\n   <Iptc4xmpExt:ArtworkOrObject><rdf:Bag>\n    \
                 <rdf:li rdf:parseType=\"Resource\">{artwork}</rdf:li>\n   \
                 </rdf:Bag></Iptc4xmpExt:ArtworkOrObject>"
            )),
        }
    }
    let about = descriptions(rdf)
        .flat_map(|description| &description.attributes)
        .find(|attribute| attribute.name.is(RDF, "about"))
        .map_or("", |attribute| attribute.value.as_str());
    let about = format!("rdf:about=\"{}\" xmlns:rdf=\"{RDF}\"", escaped(about));
    if !moved.is_empty() {
        moved =
            format!("\n  <rdf:Description {about} xmlns:dc=\"{DC}\">{moved}\n  </rdf:Description>");
    }
    let own = sidecar.own(&subjects, &types);
    let block = format!(
        "{moved}\n  <rdf:Description {about} xmlns:artkg=\"{ARTKG}\" xmlns:dc=\"{DC}\" \
         xmlns:Iptc4xmpExt=\"{IPTC}\">{own}{block}\n  </rdf:Description>"
    );
    edits.push(append(text, rdf, &block));
    Ok(apply(text, edits))
}

/// The change that puts `added` behind the last child of `element`.
fn append(text: &str, element: &Element, added: &str) -> Edit {
    if element.is_single_tag {
        let tag = text[element.whole.clone()]
            .trim_end_matches("/>")
            .trim_end();
        let name = &tag[1..]
            .split([' ', '\t', '\r', '\n'])
            .next()
            .unwrap_or_default();
        return Edit {
            place: element.whole.clone(),
            text: format!("{tag}>{added}</{name}>"),
        };
    }
    let content = &text[element.content.clone()];
    let place = element.content.start + content.trim_end_matches([' ', '\t', '\r', '\n']).len();
    Edit {
        place: place..place,
        text: added.to_owned(),
    }
}

/// The change that adds texts, which are XML already, to a property.
fn add_to(text: &str, property: &Element, added: &[String]) -> Edit {
    if let Some(list) = list(property) {
        let space = match list.children.last() {
            Some(last) => {
                let whole = with_space_before(text, &last.whole);
                &text[whole.start..last.whole.start]
            }
            None => "",
        };
        let items: Vec<String> = added
            .iter()
            .map(|value| format!("{space}{}", item(value, &list.prefix)))
            .collect();
        return append(text, list, &items.concat());
    }
    // No list yet: what is there becomes its first item.
    let there = text[property.content.clone()].trim();
    let first = match there.is_empty() {
        true => String::new(),
        false => item(there, "rdf"),
    };
    let items: Vec<String> = added.iter().map(|value| item(value, "rdf")).collect();
    let bag = format!(
        "<rdf:Bag xmlns:rdf=\"{RDF}\">{first}{}</rdf:Bag>",
        items.concat()
    );
    if property.is_single_tag {
        return append(text, property, &bag);
    }
    Edit {
        place: property.content.clone(),
        text: bag,
    }
}

/// The change that adds an artwork to the property that has others.
fn add_artwork(text: &str, property: &Element, artwork: &str) -> Edit {
    let fields = format!(
        "<rdf:li rdf:parseType=\"Resource\" xmlns:rdf=\"{RDF}\" xmlns:artkg=\"{ARTKG}\" \
         xmlns:Iptc4xmpExt=\"{IPTC}\">{artwork}</rdf:li>"
    );
    match list(property) {
        Some(list) => append(text, list, &fields),
        None => {
            let bag = format!("<rdf:Bag xmlns:rdf=\"{RDF}\">{fields}</rdf:Bag>");
            append(text, property, &bag)
        }
    }
}

#[cfg(test)]
mod tests;
