//! What we say in a sidecar, and how it is written.

use std::fmt::Write;

use artkg_tag::{Origin, Tags};

use crate::claims::{Claim, Role, claims};
use crate::context::Context;
use crate::source;
use crate::xml::escaped;

/// The namespaces that we write.
pub(super) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
pub(super) const DC: &str = "http://purl.org/dc/elements/1.1/";
pub(super) const IPTC: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
/// Ours.
pub(super) const ARTKG: &str = "https://github.com/artkg/artkg/ns/xmp/1.0/";

/// What is said of one image.
#[derive(Clone, Debug)]
pub(super) struct Sidecar {
    /// For `dc:subject`.
    pub(super) subjects: Vec<String>,
    /// For `dc:type`.
    pub(super) types: Vec<String>,
    /// The fields of an item of `Iptc4xmpExt:ArtworkOrObject`; none where there is
    /// nothing to say.
    pub(super) artwork: Option<String>,
    /// Our own properties, but the time.
    pub(super) properties: String,
    /// When the tags were given.
    pub(super) time: String,
}

impl Sidecar {
    pub(super) fn new(tags: &Tags, origin: &Origin, context: &Context) -> Self {
        let claims = claims(tags);
        let of_role = |role: Role| -> Vec<String> {
            let found = claims.iter().filter(|claim| claim.role == role);
            found.map(|claim| claim.class.to_owned()).collect()
        };
        let mut subjects: Vec<String> = Vec::new();
        for claim in &claims {
            if !subjects.iter().any(|subject| subject == claim.class) {
                subjects.push(claim.class.to_owned());
            }
        }
        Self {
            subjects,
            types: of_role(Role::Type),
            artwork: artwork(tags, &claims, origin, context),
            properties: properties(tags, origin, context),
            time: origin.created.clone(),
        }
    }

    /// Our own properties. `added` are the keywords and types that are ours, so that
    /// they are known again.
    pub(super) fn own(&self, subjects: &[String], types: &[String]) -> String {
        let mut text = self.properties.clone();
        property(&mut text, "Tagged", &self.time);
        for (name, values) in [("AddedSubjects", subjects), ("AddedTypes", types)] {
            if !values.is_empty() {
                let items = items(values, "rdf");
                // Writing into a String cannot fail.
                let _ = write!(
                    text,
                    "\n   <artkg:{name}><rdf:Bag>{items}</rdf:Bag></artkg:{name}>"
                );
            }
        }
        text
    }
}

/// List items, on one line.
pub(super) fn items(values: &[String], prefix: &str) -> String {
    let items = values
        .iter()
        .map(|value| item(&escaped(value), prefix))
        .collect::<Vec<_>>();
    items.concat()
}

/// A list item of a text that is XML already.
pub(super) fn item(content: &str, prefix: &str) -> String {
    let colon = if prefix.is_empty() { "" } else { ":" };
    format!("<{prefix}{colon}li>{content}</{prefix}{colon}li>")
}

fn property(text: &mut String, name: &str, value: &str) {
    let value = escaped(value);
    // Writing into a String cannot fail.
    let _ = write!(text, "\n   <artkg:{name}>{value}</artkg:{name}>");
}

fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

fn properties(tags: &Tags, origin: &Origin, context: &Context) -> String {
    let mut text = String::new();
    property(&mut text, "Version", &origin.artkg_version);
    property(&mut text, "Model", &origin.model.file);
    property(&mut text, "ModelFingerprint", &origin.model.fingerprint);
    if origin.synthetic {
        property(&mut text, "Synthetic", truth(true));
    }
    property(&mut text, "Review", tags.review.name());
    text.push_str("\n   <artkg:Suggestions><rdf:Seq>");
    for task in &tags.tags {
        for (rank, tag) in task.classes.iter().enumerate() {
            let name = task.task.name();
            let given = rank == 0 && !task.abstained;
            let mut fields = format!(
                "<artkg:Task>{}</artkg:Task><artkg:Class>{}</artkg:Class>\
                 <artkg:Confidence>{}</artkg:Confidence><artkg:Given>{}</artkg:Given>",
                escaped(name),
                escaped(&tag.class),
                tag.confidence,
                truth(given)
            );
            if let Some(address) = context.addresses.of(name, &tag.class).first() {
                // Writing into a String cannot fail.
                let _ = write!(
                    fields,
                    "<artkg:Address>{}</artkg:Address>",
                    escaped(address)
                );
            }
            let _ = write!(
                text,
                "\n    <rdf:li rdf:parseType=\"Resource\">{fields}</rdf:li>"
            );
        }
    }
    text.push_str("\n   </rdf:Seq></artkg:Suggestions>");
    text
}

/// The fields of the artwork that is suggested, with the prefixes `rdf`, `artkg` and
/// `Iptc4xmpExt`.
fn artwork(
    tags: &Tags,
    claims: &[Claim<'_>],
    origin: &Origin,
    context: &Context,
) -> Option<String> {
    let of = |wanted: &[Role]| -> Vec<String> {
        let found = claims.iter().filter(|claim| wanted.contains(&claim.role));
        found.map(|claim| claim.class.to_owned()).collect()
    };
    let (creators, periods) = (of(&[Role::Author]), of(&[Role::School, Role::Timeframe]));
    if creators.is_empty() && periods.is_empty() {
        return None;
    }
    let mut text = "<artkg:Suggested>True</artkg:Suggested>".to_owned();
    let mut field = |name: &str, list: &str, items: String| {
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "<Iptc4xmpExt:{name}><rdf:{list}>{items}</rdf:{list}></Iptc4xmpExt:{name}>"
        );
    };
    let language =
        |value: &str| format!("<rdf:li xml:lang=\"x-default\">{}</rdf:li>", escaped(value));
    if let Some(title) = context.title(tags.id.as_deref()) {
        field("AOTitle", "Alt", language(title));
    }
    if !creators.is_empty() {
        field("AOCreator", "Seq", items(&creators, "rdf"));
    }
    if !periods.is_empty() {
        field("AOStylePeriod", "Bag", items(&periods, "rdf"));
    }
    let cautions: Vec<String> = claims
        .iter()
        .filter(|claim| matches!(claim.role, Role::Author | Role::School | Role::Timeframe))
        .map(|claim| {
            let caution = source::caution(claim.confidence, tags.review);
            format!("{}: {caution}", claim.class)
        })
        .collect();
    let note = format!("{}; {}", cautions.join("; "), source::agent(origin));
    field("AOContributionDescription", "Alt", language(&note));
    if let Some(id) = &tags.id {
        let _ = write!(
            text,
            "<Iptc4xmpExt:AOSourceInvNo>{}</Iptc4xmpExt:AOSourceInvNo>",
            escaped(id)
        );
    }
    Some(text)
}
