//! Annotations and their pages: <https://www.w3.org/TR/annotation-model/>.

use artkg_tag::{Origin, Tags};
use serde_json::{Value, json};

use super::manifest::Canvas;
use crate::claims::claims;
use crate::context::Context;
use crate::source;

/// The context that the terms come from.
pub(super) const CONTEXT: &str = "http://iiif.io/api/presentation/3/context.json";

/// The page that has a canvas's annotations. Its id is the canvas's own with an ending,
/// so that a later page takes the place of an earlier one.
pub(super) fn page(canvas: &Canvas, items: Vec<Value>) -> Value {
    json!({
        "id": page_id(canvas),
        "type": "AnnotationPage",
        "label": {"en": ["Tags suggested by software"]},
        "items": items,
    })
}

fn page_id(canvas: &Canvas) -> String {
    format!("{}/artkg-tags", canvas.id)
}

/// An annotation for each tag that is given.
pub(super) fn annotations(
    tags: &Tags,
    canvas: &Canvas,
    origin: &Origin,
    context: &Context,
) -> Vec<Value> {
    let claims = claims(tags);
    let annotations = claims.iter().map(|claim| {
        let mut body = vec![json!({
            "type": "TextualBody",
            "purpose": "tagging",
            "format": "text/plain",
            "value": claim.class,
        })];
        for address in context.addresses.of(claim.task, claim.class) {
            body.push(json!({
                "type": "SpecificResource",
                "purpose": "identifying",
                "source": address,
            }));
        }
        body.push(json!({
            "type": "TextualBody",
            "purpose": "assessing",
            "format": "text/plain",
            "language": "en",
            "value": format!(
                "{}: {} (confidence {}; review {})",
                claim.task,
                source::caution(claim.confidence, tags.review),
                claim.confidence,
                tags.review.name()
            ),
        }));
        json!({
            "id": format!("{}/{}", page_id(canvas), claim.task),
            "type": "Annotation",
            "motivation": "tagging",
            "generated": origin.created,
            "generator": {
                "id": source::model_address(origin),
                "type": "Software",
                "name": source::agent(origin),
            },
            "body": body,
            "target": canvas.id,
        })
    });
    annotations.collect()
}
