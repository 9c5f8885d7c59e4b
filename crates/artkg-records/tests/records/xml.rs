use std::fmt::Write;

use artkg_records::{Error, Format, Unit};

use crate::{file, open, refused, values};

const WORK: &str = r#"
<lido:lido>
  <lido:lidoRecID lido:type="local">obj:1</lido:lidoRecID>
  <lido:descriptiveMetadata xml:lang="en">
    <lido:objectClassificationWrap>
      <lido:objectWorkTypeWrap><lido:objectWorkType>
        <lido:conceptID lido:type="URI" lido:source="AAT">http://vocab.getty.edu/aat/300033618</lido:conceptID>
        <lido:term>painting</lido:term>
      </lido:objectWorkType></lido:objectWorkTypeWrap>
      <lido:classificationWrap><lido:classification><lido:term>Old masters</lido:term></lido:classification></lido:classificationWrap>
    </lido:objectClassificationWrap>
    <lido:objectIdentificationWrap>
      <lido:titleWrap><lido:titleSet>
        <lido:appellationValue lido:pref="alternate">Brawl</lido:appellationValue>
        <lido:appellationValue lido:pref="preferred">Peasants &amp; &#220;bermut</lido:appellationValue>
      </lido:titleSet></lido:titleWrap>
      <lido:repositoryWrap><lido:repositorySet lido:type="current">
        <lido:repositoryName><lido:legalBodyName><lido:appellationValue>Museum X</lido:appellationValue></lido:legalBodyName></lido:repositoryName>
        <lido:workID lido:type="inventory number">A 12</lido:workID>
      </lido:repositorySet></lido:repositoryWrap>
    </lido:objectIdentificationWrap>
    <lido:eventWrap>
      <lido:eventSet><lido:event>
        <lido:eventType><lido:term>Provenance</lido:term></lido:eventType>
        <lido:eventActor><lido:actorInRole><lido:actor><lido:nameActorSet><lido:appellationValue>A Collector</lido:appellationValue></lido:nameActorSet></lido:actor></lido:actorInRole></lido:eventActor>
        <lido:eventDate><lido:displayDate>1920</lido:displayDate></lido:eventDate>
      </lido:event></lido:eventSet>
      <lido:eventSet><lido:event>
        <lido:eventType><lido:conceptID>http://terminology.lido-schema.org/lido00007</lido:conceptID><lido:term>Herstellung</lido:term></lido:eventType>
        <lido:eventActor><lido:actorInRole>
          <lido:actor>
            <lido:actorID lido:source="ULAN" lido:type="local">500000001</lido:actorID>
            <lido:nameActorSet><lido:appellationValue>Maler, Der</lido:appellationValue></lido:nameActorSet>
            <lido:nationalityActor><lido:term>Flemish</lido:term></lido:nationalityActor>
            <lido:vitalDatesActor><lido:earliestDate>1601-03-02</lido:earliestDate><lido:latestDate>1650</lido:latestDate></lido:vitalDatesActor>
          </lido:actor>
          <lido:roleActor><lido:term>painter</lido:term></lido:roleActor>
          <lido:attributionQualifierActor>workshop of</lido:attributionQualifierActor>
        </lido:actorInRole></lido:eventActor>
        <lido:eventActor><lido:actorInRole>
          <lido:actor><lido:nameActorSet><lido:appellationValue>Second, A</lido:appellationValue></lido:nameActorSet></lido:actor>
        </lido:actorInRole></lido:eventActor>
        <lido:eventDate><lido:displayDate>c. 1630</lido:displayDate><lido:date><lido:earliestDate>1625</lido:earliestDate><lido:latestDate>1635</lido:latestDate></lido:date></lido:eventDate>
        <lido:eventMaterialsTech><lido:displayMaterialsTech>oil on panel</lido:displayMaterialsTech></lido:eventMaterialsTech>
      </lido:event></lido:eventSet>
    </lido:eventWrap>
    <lido:objectRelationWrap><lido:subjectWrap>
      <lido:subjectSet><lido:subject><lido:subjectConcept>
        <lido:conceptID lido:source="Iconclass">31A</lido:conceptID><lido:term>peasants</lido:term>
      </lido:subjectConcept></lido:subject></lido:subjectSet>
      <lido:subjectSet><lido:displaySubject>tavern</lido:displaySubject></lido:subjectSet>
    </lido:subjectWrap></lido:objectRelationWrap>
  </lido:descriptiveMetadata>
  <lido:administrativeMetadata xml:lang="en">
    <lido:resourceWrap><lido:resourceSet>
      <lido:resourceRepresentation lido:type="image_thumb"><lido:linkResource>https://x.org/t.jpg</lido:linkResource></lido:resourceRepresentation>
      <lido:resourceRepresentation lido:type="image_master"><lido:linkResource>https://x.org/m.jpg</lido:linkResource></lido:resourceRepresentation>
    </lido:resourceSet></lido:resourceWrap>
  </lido:administrativeMetadata>
