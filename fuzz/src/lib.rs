//! What the targets share.

mod importing;

pub use importing::Importer;

use std::fs;
use std::path::{Path, PathBuf};

use artkg_tag::{
    Given, ModelOrigin, Origin, Review, Tag, TagSettings, Tags, TaskSettings, TaskTags,
};
use artkg_vocabulary::Attribute;

/// A folder of the process, in memory where the system offers that.
pub struct Scratch(tempfile::TempDir);

impl Default for Scratch {
    fn default() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = match memory.is_dir() {
            true => tempfile::tempdir_in(memory),
            false => tempfile::tempdir(),
        };
        Self(folder.expect("a scratch folder can be made"))
    }
}

impl Scratch {
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A file with these bytes.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a scratch file can be written");
        path
    }
}

/// Where the tags of the targets come from.
pub fn origin() -> Origin {
    Origin {
        artkg_version: "0.1.0".into(),
        created: "2026-02-28T09:30:00Z".into(),
        synthetic: false,
        model: ModelOrigin {
            file: "model.safetensors".into(),
            fingerprint: format!("sha256:{}", "ab".repeat(32)),
            artkg_version: "0.1.0".into(),
            mode: "kgm".into(),
            architecture: "resnet50".into(),
            corpus: "demo".into(),
            corpus_source: "".into(),
            corpus_licence: "CC0".into(),
        },
        options: TagSettings {
            top: 2,
            precision: "f32".into(),
            consistent: String::new(),
            resize: 256,
            crop: 224,
            tasks: ["type", "author"]
                .map(|task| TaskSettings {
                    task: task.into(),
                    given: Given::From(0.6),
                })
                .to_vec(),
        },
        computed_in: "f32".into(),
        corpus: None,
    }
}

/// The tags of an image.
pub fn tags(image: &str) -> Tags {
    let task = |task, abstained, classes: [(&str, f32); 2]| TaskTags {
        task,
        abstained,
        classes: classes
            .map(|(class, confidence)| Tag {
                class: class.into(),
                confidence,
            })
            .to_vec(),
    };
    Tags {
        image: image.into(),
        id: Some("1".into()),
        review: Review::None,
        tags: vec![
            task(
                Attribute::TYPE,
                false,
                [("portrait", 0.9375), ("genre", 0.03125)],
            ),
            task(
                Attribute::AUTHOR,
                true,
                [("Vermeer & Co", 0.5), ("Hals", 0.25)],
            ),
        ],
    }
}

/// The text of a file of tags in JSON Lines.
pub fn tag_lines(images: &[&str]) -> String {
    let mut text = serde_json::json!({ "origin": origin() }).to_string() + "\n";
    for image in images {
        text += &serde_json::to_string(&tags(image)).expect("tags are plain values");
        text.push('\n');
    }
    text
}
