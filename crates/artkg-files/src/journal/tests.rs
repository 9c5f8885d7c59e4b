use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::*;

/// A folder with files to make something of, and a job that measures them.
struct Job {
    folder: tempfile::TempDir,
    header: Header,
}

impl Job {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let header = Header::new("lengths", 1).with("inputs", vec!["a", "b", "c"]);
        Self { folder, header }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self, replace: bool) -> Result<Journal<u64>> {
        let inputs = [self.path("a"), self.path("b")];
        let inputs = inputs.iter().map(PathBuf::as_path);
        Journal::open(&self.path("new/out.txt"), &self.header, inputs, replace)
    }

    fn partial(&self) -> PathBuf {
        Journal::<u64>::path_for(&self.path("new/out.txt"))
    }

    /// Does what is missing of `items`; the names of those done anew.
    fn work(&self, journal: &mut Journal<u64>, items: &[&str]) -> Vec<String> {
        let mut done = Vec::new();
        for item in items {
            if !journal.is_done(item, &self.path(item)) {
                let length = fs::metadata(self.path(item)).unwrap().len();
                journal.append(item, &length).unwrap();
                done.push((*item).to_owned());
            }
        }
        done
    }

    fn finish(&self, journal: Journal<u64>) -> String {
        journal
            .finish(|writer, next| -> Result<()> {
                while let Some((_, length)) = next()? {
                    writeln!(writer, "{length}").unwrap();
                }
                Ok(())
            })
            .unwrap();
        assert!(!self.partial().exists());
        fs::read_to_string(self.path("new/out.txt")).unwrap()
    }
}

#[test]
fn an_interrupted_job_ends_in_what_an_unbroken_one_writes() {
    let job = Job::new();
    let mut journal = job.open(false).unwrap();
    assert_eq!(job.work(&mut journal, &["a", "b"]), ["a", "b"]);
    drop(journal);
    // The process was killed in the middle of a line, and of a character.
    let mut bytes = fs::read(job.partial()).unwrap();
    bytes.extend("{\"item\":\"cü".as_bytes());
    bytes.pop();
    fs::write(job.partial(), bytes).unwrap();
    // A file was replaced in between.
    fs::write(job.path("a"), "aaaa").unwrap();

    let mut journal = job.open(false).unwrap();
    assert!(journal.is_empty());
    assert_eq!(job.work(&mut journal, &["a", "b", "c"]), ["a", "c"]);
    assert_eq!(journal.len(), 3);
    assert!(journal.is_done("c", &job.path("c")));
    assert!(!job.path("new/out.txt").exists());
    assert_eq!(job.finish(journal), "4\n1\n1\n");
}

#[test]
fn what_nobody_asks_for_is_left_out() {
    let job = Job::new();
    let mut journal = job.open(false).unwrap();
    job.work(&mut journal, &["a", "b", "c"]);
    drop(journal);
    fs::remove_file(job.path("b")).unwrap();
    let mut journal = job.open(false).unwrap();
    assert!(!journal.is_done("b", &job.path("b")), "it is gone");
    assert!(job.work(&mut journal, &["a"]).is_empty());
    assert_eq!(job.finish(journal), "1\n");
}

#[test]
fn another_job_is_refused_and_told_what_differs() {
    let mut job = Job::new();
    let begun = job.header.clone();
    let mut journal = job.open(false).unwrap();
    job.work(&mut journal, &["a"]);
    drop(journal);

    let many: Vec<String> = (0..1000).map(|number| format!("file {number}")).collect();
    job.header = begun.clone().with("inputs", many).with("top", 3);
    let error = job.open(false).unwrap_err();
    let message = error.to_string();
    assert!(message.len() < 500, "{message}");
    let Error::OtherJob { path, differences } = error else {
        panic!("{message}");
    };
    assert_eq!(path, job.partial());
    assert_eq!(differences[0].name, "inputs");
    assert_eq!(differences[0].was.as_deref(), Some("[\"a\",\"b\",\"c\"]"));
    assert_eq!(differences[1].to_string(), "top was not set, is 3");

    // As it was, it goes on; replaced, it begins anew.
    job.header = begun;
    assert!(job.work(&mut job.open(false).unwrap(), &["a"]).is_empty());
    job.header = Header::new("lengths", 1).with("share", 0.1f32);
    assert!(!job.open(true).unwrap().is_done("a", &job.path("a")));
    job.open(false).unwrap();
}

