//! Tags that the tests write.

use artkg_tag::{
    Given, ModelOrigin, Origin, Review, Tag, TagSettings, Tags, TaskSettings, TaskTags,
};
use artkg_vocabulary::Attribute;

pub(crate) const WITHHELD: &str = "Dutch & Flemish";

/// Tags of one image: type, timeframe and author are given, the school is withheld.
pub(crate) fn tags() -> Tags {
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
        image: "photos/36029.jpg".into(),
        id: Some("36029".into()),
        review: Review::None,
        tags: vec![
            task(
                Attribute::TYPE,
                false,
                [("portrait", 0.9375), ("genre", 0.03125)],
            ),
            task(Attribute::SCHOOL, true, [(WITHHELD, 0.5), ("German", 0.25)]),
            task(
                Attribute::TIMEFRAME,
                false,
                [("1651-1700", 0.75), ("1601-1650", 0.125)],
            ),
            task(
                Attribute::AUTHOR,
                false,
                [("Johannes Vermeer", 0.625), ("Pieter de Hooch", 0.25)],
            ),
        ],
    }
}

/// Where they come from.
pub(crate) fn origin() -> Origin {
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
            corpus: "met".into(),
            corpus_source: "https://www.metmuseum.org".into(),
            corpus_licence: "CC0".into(),
        },
        options: TagSettings {
            top: 2,
            precision: "f32".into(),
            consistent: String::new(),
            resize: 256,
            crop: 224,
            tasks: ["type", "school", "timeframe", "author"]
                .map(|task| TaskSettings {
                    task: task.into(),
                    given: Given::From(0.6),
                })
                .to_vec(),
        },
        computed_in: "f32".into(),
        corpus: Some("met".into()),
    }
}
