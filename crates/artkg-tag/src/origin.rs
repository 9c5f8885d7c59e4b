use std::path::Path;

use artkg_files::checksum::Checksum;
use artkg_files::exact_name;
use artkg_model::Predictor;
use serde::{Deserialize, Serialize};

use crate::options::TagOptions;

/// Where tags come from: what a collection has to keep beside them to know, years
/// later, what said so and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The version of artkg that tagged.
    pub artkg_version: String,
    /// When, as RFC 3339 in UTC: `2026-02-28T09:30:00Z`.
    pub created: String,
    /// Whether the model learned from generated paintings.
    pub synthetic: bool,
    /// The model.
    pub model: ModelOrigin,
    /// How it was asked. Two runs with the same options, model and images give the
    /// same tags.
    pub options: TagSettings,
    /// In what the network multiplied: `f32` or `bf16`.
    pub computed_in: String,
    /// The corpus whose artworks' ids the tags have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corpus: Option<String>,
}

/// The model that gave tags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelOrigin {
    /// Its file's name, without folders.
    pub file: String,
    /// What tells its content, header and tensors, from that of all others:
    /// `sha256:` and 64 digits, the checksum in the file's own header.
    pub fingerprint: String,
    /// The version of artkg that trained it.
    pub artkg_version: String,
    /// The system that it is: `kgm`, for example.
    pub mode: String,
    /// Its network.
    pub architecture: String,
    /// The name of the corpus that it learned from.
    pub corpus: String,
    /// Where that corpus comes from.
    pub corpus_source: String,
    /// Under which licence.
    pub corpus_licence: String,
}

/// The options that tags depend on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TagSettings {
    /// Classes of each task, the most probable first.
    pub top: usize,
    /// The precision that was asked for: `f32`, `bf16`, or `auto`.
    pub precision: String,
    /// How the tags were chosen: `consistent`, with its strength where one was given;
    /// empty where each task chose for itself.
    pub consistent: String,
    /// Pixels of the shorter side after resizing.
    pub resize: usize,
    /// Pixels of both sides of the part that the network saw.
    pub crop: usize,
    /// From which confidence each task's tags are given, in the model's order.
    pub tasks: Vec<TaskSettings>,
}

/// How one task was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskSettings {
    /// The task's name.
    pub task: String,
    /// When its tags are given.
    pub given: Given,
}

/// When a tag is given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Given {
    /// However unsure.
    Always,
    /// From this confidence on.
    From(f32),
    /// No confidence is enough.
    Never,
}

impl Given {
    fn from_threshold(threshold: f32) -> Self {
        match threshold {
            _ if threshold <= 0.0 => Self::Always,
            _ if threshold.is_finite() => Self::From(threshold),
            _ => Self::Never,
        }
    }
}

/// What an [`Origin`] says besides what the predictor knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Circumstances<'a> {
    /// The file that the predictor was loaded from.
    pub model: &'a Path,
    /// When tagging began, as RFC 3339.
    pub created: String,
    /// The precision that was asked for.
    pub precision: &'a str,
    /// How tags are chosen; see [`TagSettings::consistent`].
    pub consistent: String,
}

impl Origin {
    /// The origin of what `predictor` says when asked with `options`.
    pub fn new(
        predictor: &Predictor,
        options: &TagOptions,
        circumstances: Circumstances<'_>,
    ) -> Self {
        let description = predictor.description();
        let provenance = &description.provenance;
        let file = circumstances.model.file_name().unwrap_or_default();
        let tasks = description.vocabularies.iter().zip(&options.thresholds);
        Self {
            artkg_version: env!("CARGO_PKG_VERSION").to_owned(),
            created: circumstances.created,
            synthetic: provenance.data.synthetic,
            model: ModelOrigin {
                file: exact_name(Path::new(file)),
                fingerprint: predictor
                    .checksum()
                    .map(Checksum::fingerprint)
                    .unwrap_or_default(),
                artkg_version: provenance.artkg_version.clone(),
                mode: description.mode.to_string(),
                architecture: description.architecture.to_string(),
                corpus: provenance.data.name.clone(),
                corpus_source: provenance.data.source.clone(),
                corpus_licence: provenance.data.licence.clone(),
            },
            options: TagSettings {
                top: options.top,
                precision: circumstances.precision.to_owned(),
                consistent: circumstances.consistent,
                resize: description.preprocessing.resize,
                crop: description.preprocessing.crop,
                tasks: tasks
                    .map(|(vocabulary, threshold)| TaskSettings {
                        task: vocabulary.attribute.to_string(),
                        given: Given::from_threshold(*threshold),
                    })
                    .collect(),
            },
            computed_in: predictor.precision().to_string(),
            corpus: None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An origin with one task, `school`.
    pub(crate) fn origin(model: &str, top: usize, given: Given) -> Origin {
        Origin {
            artkg_version: "0.1.0".into(),
            created: "2026-02-28T09:30:00Z".into(),
            synthetic: true,
            model: ModelOrigin {
                file: "model.safetensors".into(),
                fingerprint: model.into(),
                artkg_version: "0.1.0".into(),
                mode: "kgm".into(),
                architecture: "resnet18".into(),
                corpus: "demo".into(),
                corpus_source: String::new(),
                corpus_licence: "CC0".into(),
            },
            options: TagSettings {
                top,
                precision: "f32".into(),
                consistent: String::new(),
                resize: 72,
                crop: 64,
                tasks: vec![TaskSettings {
                    task: "school".into(),
                    given,
                }],
            },
            computed_in: "f32".into(),
            corpus: None,
        }
    }

    #[test]
    fn thresholds_are_said_in_words_that_json_has() {
        let given = [0.0, 0.5, f32::INFINITY].map(Given::from_threshold);
        let text = serde_json::to_string(&given).unwrap();
        assert_eq!(text, r#"["always",{"from":0.5},"never"]"#);
    }
}
