//! BERT and BLIP against transformers' values: tiny random models of the fixtures,
//! and all-MiniLM-L6-v2, whose folder `ARTKG_MINILM` names.

// clippy.toml allows `unwrap` in tests, but sees only functions marked as such.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use artkg_nn::{Device, Tensor};
use artkg_text::{Blip, ModelSource, SentenceEncoder};
use artkg_weights::Hub;
use serde::Deserialize;
use serde::de::DeserializeOwned;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

fn json<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_slice(&std::fs::read(fixture(name)).unwrap()).unwrap()
}

fn offline() -> Hub {
    Hub::new(PathBuf::from("nowhere")).offline(true)
}

fn folder(name: &str) -> ModelSource {
    ModelSource::Folder(fixture(name))
}

/// A copy of a fixture with one of its files changed.
fn changed(name: &str, file: &str, change: impl Fn(&str) -> String) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(fixture(name)).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    let path = copy.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let new = change(&text);
    assert_ne!(new, text);
    std::fs::write(&path, new).unwrap();
    copy
}

#[derive(Deserialize)]
struct Embedded {
    sentences: Vec<String>,
    embeddings: Vec<Vec<f32>>,
}

impl Embedded {
    fn assert_same(&self, encoder: &SentenceEncoder, batch_size: usize, tolerance: f32) {
        let sentences: Vec<&str> = self.sentences.iter().map(String::as_str).collect();
        let mut done = Vec::new();
        let ours = encoder
            .encode(&sentences, batch_size, |count| done.push(count))
            .unwrap();
        assert_eq!(done.last(), Some(&sentences.len()));
        for ((ours, theirs), sentence) in ours.iter().zip(&self.embeddings).zip(&sentences) {
            assert_eq!(ours.len(), encoder.dimension());
            for (ours, theirs) in ours.iter().zip(theirs) {
                assert!(
                    (ours - theirs).abs() < tolerance,
                    "{sentence:?}: {ours} and {theirs}"
                );
            }
        }
    }
}

#[test]
fn a_tiny_bert_says_what_transformers_says() {
    let expected: Embedded = json("bert/expected.json");
    let encoder = SentenceEncoder::load(&folder("bert"), &offline(), &Device::Cpu).unwrap();
    assert_eq!((encoder.name(), encoder.dimension()), ("bert", 8));
    // All at once with padding, and one by one.
    expected.assert_same(&encoder, 32, 1e-5);
    expected.assert_same(&encoder, 1, 1e-5);
    assert!(encoder.encode(&[], 8, |_| {}).unwrap().is_empty());
}

#[test]
fn encoders_of_another_kind_are_refused() {
    for (file, from, to, expected) in [
        (
            "config.json",
            "\"bert\"",
            "\"roberta\"",
            "of the kind roberta",
        ),
        (
            "config.json",
            "\"hidden_size\": 8",
            "\"hidden_size\": 6",
            "model.safetensors",
        ),
        ("tokenizer.json", "WordPiece", "Letters", "not a tokenizer"),
    ] {
        let copy = changed("bert", file, |text| text.replace(from, to));
        let source = ModelSource::Folder(copy.path().to_path_buf());
        let message = SentenceEncoder::load(&source, &offline(), &Device::Cpu)
            .unwrap_err()
            .to_string();
        assert!(message.contains(expected), "{message}");
    }
    let copy = changed("bert", "config.json", |text| format!("{text} "));
    let pooling = copy.path().join("1_Pooling");
    std::fs::create_dir(&pooling).unwrap();
    std::fs::write(
        pooling.join("config.json"),
        r#"{"pooling_mode_mean_tokens": false}"#,
    )
    .unwrap();
    let source = ModelSource::Folder(copy.path().to_path_buf());
    let message = SentenceEncoder::load(&source, &offline(), &Device::Cpu)
        .unwrap_err()
        .to_string();
    assert!(message.contains("mean over its tokens"), "{message}");
}

#[test]
#[ignore = "needs all-MiniLM-L6-v2 in ARTKG_MINILM"]
fn minilm_says_what_transformers_says() {
    let path = std::env::var_os("ARTKG_MINILM")
        .expect("ARTKG_MINILM names the folder of all-MiniLM-L6-v2");
    let source = ModelSource::Folder(PathBuf::from(path));
    let encoder = SentenceEncoder::load(&source, &offline(), &Device::Cpu).unwrap();
    assert_eq!(encoder.dimension(), 384);
    json::<Embedded>("minilm.json").assert_same(&encoder, 32, 1e-4);
}

#[derive(Deserialize)]
struct Captioned {
    longest: usize,
    captions: Vec<String>,
    cut_to_3: Vec<String>,
}

/// The images of the script: `[4, 16, 16, 3]`.
fn images() -> Tensor {
    let values: Vec<f32> = (0..4 * 3 * 16 * 16)
        .map(|place| (f64::from(place * place) * 0.37).sin() as f32 * 2.0)
        .collect();
    let images = Tensor::from_vec(values, (4, 3, 16, 16), &Device::Cpu).unwrap();
    images.permute((0, 2, 3, 1)).unwrap().contiguous().unwrap()
}

#[test]
fn a_tiny_blip_writes_what_transformers_writes() {
    let expected: Captioned = json("blip/expected.json");
    let mut blip = Blip::load(&folder("blip"), &offline(), &Device::Cpu).unwrap();
    assert_eq!((blip.name(), blip.image_size()), ("blip", 16));
    let captions = blip.captions(&images(), expected.longest).unwrap();
    assert_eq!(captions, expected.captions);
    // Some end by themselves before the limit, some don't.
    let words = |caption: &String| caption.split(' ').count();
    assert!(captions.iter().map(words).min() < captions.iter().map(words).max());
    assert_eq!(blip.captions(&images(), 3).unwrap(), expected.cut_to_3);
    // Again, one by one: nothing of the ones before is left.
    for (row, caption) in captions.iter().enumerate() {
        let image = images().narrow(0, row, 1).unwrap();
        assert_eq!(
            &blip.captions(&image, expected.longest).unwrap()[0],
            caption
        );
    }
    let message = blip.captions(&images(), 24).unwrap_err().to_string();
    assert!(message.contains("at most 23"), "{message}");
}

#[test]
fn what_is_no_blip_is_refused() {
    let message = Blip::load(&folder("bert"), &offline(), &Device::Cpu)
        .unwrap_err()
        .to_string();
    assert!(message.contains("of the kind bert, not blip"), "{message}");
    let message = Blip::load(&Blip::published(), &offline(), &Device::Cpu)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("cannot get config.json of Salesforce/blip-image-captioning-base"),
        "{message}"
    );
}
