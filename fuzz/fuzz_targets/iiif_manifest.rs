//! Any bytes as a IIIF manifest: imported to a corpus, and annotated with tags, where what
//! is written is JSON and the manifest keeps its address.
#![no_main]

use std::cell::LazyCell;
use std::fs;

use artkg_corpus::Format;
use artkg_exchange::{Context, TagFile, write_annotations};
use artkg_fuzz::{Importer, Scratch, tag_lines};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

struct Bench {
    importer: Importer,
    scratch: Scratch,
    tags: TagFile,
}

thread_local! {
    static BENCH: LazyCell<Bench> = LazyCell::new(|| {
        let scratch = Scratch::default();
        let images = ["https://iiif.example/1/full/max/0/default.jpg", "2.jpg"];
        let path = scratch.file("tags.jsonl", tag_lines(&images).as_bytes());
        Bench {
            importer: Importer::new(&["iiif"], &[Format::Iiif]),
            scratch,
            tags: TagFile::open(&path).expect("these are tags"),
        }
    });
}

fuzz_target!(|bytes: &[u8]| {
    BENCH.with(|bench| {
        bench.importer.run(0, bytes);
        let manifest = [bench.scratch.file("manifest.json", bytes)];
        let folder = bench.scratch.path("pages");
        let context = Context::default();
        let done = write_annotations(&bench.tags, &manifest, &folder, &context, true, |_| {});
        if done.is_err() {
            return;
        }
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let text = fs::read(entry.path()).expect("it was written just now");
            let page: Value = serde_json::from_slice(&text).expect("what is written is JSON");
            if entry.file_name() == "manifest.json" {
                let given: Value = serde_json::from_slice(bytes).expect("it was read");
                assert_eq!(page["id"], given["id"]);
            }
            fs::remove_file(entry.path()).expect("it is ours");
        }
    });
});
