use super::*;
use crate::context::Context;
use crate::examples::{origin, tags};

fn sidecar() -> Sidecar {
    let mut context = Context::default();
    context
        .titles
        .insert("36029".into(), "Young Woman & Pitcher".into());
    context.addresses.add(
        "author",
        "Johannes Vermeer",
        "http://vocab.getty.edu/ulan/500032927",
    );
    Sidecar::new(&tags(), &origin(), &context)
}

fn later(sidecar: &Sidecar) -> Sidecar {
    Sidecar {
        time: "2027-01-01T00:00:00Z".into(),
        ..sidecar.clone()
    }
}

/// What a property's list has.
fn found(text: &str, namespace: &str, local: &str) -> Vec<String> {
    let root = parse(text).unwrap();
    let property = find_property(find_rdf(&root).unwrap(), namespace, local);
    let values = property.map(values).unwrap_or_default();
    values.into_iter().map(str::to_owned).collect()
}

const SUBJECTS: [&str; 3] = ["portrait", "1651-1700", "Johannes Vermeer"];

#[test]
fn a_new_sidecar_says_what_the_tags_say() {
    let text = merged(None, &sidecar()).unwrap();
    assert_eq!(found(&text, DC, "subject"), SUBJECTS);
    assert_eq!(found(&text, DC, "type"), ["portrait"]);
    assert_eq!(found(&text, ARTKG, "Tagged"), ["2026-02-28T09:30:00Z"]);
    assert_eq!(found(&text, ARTKG, "Review"), ["none"]);
    assert_eq!(found(&text, ARTKG, "Version"), ["0.1.0"]);
    assert_eq!(
        found(&text, ARTKG, "ModelFingerprint"),
        [origin().model.fingerprint]
    );
    for part in [
        "<artkg:Task>author</artkg:Task><artkg:Class>Johannes Vermeer</artkg:Class>\
         <artkg:Confidence>0.625</artkg:Confidence><artkg:Given>True</artkg:Given>\
         <artkg:Address>http://vocab.getty.edu/ulan/500032927</artkg:Address>",
        "<artkg:Class>Dutch &amp; Flemish</artkg:Class><artkg:Confidence>0.5</artkg:Confidence>\
         <artkg:Given>False</artkg:Given>",
        "<rdf:li xml:lang=\"x-default\">Young Woman &amp; Pitcher</rdf:li>",
        "<Iptc4xmpExt:AOCreator><rdf:Seq><rdf:li>Johannes Vermeer</rdf:li></rdf:Seq>",
        "<Iptc4xmpExt:AOStylePeriod><rdf:Bag><rdf:li>1651-1700</rdf:li></rdf:Bag>",
        "Johannes Vermeer: suggested by software with a confidence of 0.62, not reviewed by a \
         person",
    ] {
        assert!(text.contains(part), "{part}\nin {text}");
    }
    // A withheld tag is a suggestion only.
    assert!(!found(&text, DC, "subject").contains(&"Dutch & Flemish".to_owned()));
    assert_eq!(merged(Some(&text), &sidecar()).unwrap(), text);
    assert_eq!(merged(Some(&text), &later(&sidecar())).unwrap(), text);
    assert_eq!(without_ours(&text).unwrap().0, BLANK);
}

/// Sidecars of other programs, in the forms that RDF allows.
const FOREIGN: [&str; 8] = [
    // As Lightroom writes them.
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"Adobe XMP Core\">\n \
     <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n  \
     <rdf:Description rdf:about=\"uuid:1\"\n    xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n    \
     xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n   xmp:Rating='3'>\n   <dc:subject>\n    \
     <rdf:Bag>\n     <rdf:li>loan 1999</rdf:li>\n     <rdf:li>portrait</rdf:li>\n    \
     </rdf:Bag>\n   </dc:subject>\n  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n",
    // Another prefix, on one line, with an artwork of their own.
    "<r:RDF xmlns:r=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><r:Description r:about=\"\" \
     xmlns:i=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\" \
     xmlns:d=\"http://purl.org/dc/elements/1.1/\"><d:subject><r:Bag><r:li>loan 1999</r:li></r:Bag>\
     </d:subject><i:ArtworkOrObject><r:Bag><r:li r:parseType=\"Resource\"><i:AOSource>Our museum\
     </i:AOSource></r:li></r:Bag></i:ArtworkOrObject></r:Description></r:RDF>",
    // Nothing yet.
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/>",
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"></rdf:RDF>",
    // An empty list.
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description \
     rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:subject><rdf:Bag/>\
     </dc:subject><dc:type/></rdf:Description></rdf:RDF>",
    // Values that are no lists.
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description \
     rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:subject>loan 1999\
     </dc:subject></rdf:Description></rdf:RDF>",
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description \
     rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" dc:subject=\"loan 1999\"/>\
     </rdf:RDF>",
    // Comments, and a property of ours as an attribute.
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- kept -->\n<rdf:RDF \
     xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<!-- kept too -->\
     <rdf:Description rdf:about='' xmlns:artkg=\"https://github.com/artkg/artkg/ns/xmp/1.0/\" \
     artkg:Version=\"0.0.9\" artkg:Tagged='2020-01-01T00:00:00Z'/>\n</rdf:RDF>\n",
];

