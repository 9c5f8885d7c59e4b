use std::path::Path;

use artkg_records::{Derived, Error, Fault, Input, Join, Joined, Stream, TableFormat};

use crate::{folder, values};

fn join(file: &str, name: &str, key: &str, on: &str, columns: &[&str]) -> Join {
    Join {
        file: file.to_owned(),
        name: name.to_owned(),
        key: key.to_owned(),
        on: on.to_owned(),
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        filter: Default::default(),
        order: None,
        optional: false,
    }
}

fn joined(folder: &Path, joins: &[Join]) -> Result<Joined, Error> {
    let format = TableFormat::default();
    let open = |name: &str| -> Result<Option<Box<dyn Stream>>, Error> {
        let path = folder.join(name);
        match path.is_file() {
            true => Input::open(&path)?.records(&format).map(Some),
            false => Ok(None),
        }
    };
    let base = Input::open(&folder.join("objects.csv"))?.records(&format)?;
    Joined::open(base, joins, &open)
}

#[test]
fn tables_are_joined_and_their_rows_stand_side_by_side() {
    let folder = folder(&[
        ("objects.csv", b"objectid,title\n1,One\n2,Two\n3,Three\n"),
        (
            "links.csv",
            b"objectid,personid,place,kind,role\n1,20,10,artist,engraver\n1,10,9,Artist,painter\n\
              1,30,1,donor,donor\n2,99,1,artist,painter\n2,\"oops\n",
        ),
        ("people.csv", b"id,name,ulan\n10,Hals,500\n20,Goya,\n"),
    ]);
    let mut makers = join(
        "links.csv",
        "makers",
        "objectid",
        "objectid",
        &["personid", "role"],
    );
    makers.filter.insert("kind".into(), vec!["artist".into()]);
    makers.order = Some("place".into());
    let people = join(
        "people.csv",
        "makers",
        "id",
        "makers[].personid",
        &["name", "ulan"],
    );
    let mut none = join("none.csv", "images", "objectid", "objectid", &["uuid"]);
    none.optional = true;
    let joins = [makers, people, none];
    let stream = joined(folder.path(), &joins).unwrap();
    assert_eq!(stream.faults().len(), 1);
    assert!(matches!(stream.faults()[0].fault, Fault::CellCount { .. }));
    assert_eq!(stream.faults()[0].place.number, 6);
    let mut stream = Derived::new(
        Box::new(stream),
        ["ulan:{makers[].ulan}", "https://x.org/{none}"],
    );
    assert_eq!(
        stream.fields(),
        [
            "objectid",
            "title",
            "makers[].personid",
            "makers[].role",
            "makers[].name",
            "makers[].ulan",
            "ulan:{makers[].ulan}"
        ]
    );
    let mut read = Vec::new();
    while stream.advance().unwrap() {
        read.push(
            [
                "title",
                "makers[].role",
                "makers[].name",
                "ulan:{makers[].ulan}",
            ]
            .map(|field| values(&stream, field)),
        );
    }
    let expected: [[&[&str]; 4]; 3] = [
        [
            &["One"],
            &["painter", "engraver"],
            &["Hals", "Goya"],
            &["ulan:500", ""],
        ],
        [&["Two"], &["painter"], &[""], &[""]],
        [&["Three"], &[], &[], &[]],
    ];
    assert_eq!(read, expected);
}

#[test]
fn what_is_needed_has_to_be_there() {
    let folder = folder(&[
        ("objects.csv", b"objectid\n1\n"),
        ("people.csv", b"id,name\n1,Hals\n"),
    ]);
    let lacking = join("links.csv", "makers", "objectid", "objectid", &[]);
    let error = joined(folder.path(), &[lacking]).err().unwrap();
    assert!(
        matches!(&error, Error::NoJoinedTable { file, .. } if file == "links.csv"),
        "{error}"
    );
    let wrong = join("people.csv", "makers", "objectid", "objectid", &["name"]);
    let error = joined(folder.path(), &[wrong]).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("people.csv: there is no column `objectid`"),
        "{error}"
    );
}
