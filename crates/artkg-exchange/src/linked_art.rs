//! Linked Art: <https://linked.art>, as one JSON-LD document with a record an image.
//! What the model says is in `AttributeAssignment`s that it carried out; how sure it was
//! is a `Dimension` of the work that the model assigned.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use artkg_files::Writer;
use artkg_tag::{Origin, TagWriter, Tags};
use serde_json::{Value, json};

use crate::claims::{Claim, Role, claims, years};
use crate::context::Context;
use crate::source;

/// The context that the terms come from.
const CONTEXT: &str = "https://linked.art/ns/v1/linked-art.json";
/// Terms of the Art & Architecture Thesaurus that Linked Art asks for.
const POSSIBLY_BY: &str = "http://vocab.getty.edu/aat/300404272";
const ARTIFICIAL_INTELLIGENCE: &str = "http://vocab.getty.edu/aat/300456842";
const STYLE: &str = "http://vocab.getty.edu/aat/300015646";
const LOCAL_NUMBER: &str = "http://vocab.getty.edu/aat/300404621";
const PRIMARY_NAME: &str = "http://vocab.getty.edu/aat/300404670";
/// What has no term there.
const CONFIDENCE: &str = "https://github.com/artkg/artkg/ns/tags#confidence";
const RATIO: &str = "http://qudt.org/vocab/unit/UNITLESS";

/// The writer of the format.
pub(crate) struct LinkedArtFile {
    pub(crate) context: Arc<Context>,
}

impl TagWriter for LinkedArtFile {
    fn name(&self) -> &'static str {
        "linked-art"
    }

    fn write(
        &self,
        target: &Path,
        origin: &Origin,
        tags: &mut dyn Iterator<Item = artkg_tag::Result<Tags>>,
        writer: &mut Writer,
    ) -> artkg_tag::Result<()> {
        let failed = |source| artkg_files::Error::new("write", target, source);
        write!(writer, "{{\"@context\":\"{CONTEXT}\",\"@graph\":[").map_err(failed)?;
        for (place, tags) in tags.enumerate() {
            let record = record(&tags?, origin, &self.context);
            let comma = if place > 0 { "," } else { "" };
            write!(writer, "{comma}\n{record}").map_err(failed)?;
        }
        writer.write_all(b"\n]}\n").map_err(failed)?;
        Ok(())
    }
}

fn typed(address: &str, label: &str) -> Value {
    json!({"id": address, "type": "Type", "_label": label})
}

/// What the model did, without what it assigned.
fn assignment(tags: &Tags, origin: &Origin) -> Value {
    json!({
        "type": "AttributeAssignment",
        "carried_out_by": [{
            "id": source::model_address(origin),
            "type": "Group",
            "_label": source::agent(origin),
        }],
        "technique": [typed(ARTIFICIAL_INTELLIGENCE, "artificial intelligence")],
        "timespan": {
            "type": "TimeSpan",
            "begin_of_the_begin": origin.created,
            "end_of_the_end": origin.created,
        },
        "referred_to_by": [{
            "type": "LinguisticObject",
            "content": format!(
                "model {}; artkg {}; review {}",
                origin.model.fingerprint, origin.artkg_version, tags.review.name()
            ),
        }],
    })
}

/// One thing that was assigned.
fn assigned(claim: &Claim<'_>, tags: &Tags, origin: &Origin, context: &Context) -> Value {
    let mut value = match claim.role {
        Role::Author => json!({"type": "Person", "_label": claim.class}),
        Role::Timeframe => match years(claim.class) {
            Some((first, last)) => json!({
                "type": "TimeSpan",
                "_label": claim.class,
                "begin_of_the_begin": format!("{first}-01-01T00:00:00Z"),
                "end_of_the_end": format!("{last}-12-31T23:59:59Z"),
            }),
            None => json!({"type": "TimeSpan", "_label": claim.class}),
        },
        Role::School => json!({
            "type": "Type",
            "_label": claim.class,
            "classified_as": [typed(STYLE, "style")],
        }),
        _ => json!({"type": "Type", "_label": claim.class}),
    };
    value["identified_by"] = json!([{"type": "Name", "content": claim.class}]);
    let addresses = context.addresses.of(claim.task, claim.class);
    if let (Some(first), true) = (addresses.first(), claim.role != Role::Timeframe) {
        value["id"] = json!(first);
        let kind = value["type"].clone();
        let others = addresses[1..].iter();
        let others: Vec<Value> = others
            .map(|address| json!({"id": address, "type": kind}))
            .collect();
        if !others.is_empty() {
            value["equivalent"] = Value::Array(others);
        }
    }
    let mut assignment = assignment(tags, origin);
    assignment["_label"] = json!(format!(
        "{} possibly {}: {}",
        claim.task,
        claim.class,
        source::caution(claim.confidence, tags.review)
    ));
    assignment["assigned_property"] = json!(match claim.role {
        Role::Author => "carried_out_by",
        Role::Timeframe => "timespan",
        Role::Subject => "represents",
        _ => "classified_as",
    });
    assignment["assigned"] = json!([value]);
    if claim.role == Role::Author {
        assignment["classified_as"] = json!([typed(POSSIBLY_BY, "possibly by")]);
    }
    assignment
}

