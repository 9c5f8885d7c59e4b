use std::path::Path;

use artkg_captions::CaptionSource;
use artkg_model::{ContextUse, Mode};

use super::*;
use crate::system::GraphContext;

fn read(text: &str) -> std::result::Result<ArtConfig, String> {
    toml::from_str(text).map_err(|error: toml::de::Error| error.to_string())
}

#[test]
fn a_corpus_is_all_that_must_be_given() {
    let config = read("corpus = \"here\"\n").unwrap();
    let graph = GraphContext::new("here/embeddings.safetensors");
    assert_eq!(config, ArtConfig::new("here", System::Kgm(graph)));
    config.check().unwrap();
}

#[test]
fn every_system_reads_back() {
    let mut graph = GraphContext::new("e");
    graph.usage = "fuse+joint".parse().unwrap();
    graph.weight = 0.25;
    graph.hidden = vec![64];
    let models = vec!["a".into(), "b".into()];
    for system in [
        System::Pretrained,
        System::Finetune,
        System::Attributes { models },
        System::Captions {
            source: CaptionSource::Corpus,
            words: 7,
        },
        System::Mtl,
        System::Kgm(graph),
    ] {
        let mut config = ArtConfig::new("c", system);
        config.tasks = vec![Attribute::AUTHOR, "genre".parse().unwrap()];
        config.hidden = vec![3];
        let text = toml::to_string(&config).unwrap();
        assert_eq!(read(&text).unwrap(), config, "{text}");
    }
}

/// What the version before there was a [`System`] wrote for a run of `artkg train
/// --mode MODE --epochs 1`.
fn older(mode: &str, keys: &str) -> String {
    format!(
        "mode = \"{mode}\"\ncorpus = \"c\"\n{keys}caption_words = 5000\ncontext = \"regress\"\n\
         context_weight = 0.1\nlabel_smoothing = 0.0\nminimum_count = 10\n\
         task_weights = \"equal\"\ntasks = [\"type\", \"school\", \"timeframe\", \"author\"]\n\
         [backbone]\ncache = \"cache\"\nmirror = true\nname = \"resnet50\"\n\
         [imbalance]\nclass_weights = 0.0\nfocus = 0.0\nlogit_adjustment = 0.0\n\
         sampling = \"natural\"\n\
         [training]\nepochs = 1\n"
    )
}

#[test]
fn files_of_older_versions_are_read() {
    let models = vec!["m".into()];
    let captions = System::Captions {
        source: CaptionSource::Corpus,
        words: 5000,
    };
    for (mode, keys, system) in [
        ("pretrained", "", System::Pretrained),
        ("finetune", "", System::Finetune),
        (
            "attributes",
            "attributes = [\"m\"]\n",
            System::Attributes { models },
        ),
        ("captions", "captions = \"corpus\"\n", captions),
        ("mtl", "", System::Mtl),
        (
            "kgm",
            "embeddings = \"e\"\n",
            System::Kgm(GraphContext::new("e")),
        ),
    ] {
        let mut config = ArtConfig::new("c", system);
        config.training.epochs = 1;
        assert_eq!(read(&older(mode, keys)).unwrap(), config);
    }
    // A comparison gave all its rows the share of the graph.
    let text = older("mtl", "").replace("context_weight = 0.1", "context_weight = 0.5");
    assert_eq!(read(&text).unwrap().system, System::Mtl);
}

#[test]
fn keys_of_other_systems_are_refused() {
    for (mode, keys, expected) in [
        ("mtl", "embeddings = \"e\"\n", "embeddings: mtl has none"),
        ("kgm", "attributes = [\"m\"]\n", "attributes: kgm has none"),
        ("kgm", "captions = \"corpus\"\n", "captions: kgm has none"),
        ("attributes", "", "needs fine-tuned classifiers"),
        ("captions", "", "reads captions of the images"),
        ("pretrained", "modee = 1\n", "modee"),
    ] {
        let message = read(&older(mode, keys)).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
    let text = older("mtl", "").replace("\"regress\"", "\"fuse\"");
    let message = read(&text).unwrap_err();
    assert!(message.contains("context: mtl has none"), "{message}");
}

#[test]
fn the_embeddings_of_the_corpus_are_taken_unless_others_are_given() {
    let mut settings = ArtSettings::new("c");
    assert_eq!(settings.embeddings(), Path::new("c/embeddings.safetensors"));
    settings.embeddings = Some("given".into());
    let config = ArtConfig::try_from(settings).unwrap();
    assert_eq!(config.system, System::Kgm(GraphContext::new("given")));
}

#[test]
fn settings_without_sense_are_refused() {
    type Spoil = fn(&mut ArtConfig);
    fn graph(config: &mut ArtConfig) -> &mut GraphContext {
        match &mut config.system {
            System::Kgm(graph) => graph,
            other => panic!("{other:?}"),
        }
    }
    let cases: [(Spoil, &str); 13] = [
        (
            |config| config.label_smoothing = f64::NAN,
            "label_smoothing = NaN",
        ),
        (
            |config| {
                config.system = System::Pretrained;
                config.backbone.freeze = Some(Stage::Layer3);
            },
            "pretrained keeps the whole network frozen",
        ),
        (
            |config| config.system = System::Attributes { models: Vec::new() },
            "needs fine-tuned classifiers",
        ),
        (|config| config.hidden.push(0), "above 0"),
        (|config| graph(config).hidden.push(0), "above 0"),
        (|config| config.tasks.push(Attribute::TYPE), "given twice"),
        (|config| config.tasks.clear(), "no task"),
        (|config| graph(config).weight = 1.0, "context_weight = 1"),
        (
            |config| {
                config.tasks.truncate(1);
                graph(config).usage = ContextUse {
                    joint: true,
                    ..ContextUse::REGRESS
                };
            },
            "several tasks together",
        ),
        (
            |config| config.backbone.freeze = Some(Stage::Layer3),
            "would keep it random",
        ),
        (
            |config| {
                config.backbone.freeze = Some(Stage::Block2);
                config.backbone.weights = Some("imagenet".to_owned());
            },
            "resnet50 has no stage block2; its stages are input, stem",
        ),
        (|config| config.backbone.dropout = Some(1.0), "dropout = 1"),
        (
            |config| config.training.early_stopping.metric = "author.acuracy".to_owned(),
            "must be accuracy",
        ),
    ];
    let good = ArtConfig::new("corpus", System::Kgm(GraphContext::new("e")));
    good.check().unwrap();
    for (spoil, expected) in cases {
        let mut config = good.clone();
        spoil(&mut config);
        let message = config.check().unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(good.system.mode(), Mode::Kgm);
}
