//! What a manifest says, as fields.
//!
//! Source: IIIF Presentation API 2.1 and 3.0, <https://iiif.io/api/presentation/>.

use serde_json::Value;

use crate::fields::Fields;

/// The fields of every manifest; beside them there is `metadata.LABEL[]` for each label.
pub(super) const FIELDS: [&str; 10] = [
    "id",
    "label[]",
    "summary[]",
    "rights",
    "attribution[]",
    "homepage",
    "thumbnail",
    "image[]",
    "service[]",
    "canvas[]",
];

/// Of the languages of a text this one goes first; then what has none.
const LANGUAGES: [&str; 5] = ["en", "en-GB", "en-US", "none", "@none"];

/// Calls `found` with the field of each label in the metadata.
pub(super) fn labels(manifest: &Value, found: &mut impl FnMut(&str)) {
    for (label, _) in metadata(manifest) {
        found(&field(&label));
    }
}

fn field(label: &str) -> String {
    format!("metadata.{}[]", label.trim_end_matches(':').trim())
}

/// Reads a manifest, or what a collection says of it, into fields.
pub(super) fn read(manifest: &Value, record: &mut Fields) {
    push(record, "id", address(manifest));
    push_all(record, "label[]", texts(&manifest["label"]));
    for name in ["summary", "description"] {
        push_all(record, "summary[]", texts(&manifest[name]));
    }
    for name in ["rights", "license"] {
        push(record, "rights", texts(&manifest[name]).into_iter().next());
    }
    push_all(record, "attribution[]", texts(&manifest["attribution"]));
    let statement = &manifest["requiredStatement"]["value"];
    push_all(record, "attribution[]", texts(statement));
    for name in ["homepage", "related"] {
        push(record, "homepage", first(&manifest[name]).and_then(address));
    }
    push(
        record,
        "thumbnail",
        first(&manifest["thumbnail"]).and_then(address),
    );
    for (label, values) in metadata(manifest) {
        push_all(record, &field(&label), values);
    }
    // Version 3, then version 2.
    for canvas in list(&manifest["items"]) {
        push(record, "canvas[]", address(canvas));
        for page in list(&canvas["items"]) {
            for annotation in list(&page["items"]) {
                push_image(record, first(&annotation["body"]));
            }
        }
    }
    for sequence in list(&manifest["sequences"]) {
        for canvas in list(&sequence["canvases"]) {
            push(record, "canvas[]", address(canvas));
            for image in list(&canvas["images"]) {
                push_image(record, first(&image["resource"]));
            }
        }
    }
}

fn push(record: &mut Fields, name: &str, text: Option<String>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        record.push(name, text);
    }
}

fn push_all(record: &mut Fields, name: &str, texts: Vec<String>) {
    for text in texts {
        push(record, name, Some(text));
    }
}

/// Notes a picture: its address, and that of the service that gives it in other sizes. Of
/// a choice of pictures the first.
fn push_image(record: &mut Fields, body: Option<&Value>) {
    let Some(body) = body else { return };
    let body = [&body["default"], &body["items"], body]
        .into_iter()
        .find_map(first)
        .unwrap_or(body);
    let service = first(&body["service"]).and_then(address);
    let Some(image) = address(body).or(service.clone()) else {
        return;
    };
    record.push("image[]", image);
    record.push("service[]", service.unwrap_or_default());
}

/// The labels and values of the metadata.
fn metadata(manifest: &Value) -> Vec<(String, Vec<String>)> {
    let pairs = list(&manifest["metadata"]).filter_map(|pair| {
        let label = texts(&pair["label"]).into_iter().next()?;
        Some((label, texts(&pair["value"])))
    });
    pairs.collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
}

/// The value, or the first of a list of them.
fn first(value: &Value) -> Option<&Value> {
    match value {
        Value::Null => None,
        Value::Array(values) => values.first(),
        value => Some(value),
    }
}

/// What something is called by: an address by itself, or its `id`.
fn address(value: &Value) -> Option<String> {
    let id = value.as_str().or_else(|| value["id"].as_str());
    id.or_else(|| value["@id"].as_str()).map(str::to_owned)
}

/// The texts of a value in one language: of version 3 `{"en": ["Hals"]}`, of version 2
/// `"Hals"`, `{"@value": "Hals", "@language": "en"}` or a list of these.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![plain(text)],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(values) => {
            let language = |value: &Value| value["@language"].as_str().map(str::to_owned);
            let known = values.iter().filter_map(language).collect::<Vec<_>>();
            let wanted = LANGUAGES
                .iter()
                .find(|wanted| known.iter().any(|known| known == *wanted))
                .map(|wanted| (*wanted).to_owned())
                .or_else(|| known.first().cloned());
            values
                .iter()
                .filter(|value| language(value).is_none_or(|own| Some(own) == wanted))
                .flat_map(texts)
                .collect()
        }
        Value::Object(members) => {
            if let Some(text) = members.get("@value") {
                return texts(text);
            }
            let wanted = LANGUAGES.iter().find_map(|language| members.get(*language));
            let first = members.iter().find(|(_, texts)| texts.is_array());
            let chosen = wanted.or(first.map(|(_, texts)| texts));
            chosen.map(texts).unwrap_or_default()
        }
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

/// A text without the tags of HTML, which texts may have.
fn plain(text: &str) -> String {
    let text = text.trim();
    let has_tags = text.contains("</") || text.starts_with('<') && text.ends_with('>');
    if !has_tags {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut is_tag = false;
    for character in text.chars() {
        match character {
            '<' => is_tag = true,
            '>' if is_tag => is_tag = false,
            _ if is_tag => {}
            other => plain.push(other),
        }
    }
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, character);
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_of_both_versions() {
        for (value, expected) in [
            (json!("Hals"), &["Hals"][..]),
            (json!(["Hals", "Goya"]), &["Hals", "Goya"]),
            (json!({"@value": "Hals", "@language": "nl"}), &["Hals"]),
            (
                json!([{"@value": "Bild", "@language": "de"}, {"@value": "Picture", "@language": "en"}]),
                &["Picture"],
            ),
            (
                json!({"de": ["Bild"], "en": ["Picture", "Print"]}),
                &["Picture", "Print"],
            ),
            (json!({"nl": ["Schilderij"]}), &["Schilderij"]),
            (
                json!("<a href='https://a.org'>Hals &amp; Goya</a>"),
                &["Hals & Goya"],
            ),
            (json!("a < b"), &["a < b"]),
            (json!(null), &[]),
        ] {
            assert_eq!(texts(&value), expected, "{value}");
        }
    }
}
