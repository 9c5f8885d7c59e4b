//! Any bytes as what an interrupted `artkg tag` has left: every image has its tags in the
//! end, those that were made now as they were made, and the file reads back.
#![no_main]

use std::cell::LazyCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use artkg_exchange::TagFile;
use artkg_fuzz::{Scratch, origin, tags};
use artkg_tag::{Output, TagJob};
use libfuzzer_sys::fuzz_target;

const IMAGES: [&str; 3] = ["a.jpg", "b.jpg", "c.jpg"];

struct Bench {
    scratch: Scratch,
    job: TagJob,
    images: [PathBuf; 3],
}

thread_local! {
    static BENCH: LazyCell<Bench> = LazyCell::new(|| {
        let scratch = Scratch::default();
        let images = IMAGES.map(|name| {
            let path = scratch.file(name, b"x");
            let file = fs::File::options().write(true).open(&path).expect("it is ours");
            // So that seeds can know the stamps.
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1))
                .expect("it is ours");
            path
        });
        let job = TagJob {
            origin: origin(),
            depends_on: Vec::new(),
            inputs: vec![PathBuf::from("photos")],
            reads: Vec::new(),
        };
        Bench { scratch, job, images }
    });
}

fuzz_target!(|bytes: &[u8]| {
    BENCH.with(|bench| {
        let target = bench.scratch.path("tags.jsonl");
        let _ = fs::remove_file(&target);
        // The first byte says whether the journal begins as this job's.
        let journal = match bytes.split_first() {
            Some((choice, bytes)) if choice & 1 == 1 => {
                [HEADER.with(|header| header.to_vec()).as_slice(), bytes].concat()
            }
            Some((_, bytes)) => bytes.to_vec(),
            None => return,
        };
        let partial = bench.scratch.file("tags.jsonl.partial", &journal);
        let Ok(mut output) = Output::open(&target, &bench.job, false) else {
            assert_eq!(
                fs::read(&partial).expect("it is there"),
                journal,
                "it was another's"
            );
            return;
        };
        let mut made = Vec::new();
        for (name, image) in IMAGES.iter().zip(&bench.images) {
            let is_made = !output.is_done(Path::new(name), image);
            if is_made {
                output.write(tags(name)).expect("there is room");
            }
            made.push(is_made);
        }
        assert_eq!(output.len(), IMAGES.len());
        output.finish().expect("there is room");
        let file = TagFile::open(&target).expect("it was written just now");
        let rows: Result<Vec<_>, _> = file.tags().expect("it can be read").collect();
        let rows = rows.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(rows.len(), IMAGES.len());
        for ((row, name), is_made) in rows.iter().zip(IMAGES).zip(made) {
            assert_eq!(row.image, name);
            assert!(!is_made || *row == tags(name), "{row:?}");
        }
    });
});

thread_local! {
    /// How the journal of the job begins.
    static HEADER: LazyCell<Vec<u8>> = LazyCell::new(|| BENCH.with(|bench| {
        let target = bench.scratch.path("other.jsonl");
        let mut output = Output::open(&target, &bench.job, false).expect("it is new");
        output.flush().expect("there is room");
        drop(output);
        let partial = bench.scratch.path("other.jsonl.partial");
        let bytes = fs::read(&partial).expect("it was written just now");
        bytes
    }));
}