#[test]
fn what_others_wrote_stays_and_a_second_run_changes_nothing() {
    for old in FOREIGN {
        let first = merged(Some(old), &sidecar()).unwrap();
        let again = merged(Some(&first), &later(&sidecar())).unwrap();
        assert_eq!(again, first, "{old}");
        let mut subjects = found(&first, DC, "subject");
        let theirs = "loan 1999";
        assert_eq!(old.contains(theirs), subjects.contains(&theirs.to_owned()));
        subjects.retain(|subject| subject != theirs);
        let mut expected = SUBJECTS.map(str::to_owned).to_vec();
        subjects.sort();
        expected.sort();
        assert_eq!(subjects, expected, "{first}");
        assert_eq!(found(&first, DC, "type"), ["portrait"]);
        assert_eq!(first.matches("kept").count(), old.matches("kept").count());
        assert_eq!(
            first.contains("Our museum"),
            old.contains("Our museum"),
            "{first}"
        );
        assert_eq!(first.matches("<artkg:Version>").count(), 1);
        assert!(!first.contains("0.0.9"));

        // When the tags change, ours change, and theirs do not.
        let mut other = tags();
        other.tags[3].classes[0].class = "Pieter de Hooch".into();
        let other = Sidecar::new(&other, &origin(), &Context::default());
        let second = merged(Some(&first), &later(&other)).unwrap();
        let subjects = found(&second, DC, "subject");
        assert!(!subjects.contains(&"Johannes Vermeer".to_owned()));
        assert!(subjects.contains(&"Pieter de Hooch".to_owned()));
        assert_eq!(
            subjects.contains(&"loan 1999".to_owned()),
            old.contains("loan 1999")
        );
        assert_eq!(found(&second, ARTKG, "Tagged"), ["2027-01-01T00:00:00Z"]);
    }
}

#[test]
fn taking_ours_out_gives_back_theirs_byte_for_byte() {
    for old in &FOREIGN[..2] {
        let first = merged(Some(old), &sidecar()).unwrap();
        assert_eq!(without_ours(&first).unwrap().0, *old);
    }
    // A keyword that was theirs before is theirs still.
    let first = merged(Some(FOREIGN[0]), &sidecar()).unwrap();
    assert_eq!(
        found(&first, ARTKG, "AddedSubjects"),
        ["1651-1700", "Johannes Vermeer"]
    );
}

#[test]
fn what_is_no_xmp_is_not_touched() {
    for (old, is_expected) in [
        (
            "<a/>",
            (|fault| matches!(fault, XmpFault::NoRdf)) as fn(&XmpFault) -> bool,
        ),
        ("", |fault| matches!(fault, XmpFault::NoRdf)),
        ("<rdf:RDF", |fault| matches!(fault, XmpFault::Xml(_))),
        ("<!DOCTYPE x><a/>", |fault| {
            matches!(fault, XmpFault::Definitions)
        }),
    ] {
        let fault = merged(Some(old), &sidecar()).unwrap_err();
        assert!(is_expected(&fault), "{old}: {fault:?}");
    }
}

#[test]
fn a_byte_order_mark_shifts_nothing() {
    let old =
        "\u{feff}<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n</rdf:RDF>\n";
    let text = merged(Some(old), &sidecar()).unwrap();
    assert!(
        text.starts_with('\u{feff}') && text.ends_with("\n</rdf:RDF>\n"),
        "{text}"
    );
    assert_eq!(found(&text, DC, "subject"), SUBJECTS);
    assert_eq!(merged(Some(&text), &later(&sidecar())).unwrap(), text);
}
