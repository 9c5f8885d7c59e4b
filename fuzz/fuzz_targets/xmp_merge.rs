//! Any bytes as a sidecar that is there: what it says stays, and a second merge changes nothing.
#![no_main]

use std::cell::LazyCell;
use std::fs;

use artkg_exchange::{Context, Place, TagFile, write_sidecars};
use artkg_fuzz::{Scratch, tag_lines};
use libfuzzer_sys::fuzz_target;
use quick_xml::Reader;
use quick_xml::events::Event;

struct Bench {
    scratch: Scratch,
    tags: TagFile,
}

thread_local! {
    static BENCH: LazyCell<Bench> = LazyCell::new(|| {
        let scratch = Scratch::default();
        let path = scratch.file("tags.jsonl", tag_lines(&["a.jpg"]).as_bytes());
        let tags = TagFile::open(&path).expect("these are tags");
        Bench { scratch, tags }
    });
}

/// The texts and values of attributes, as they are written.
fn values(text: &str) -> Vec<String> {
    let mut reader = Reader::from_str(text);
    let mut found = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Eof) | Err(_) => return found,
            Ok(Event::Text(text)) => found.push(text.trim().to_owned()),
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                let attributes = tag.attributes().flatten();
                found.extend(attributes.map(|one| one.value.into_owned()));
            }
            Ok(_) => {}
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    BENCH.with(|bench| {
        let sidecar = bench.scratch.file("a.xmp", bytes);
        let place = Place::In(bench.scratch.path(""));
        let merge = || {
            write_sidecars(&bench.tags, &place, &Context::default(), |_| {})
                .expect("the tags can be read")
        };
        let first = merge();
        let after = fs::read(&sidecar).expect("it is there");
        if !first.failures.is_empty() {
            assert_eq!(after, bytes, "what cannot be merged is not touched");
            return;
        }
        let second = merge();
        assert_eq!(second.unchanged, 1, "{second:?}");
        assert_eq!(fs::read(&sidecar).expect("it is there"), after);
        let old = std::str::from_utf8(bytes).expect("it was merged");
        // What we said before may go.
        if !old.contains("artkg") {
            let new = String::from_utf8(after).expect("it was merged");
            for value in values(old) {
                assert!(new.contains(&value), "{value:?} is lost");
            }
        }
    });
});
