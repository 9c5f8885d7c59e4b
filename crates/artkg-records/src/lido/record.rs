//! What an element of LIDO says, as fields.
//!
//! Source: LIDO 1.0 and 1.1, <https://lido-schema.org/>; the concepts of events are those
//! of the LIDO terminology, <http://terminology.lido-schema.org/>.

use super::identity::{Authority, identity};
use crate::fields::Fields;
use crate::xml::Element;

/// The fields of a record. Those of one list stand side by side.
pub(super) const FIELDS: [&str; 38] = [
    "id",
    "number",
    "title[]",
    "type[].name",
    "type[].aat",
    "type[].wikidata",
    "classification[].name",
    "classification[].aat",
    "maker[].name",
    "maker[].role",
    "maker[].qualifier",
    "maker[].nationality",
    "maker[].begin",
    "maker[].end",
    "maker[].ulan",
    "maker[].wikidata",
    "maker[].viaf",
    "maker[].gnd",
    "maker[].address",
    "culture[]",
    "period[]",
    "place[]",
    "date",
    "year_from",
    "year_to",
    "technique",
    "material[].name",
    "material[].aat",
    "subject[].name",
    "subject[].aat",
    "subject[].wikidata",
    "subject[].iconclass",
    "description[]",
    "measurements",
    "image[]",
    "page",
    "rights",
    "repository",
];

/// The events by which a work came to be: their concepts, and their names where they have
/// none.
const MAKING: [&str; 2] = ["lido00007", "lido00012"];
const MAKING_NAMES: [&str; 24] = [
    "production",
    "creation",
    "making",
    "made",
    "manufacture",
    "painting",
    "drawing",
    "herstellung",
    "entstehung",
    "schöpfung",
    "geistige schöpfung",
    "anfertigung",
    "malen",
    "production de l'objet",
    "création",
    "fabrication",
    "vervaardiging",
    "productie",
    "schilderen",
    "produzione",
    "creazione",
    "producción",
    "creación",
    "elaboración",
];

/// Reads an element into fields.
pub(super) fn read(lido: &Element, record: &mut Fields) {
    push(record, "id", lido.text_at(&["lidoRecID"]));
    for metadata in lido.children("descriptiveMetadata") {
        classification(metadata, record);
        identification(metadata, record);
        making(metadata, record);
        subjects(metadata, record);
    }
    for metadata in lido.children("administrativeMetadata") {
        administration(metadata, record);
    }
}

fn push(record: &mut Fields, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        record.push(name, text);
    }
}

fn classification(metadata: &Element, record: &mut Fields) {
    let types = [
        "objectClassificationWrap",
        "objectWorkTypeWrap",
        "objectWorkType",
    ];
    for concept in metadata.all(&types) {
        push_concept(concept, "type", &["aat", "wikidata"], record);
    }
    let path = [
        "objectClassificationWrap",
        "classificationWrap",
        "classification",
    ];
    for concept in metadata.all(&path) {
        push_concept(concept, "classification", &["aat"], record);
    }
}

fn identification(metadata: &Element, record: &mut Fields) {
    let wrap = |path: &[&str]| {
        let path: Vec<&str> = ["objectIdentificationWrap"]
            .iter()
            .chain(path)
            .copied()
            .collect();
        metadata.all(&path)
    };
    for set in wrap(&["titleWrap", "titleSet"]) {
        for title in preferred(set, "appellationValue") {
            push(record, "title[]", title.trimmed());
        }
    }
    let repositories = wrap(&["repositoryWrap", "repositorySet"]);
    let current = repositories
        .iter()
        .find(|set| set.attribute("type") == Some("current"))
        .or(repositories.first());
    if let Some(set) = current {
        push(record, "number", set.text_at(&["workID"]));
        let name = ["repositoryName", "legalBodyName", "appellationValue"];
        push(record, "repository", set.text_at(&name));
    }
    for set in wrap(&["objectDescriptionWrap", "objectDescriptionSet"]) {
        push(
            record,
            "description[]",
            set.text_at(&["descriptiveNoteValue"]),
        );
    }
    let measurements = wrap(&["objectMeasurementsWrap", "objectMeasurementsSet"]);
    let displayed = measurements
        .iter()
        .find_map(|set| set.text_at(&["displayObjectMeasurements"]));
    push(record, "measurements", displayed);
}

/// The events by which the work came to be; a work's only event, whatever it is called.
fn making(metadata: &Element, record: &mut Fields) {
    let events = metadata.all(&["eventWrap", "eventSet", "event"]);
    let is_only = events.len() == 1;
    for event in events
        .into_iter()
        .filter(|event| is_only || is_making(event))
    {
        for maker in event.all(&["eventActor", "actorInRole"]) {
            push_maker(maker, record);
        }
        for term in event.all(&["culture", "term"]) {
            push(record, "culture[]", term.trimmed());
        }
        for term in event.all(&["periodName", "term"]) {
            push(record, "period[]", term.trimmed());
        }
        let place = ["eventPlace", "place", "namePlaceSet", "appellationValue"];
        for name in event
            .all(&["eventPlace", "displayPlace"])
            .into_iter()
            .chain(event.all(&place))
        {
            push(record, "place[]", name.trimmed());
        }
        push(record, "date", event.text_at(&["eventDate", "displayDate"]));
        push(
            record,
            "year_from",
            event
                .text_at(&["eventDate", "date", "earliestDate"])
                .map(year),
        );
        push(
            record,
            "year_to",
            event
                .text_at(&["eventDate", "date", "latestDate"])
                .map(year),
        );
        let display = ["eventMaterialsTech", "displayMaterialsTech"];
        push(record, "technique", event.text_at(&display));
        for concept in event.all(&["eventMaterialsTech", "materialsTech", "termMaterialsTech"]) {
            push_concept(concept, "material", &["aat"], record);
        }
    }
}