/// How sure the model was.
fn confidence(claim: &Claim<'_>, tags: &Tags, origin: &Origin) -> Value {
    let label = format!("confidence that {} is {}", claim.task, claim.class);
    json!({
        "type": "Dimension",
        "_label": label,
        "classified_as": [typed(CONFIDENCE, "confidence of a model")],
        "identified_by": [{"type": "Name", "content": label}],
        "value": source::number(claim.confidence),
        "unit": {"id": RATIO, "type": "MeasurementUnit", "_label": "ratio from 0 to 1"},
        "assigned_by": [assignment(tags, origin)],
    })
}

fn record(tags: &Tags, origin: &Origin, context: &Context) -> Value {
    let claims = claims(tags);
    let id = tags.id.as_deref().unwrap_or(&tags.image);
    let title = context.title(tags.id.as_deref());
    let assigned_to = |wanted: &dyn Fn(Role) -> bool| -> Vec<Value> {
        let found = claims.iter().filter(|claim| wanted(claim.role));
        found
            .map(|claim| assigned(claim, tags, origin, context))
            .collect()
    };
    let is_made = |role| matches!(role, Role::Author | Role::Timeframe);
    let is_shown = |role| role == Role::Subject;
    let mut names = Vec::new();
    if let Some(title) = title {
        names.push(json!({
            "type": "Name",
            "content": title,
            "classified_as": [typed(PRIMARY_NAME, "primary name")],
        }));
    }
    if let Some(id) = &tags.id {
        names.push(json!({
            "type": "Identifier",
            "content": id,
            "classified_as": [typed(LOCAL_NUMBER, "owner-assigned number")],
        }));
    }
    let mut record = json!({
        "id": context.record_address(id),
        "type": "HumanMadeObject",
        "_label": title.unwrap_or(id),
        "subject_of": [{
            "type": "LinguisticObject",
            "_label": "the image that was tagged",
            "digitally_carried_by": [{
                "type": "DigitalObject",
                "identified_by": [{"type": "Identifier", "content": tags.image}],
            }],
        }],
    });
    let mut add = |field: &str, values: Vec<Value>| {
        if !values.is_empty() {
            record[field] = Value::Array(values);
        }
    };
    add("identified_by", names);
    add(
        "attributed_by",
        assigned_to(&|role| !is_made(role) && !is_shown(role)),
    );
    add(
        "dimension",
        claims
            .iter()
            .map(|claim| confidence(claim, tags, origin))
            .collect(),
    );
    let shown = assigned_to(&is_shown);
    if !shown.is_empty() {
        record["shows"] = json!([{"type": "VisualItem", "attributed_by": shown}]);
    }
    let made = assigned_to(&is_made);
    if !made.is_empty() {
        record["produced_by"] = json!({"type": "Production", "attributed_by": made});
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{origin, tags};

    #[test]
    fn nothing_is_stated_that_the_model_only_guessed() {
        let mut context = Context {
            base: Some("https://museum.example/object/".into()),
            ..Context::default()
        };
        for address in [
            "http://vocab.getty.edu/ulan/500032927",
            "http://www.wikidata.org/entity/Q41264",
        ] {
            context.addresses.add("author", "Johannes Vermeer", address);
        }
        let record = record(&tags(), &origin(), &context);
        assert_eq!(record["id"], "https://museum.example/object/36029");
        assert!(record.get("classified_as").is_none());
        let production = record["produced_by"].as_object().unwrap();
        assert_eq!(production.len(), 2, "{production:?}");
        let made = production["attributed_by"].as_array().unwrap();
        let [time, author] = &made[..] else {
            panic!("a time and an author: {made:?}")
        };
        assert_eq!(time["assigned_property"], "timespan");
        assert_eq!(
            time["assigned"][0]["end_of_the_end"],
            "1700-12-31T23:59:59Z"
        );
        assert_eq!(author["assigned_property"], "carried_out_by");
        let person = &author["assigned"][0];
        assert_eq!(person["id"], "http://vocab.getty.edu/ulan/500032927");
        assert_eq!(
            person["equivalent"][0]["id"],
            "http://www.wikidata.org/entity/Q41264"
        );
        assert_eq!(
            author["carried_out_by"][0]["id"],
            format!("nih:sha-256;{}", "ab".repeat(32))
        );
        assert_eq!(
            author["timespan"]["begin_of_the_begin"],
            "2026-02-28T09:30:00Z"
        );
        assert_eq!(record["attributed_by"].as_array().unwrap().len(), 1);
        let dimensions = record["dimension"].as_array().unwrap();
        let values: Vec<_> = dimensions
            .iter()
            .map(|dimension| (dimension["_label"].as_str().unwrap(), &dimension["value"]))
            .collect();
        assert_eq!(
            values[2],
            ("confidence that author is Johannes Vermeer", &json!(0.625))
        );
        assert_eq!(values.len(), 3);
        assert!(!record.to_string().contains("Flemish"), "it is withheld");
        assert!(record.to_string().contains("review none"));
    }

    #[test]
    fn records_stand_in_one_document() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.jsonld");
        let writer = LinkedArtFile {
            context: Arc::default(),
        };
        for count in [0, 1, 2] {
            artkg_files::write_atomically(&path, |file| {
                let mut tags = std::iter::repeat_n(tags(), count).map(Ok);
                writer.write(&path, &origin(), &mut tags, file)
            })
            .unwrap();
            let text = artkg_files::read_text(&path).unwrap();
            let document: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(document["@context"], CONTEXT);
            assert_eq!(document["@graph"].as_array().unwrap().len(), count);
        }
    }
}