#[test]
fn what_is_no_journal_is_not_touched() {
    let job = Job::new();
    for text in [
        "id,caption\n1,a ship\n",
        "mine",
        "{\"journal\":\"other\"}\n",
    ] {
        fs::create_dir_all(job.path("new")).unwrap();
        fs::write(job.partial(), text).unwrap();
        assert!(matches!(job.open(false), Err(Error::NoJournal(path)) if path == job.partial()));
        assert_eq!(fs::read_to_string(job.partial()).unwrap(), text);
    }
    let other = Header::new("lengths", 2).line();
    fs::write(job.partial(), other).unwrap();
    assert!(matches!(job.open(false), Err(Error::NoJournal(_))));
    // A process killed at once leaves part of a header.
    fs::write(job.partial(), &job.header.line()[..20]).unwrap();
    job.open(false).unwrap();
    fs::write(job.partial(), "mine").unwrap();
    job.open(true).unwrap();
}

#[test]
fn a_finished_output_is_replaced_only_when_asked_and_only_at_the_end() {
    let job = Job::new();
    let mut journal = job.open(false).unwrap();
    job.work(&mut journal, &["a"]);
    job.finish(journal);
    assert!(matches!(job.open(false), Err(Error::Exists(path)) if path == job.path("new/out.txt")));
    let mut journal = job.open(true).unwrap();
    job.work(&mut journal, &["a", "b"]);
    assert_eq!(fs::read_to_string(job.path("new/out.txt")).unwrap(), "1\n");
    assert!(matches!(job.open(true), Err(Error::Busy(path)) if path == job.partial()));
    assert_eq!(job.finish(journal), "1\n1\n");
}

#[test]
fn an_output_that_cannot_be_written_leaves_the_journal() {
    let job = Job::new();
    fs::create_dir_all(job.path("new/out.txt")).unwrap();
    let mut journal = job.open(true).unwrap();
    job.work(&mut journal, &["a"]);
    let result = journal.finish(|_, _| -> Result<()> { Ok(()) });
    assert!(result.is_err());
    fs::remove_dir(job.path("new/out.txt")).unwrap();
    assert!(
        job.open(false)
            .unwrap()
            .is_done("a", Path::new(&job.path("a")))
    );
}

#[test]
fn inputs_are_not_replaced_even_when_asked() {
    let job = Job::new();
    let input = job.path("a");
    let inputs = [input.as_path()];
    let result = Journal::<u64>::open(&input, &job.header, inputs, true);
    assert!(matches!(result, Err(Error::IsInput(path)) if path == input));
    assert_eq!(fs::read_to_string(&input).unwrap(), "a");
}

#[test]
fn a_record_with_bytes_that_are_no_text_does_not_end_the_job() {
    let job = Job::new();
    let mut journal = job.open(false).unwrap();
    job.work(&mut journal, &["a"]);
    drop(journal);
    // In a field that nobody reads, where the parser passes over them.
    let text = fs::read(job.partial()).unwrap();
    let end = text.len() - 2;
    let bytes = [&text[..end], b",\"x\":\"\xff\"}\n"].concat();
    fs::write(job.partial(), bytes).unwrap();
    let mut journal = job.open(false).unwrap();
    job.work(&mut journal, &["a", "b"]);
    assert_eq!(job.finish(journal), "1\n1\n");
}