fn is_making(event: &Element) -> bool {
    let ids = event.all(&["eventType", "conceptID"]);
    let has_id = ids
        .iter()
        .filter_map(|id| id.trimmed())
        .any(|id| MAKING.iter().any(|concept| id.ends_with(concept)));
    let terms = event.all(&["eventType", "term"]);
    has_id
        || terms
            .iter()
            .filter_map(|term| term.trimmed())
            .any(|term| MAKING_NAMES.contains(&term.to_lowercase().as_str()))
}

/// `1642-01-01` as a year: `1642`.
fn year(date: &str) -> &str {
    let (sign, digits) = match date.strip_prefix('-') {
        Some(rest) => (1, rest),
        None => (0, date),
    };
    let end = digits.find('-').unwrap_or(digits.len());
    &date[..sign + end]
}

fn push_maker(maker: &Element, record: &mut Fields) {
    let Some(actor) = maker.children("actor").next() else {
        return;
    };
    let names: Vec<&Element> = actor
        .children("nameActorSet")
        .flat_map(|set| preferred(set, "appellationValue"))
        .collect();
    let ids: Vec<&Element> = actor.children("actorID").collect();
    let nationality = actor
        .text_at(&["nationalityActor", "term"])
        .or(actor.text_at(&["nationalityActor"]));
    let values = [
        ("name", names.first().and_then(|name| name.trimmed())),
        ("role", maker.text_at(&["roleActor", "term"])),
        ("qualifier", maker.text_at(&["attributionQualifierActor"])),
        ("nationality", nationality),
        (
            "begin",
            actor
                .text_at(&["vitalDatesActor", "earliestDate"])
                .map(year),
        ),
        (
            "end",
            actor.text_at(&["vitalDatesActor", "latestDate"]).map(year),
        ),
    ];
    for (name, value) in values {
        record.push(&format!("maker[].{name}"), value.unwrap_or_default());
    }
    let addresses: Vec<(Authority, String)> = ids.iter().filter_map(|id| identity(id)).collect();
    for authority in [
        Authority::Ulan,
        Authority::Wikidata,
        Authority::Viaf,
        Authority::Gnd,
        Authority::Other,
    ] {
        let found = addresses.iter().find(|(known, _)| *known == authority);
        let address = found.map_or("", |(_, address)| address);
        record.push(&format!("maker[].{}", authority.name()), address);
    }
}

fn subjects(metadata: &Element, record: &mut Fields) {
    let sets = metadata.all(&["objectRelationWrap", "subjectWrap", "subjectSet"]);
    for set in sets {
        let mut is_named = false;
        for subject in set.children("subject") {
            for concept in subject.children("subjectConcept") {
                is_named = true;
                push_concept(
                    concept,
                    "subject",
                    &["aat", "wikidata", "iconclass"],
                    record,
                );
            }
            let names = subject
                .all(&["subjectActor", "actor", "nameActorSet", "appellationValue"])
                .into_iter()
                .chain(subject.all(&["subjectPlace", "place", "namePlaceSet", "appellationValue"]))
                .filter_map(Element::trimmed);
            for name in names {
                is_named = true;
                push_subject(name, record);
            }
        }
        if let (false, Some(name)) = (is_named, set.text_at(&["displaySubject"])) {
            push_subject(name, record);
        }
    }
}

fn push_subject(name: &str, record: &mut Fields) {
    record.push("subject[].name", name);
    for authority in ["aat", "wikidata", "iconclass"] {
        record.push(&format!("subject[].{authority}"), "");
    }
}

fn administration(metadata: &Element, record: &mut Fields) {
    let page = ["recordWrap", "recordInfoSet", "recordInfoLink"];
    push(record, "page", metadata.text_at(&page));
    let rights = ["rightsWorkWrap", "rightsWorkSet", "rightsType", "term"];
    push(record, "rights", metadata.text_at(&rights));
    let links = ["resourceWrap", "resourceSet", "resourceRepresentation"];
    // The largest of one picture's representations goes first.
    let mut found: Vec<&Element> = metadata.all(&links);
    found.sort_by_key(|representation| match representation.attribute("type") {
        Some(kind) if kind.contains("master") => 0,
        Some(kind) if kind.contains("thumb") => 2,
        _ => 1,
    });
    for representation in found {
        push(record, "image[]", representation.text_at(&["linkResource"]));
    }
}

/// The elements of a name that are preferred, or all where none is.
fn preferred<'a>(around: &'a Element, name: &'a str) -> Vec<&'a Element> {
    let all: Vec<&Element> = around.children(name).collect();
    let is_preferred = |element: &&&Element| {
        let pref = element.attribute("pref").unwrap_or_default();
        pref.ends_with("preferred") && !pref.contains("alternat") && !pref.contains("non")
            || pref.ends_with("lido00169")
    };
    let preferred: Vec<&Element> = all.iter().filter(is_preferred).copied().collect();
    match preferred.is_empty() {
        true => all,
        false => preferred,
    }
}

fn push_concept(concept: &Element, field: &str, authorities: &[&str], record: &mut Fields) {
    let terms = preferred(concept, "term");
    let Some(name) = terms.into_iter().find_map(Element::trimmed) else {
        return;
    };
    record.push(&format!("{field}[].name"), name);
    let ids: Vec<(Authority, String)> =
        concept.children("conceptID").filter_map(identity).collect();
    for authority in authorities {
        let found = ids.iter().find(|(known, _)| known.name() == *authority);
        let address = found.map_or("", |(_, address)| address);
        record.push(&format!("{field}[].{authority}"), address);
    }
}