</lido:lido>"#;

fn wrapped(works: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <lido:lidoWrap xmlns:lido=\"http://www.lido-schema.org\">{works}</lido:lidoWrap>"
    )
}

#[test]
fn a_record_of_lido_says_who_made_it_when() {
    let (_folder, path) = file("lido.xml", wrapped(&format!("{WORK}{WORK}")));
    let mut stream = open(&path);
    assert_eq!(stream.reading().format, Format::Lido);
    assert!(stream.advance().unwrap());
    for (field, expected) in [
        ("id", &["obj:1"][..]),
        ("number", &["A 12"]),
        ("repository", &["Museum X"]),
        ("title[]", &["Peasants & Übermut"]),
        ("type[].name", &["painting"]),
        ("type[].aat", &["http://vocab.getty.edu/aat/300033618"]),
        ("classification[].name", &["Old masters"]),
        ("maker[].name", &["Maler, Der", "Second, A"]),
        ("maker[].role", &["painter", ""]),
        ("maker[].qualifier", &["workshop of", ""]),
        (
            "maker[].ulan",
            &["http://vocab.getty.edu/ulan/500000001", ""],
        ),
        ("maker[].begin", &["1601", ""]),
        ("maker[].nationality", &["Flemish", ""]),
        ("date", &["c. 1630"]),
        ("year_from", &["1625"]),
        ("year_to", &["1635"]),
        ("technique", &["oil on panel"]),
        ("subject[].name", &["peasants", "tavern"]),
        ("subject[].iconclass", &["https://iconclass.org/31A", ""]),
        ("image[]", &["https://x.org/m.jpg", "https://x.org/t.jpg"]),
    ] {
        assert_eq!(values(&*stream, field), expected, "{field}");
    }
    assert!(stream.advance().unwrap());
    assert_eq!(stream.place().unit, Unit::Element);
    assert_eq!(stream.place().number, 2);
    assert!(!stream.advance().unwrap());
}

#[test]
fn records_of_a_harvest_are_found_in_any_encoding() {
    let text = format!(
        "<?xml version='1.0' encoding='ISO-8859-1'?><OAI-PMH><ListRecords><record><metadata>\
         {}</metadata></record></ListRecords></OAI-PMH>",
        WORK.replace(
            "lido:lido>",
            "lido:lido xmlns:lido=\"http://www.lido-schema.org\">"
        )
        .replace(
            "</lido:lido xmlns:lido=\"http://www.lido-schema.org\">",
            "</lido:lido>"
        )
        .replace("Maler", "Dürer")
    );
    let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(&text);
    assert!(!lost);
    let (_folder, path) = file("oai.xml", bytes);
    let mut stream = open(&path);
    assert!(stream.advance().unwrap());
    assert_eq!(values(&*stream, "maker[].name")[0], "Dürer, Der");
}

#[test]
fn broken_xml_is_named_with_the_element() {
    let begun = WORK.find("<lido:objectIdentificationWrap>").unwrap();
    let cut = wrapped(&format!("{WORK}{}", &WORK[..begun]));
    for (content, element, says) in [
        (
            cut.trim_end_matches("</lido:lidoWrap>").to_owned(),
            2,
            "ends within",
        ),
        (
            wrapped(&format!("{WORK}<lido:lido></lido:wrong>")),
            2,
            "wrong",
        ),
        (
            wrapped(&format!("<lido:lido>{}</lido:lido>", "<a>".repeat(70))),
            1,
            "nested deeper than 64",
        ),
    ] {
        let (_folder, path) = file("lido.xml", content);
        match refused(&path) {
            Error::Xml {
                element: at,
                reason,
                ..
            } => {
                assert_eq!(at, element, "{reason}");
                assert!(reason.contains(says), "{reason}");
            }
            other => panic!("{other}"),
        }
    }
    let (_folder, path) = file("ead.xml", "<?xml version='1.0'?><ead/>");
    assert!(refused(&path).to_string().contains("not LIDO"));
}

#[test]
fn entities_of_a_file_are_not_expanded() {
    let mut entities = String::from("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">");
    for (entity, before) in ('b'..='j').zip('a'..) {
        let inner = format!("&{before};").repeat(10);
        write!(entities, "<!ENTITY {entity} \"{inner}\">").unwrap();
    }
    let works = WORK.replace("obj:1", "&j;");
    let content =
        wrapped(&works).replacen("<lido:lidoWrap", &format!("{entities}]><lido:lidoWrap"), 1);
    let (_folder, path) = file("lido.xml", content);
    let mut stream = open(&path);
    assert!(stream.advance().unwrap());
    assert_eq!(values(&*stream, "id"), ["&j;"]);
}
