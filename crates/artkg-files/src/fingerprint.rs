//! Fingerprints of data: a SHA-256 of typed fields in a fixed form, the same on
//! every machine and in every version, so that data is known again years later.
//!
//! Every field begins with a byte that says its type; what has a length says it
//! before its content. Two sequences of fields are therefore equal only where they
//! say the same: `["ab", "c"]` and `["a", "bc"]` differ, and so do 1 and "1".

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::read::open;

/// The types of fields.
mod tag {
    pub(super) const TEXT: u8 = b't';
    pub(super) const INTEGER: u8 = b'i';
    pub(super) const NUMBERS: u8 = b'n';
    pub(super) const FLAG: u8 = b'b';
    pub(super) const FILE: u8 = b'f';
    pub(super) const NOTHING: u8 = b'0';
    pub(super) const SOMETHING: u8 = b'1';
    pub(super) const LIST: u8 = b'[';
    pub(super) const ITEM: u8 = b',';
    pub(super) const END: u8 = b']';
}

/// A fingerprint to which fields are added.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    form: String,
    hash: Sha256,
}

impl Fingerprint {
    /// The fingerprint of a `kind` of data, such as `events`. The version is that of
    /// the fields that are added and their order: whoever changes them raises it, and
    /// fingerprints of other versions are known not to be comparable.
    pub fn new(kind: &str, version: u32) -> Self {
        let mut fingerprint = Self {
            form: format!("{kind}/{version}"),
            hash: Sha256::new(),
        };
        fingerprint.text(kind).integer(u64::from(version));
        fingerprint
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.start(tag::TEXT, text.len());
        self.hash.update(text.as_bytes());
        self
    }

    /// Adds a whole number.
    pub fn integer(&mut self, value: u64) -> &mut Self {
        self.hash.update([tag::INTEGER]);
        self.hash.update(value.to_le_bytes());
        self
    }

    /// Adds numbers, bit by bit.
    pub fn numbers(&mut self, values: &[f64]) -> &mut Self {
        self.start(tag::NUMBERS, values.len());
        for value in values {
            self.hash.update(value.to_le_bytes());
        }
        self
    }

    /// Adds a yes or no.
    pub fn flag(&mut self, value: bool) -> &mut Self {
        self.hash.update([tag::FLAG, u8::from(value)]);
        self
    }

    /// Adds what may be missing.
    pub fn optional<T>(&mut self, value: Option<T>, add: impl FnOnce(&mut Self, T)) -> &mut Self {
        match value {
            None => self.hash.update([tag::NOTHING]),
            Some(value) => {
                self.hash.update([tag::SOMETHING]);
                add(self, value);
            }
        }
        self
    }

    /// Adds a list, whose items add their own fields.
    pub fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut add: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        self.hash.update([tag::LIST]);
        for item in items {
            self.hash.update([tag::ITEM]);
            add(self, item);
        }
        self.hash.update([tag::END]);
        self
    }

    /// Adds the content of a file, wherever it lies and whatever its name.
    ///
    /// # Errors
    /// An [`Error`] naming `path` when it cannot be read.
    pub fn file(&mut self, path: &Path) -> Result<&mut Self> {
        let content = content_of(open(path)?).map_err(|source| Error::new("read", path, source))?;
        self.hash.update([tag::FILE]);
        self.hash.update(content);
        Ok(self)
    }

    /// The fingerprint as text: `kind/version:` and 64 hexadecimal digits.
    pub fn finish(&self) -> String {
        let digits: String = self
            .hash
            .clone()
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{}:{digits}", self.form)
    }

    fn start(&mut self, tag: u8, length: usize) {
        self.hash.update([tag]);
        self.hash.update((length as u64).to_le_bytes());
    }
}

/// Whether two finished fingerprints are of the same kind and version, so that
/// differing means that the data differ.
pub fn are_comparable(one: &str, other: &str) -> bool {
    let form = |fingerprint| str::rsplit_once(fingerprint, ':').map(|(form, _)| form);
    form(one).is_some() && form(one) == form(other)
}

/// The SHA-256 of a file, which need not fit into memory.
fn content_of(mut file: File) -> std::io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            read => hash.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(add: impl FnOnce(&mut Fingerprint)) -> String {
        let mut fingerprint = Fingerprint::new("test", 1);
        add(&mut fingerprint);
        fingerprint.finish()
    }

    fn texts(fingerprint: &mut Fingerprint, texts: &[&str]) {
        fingerprint.list(texts, |fingerprint, text| {
            fingerprint.text(text);
        });
    }

    #[test]
    fn the_form_is_fixed() {
        // SHA-256 of the bytes `t 4 test i 1 t 1 a b 1 n 1 0.5 [ , t 0 ] 0`, made with
        // another program: a change of these digits makes every record unreadable.
        let found = of(|fingerprint| {
            fingerprint.text("a").flag(true).numbers(&[0.5]);
            texts(fingerprint, &[""]);
            fingerprint.optional(None::<u8>, |_, _| {});
        });
        assert_eq!(
            found,
            "test/1:4d0710dedf0ade054b2519ea119fa34eb9234ef4c2f3b1edf827210e256c06a5"
        );
    }

    #[test]
    fn what_says_something_else_has_another_fingerprint() {
        let all = [
            of(|_| {}),
            of(|fingerprint| texts(fingerprint, &[])),
            of(|fingerprint| texts(fingerprint, &["ab", "c"])),
            of(|fingerprint| texts(fingerprint, &["a", "bc"])),
            of(|fingerprint| texts(fingerprint, &["abc"])),
            of(|fingerprint| {
                texts(fingerprint, &["ab"]);
                texts(fingerprint, &["c"]);
            }),
            of(|fingerprint| {
                fingerprint.text("1");
            }),
            of(|fingerprint| {
                fingerprint.integer(1);
            }),
            of(|fingerprint| {
                fingerprint.flag(true);
            }),
            of(|fingerprint| {
                fingerprint.numbers(&[1.0]);
            }),
            of(|fingerprint| {
                fingerprint.optional(Some("1"), |fingerprint, text| {
                    fingerprint.text(text);
                });
            }),
            Fingerprint::new("test", 2).finish(),
            Fingerprint::new("tests", 1).finish(),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "{place}");
        }
    }

    #[test]
    fn files_count_by_their_content() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        let of_file = |path: &Path| {
            of(|fingerprint| {
                fingerprint.file(path).unwrap();
            })
        };
        std::fs::write(&one, vec![7; 100_000]).unwrap();
        std::fs::write(&other, vec![7; 100_000]).unwrap();
        assert_eq!(of_file(&one), of_file(&other));
        std::fs::write(&other, vec![7; 100_001]).unwrap();
        assert_ne!(of_file(&one), of_file(&other));
        let missing = folder.path().join("gone");
        let error = Fingerprint::new("test", 1).file(&missing).unwrap_err();
        assert!(error.to_string().contains("gone"), "{error}");
    }

    #[test]
    fn forms_tell_what_can_be_compared() {
        let [one, two] = [1, 2].map(|version| Fingerprint::new("test", version).finish());
        assert!(are_comparable(
            &one,
            &of(|fingerprint| texts(fingerprint, &["a"]))
        ));
        assert!(!are_comparable(&one, &two));
        assert!(!are_comparable("1234", "1234"));
    }
}
