//! Where a model comes from, as its file says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where a model comes from, as its file says. `Data` is what it learned from, whose
/// fields stand beside the others: a [`CorpusOrigin`], for instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance<Data> {
    /// The version of artkg that trained it.
    pub artkg_version: String,
    /// What it learned from.
    #[serde(flatten)]
    pub data: Data,
    /// What its network started from; `None` for random weights.
    #[serde(default)]
    pub initial_weights: Option<String>,
    /// The run's seed.
    pub seed: u64,
    /// The epoch of the parameters, counted from 1.
    pub epoch: usize,
    /// Validation metrics at that epoch, by name.
    pub validation: BTreeMap<String, f64>,
}

/// A corpus that a model learned from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CorpusOrigin {
    /// Its name.
    #[serde(rename = "corpus")]
    pub name: String,
    /// Where it comes from.
    #[serde(rename = "corpus_source", default)]
    pub source: String,
    /// Under which licence.
    #[serde(rename = "corpus_licence", default)]
    pub licence: String,
    /// Whether it was generated.
    #[serde(default)]
    pub synthetic: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_both_kinds_read_as_they_were_written() {
        // As a model of art has said it since its first format.
        let text = r#"{"artkg_version":"0.1.0","corpus":"demo","corpus_source":"artkg",
            "corpus_licence":"CC0","synthetic":true,"initial_weights":null,"seed":18446744073709551615,
            "epoch":3,"validation":{"accuracy":0.5}}"#;
        let provenance: Provenance<CorpusOrigin> = serde_json::from_str(text).unwrap();
        assert_eq!(provenance.data.name, "demo");
        assert!(provenance.data.synthetic);
        assert_eq!((provenance.seed, provenance.epoch), (u64::MAX, 3));
        let written = serde_json::to_value(&provenance).unwrap();
        let expected: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(written, expected);
    }
}
