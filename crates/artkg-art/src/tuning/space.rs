use std::path::Path;

use artkg_train::OptimiserKind;
use artkg_tune::{Parameter, Space};

use super::embedder::{self, PREFIX};
use crate::config::ArtConfig;
use crate::error::{Error, Result};
use crate::settings::ArtSettings;

/// Other names of keys: node2vec's parameters as its paper calls them.
const NAMES: [(&str, &str); 2] = [
    ("p", "node2vec.return_parameter"),
    ("q", "node2vec.in_out_parameter"),
];

/// The configuration that every trial starts from: a file, which may leave out
/// the corpus where that is given.
///
/// # Errors
/// When the file cannot be read, says something wrong, or neither names a corpus.
pub fn base_config(file: Option<&Path>, corpus: Option<&Path>) -> Result<ArtConfig> {
    let settings = match (file, corpus) {
        (Some(path), None) => ArtSettings::read(path)?,
        (Some(path), Some(corpus)) => {
            let mut table: toml::Table = artkg_train::read_config(path)?;
            table.insert("corpus".to_owned(), corpus.display().to_string().into());
            let settings = table.try_into();
            settings.map_err(|source| artkg_train::Error::config(path, source))?
        }
        (None, Some(corpus)) => ArtSettings::new(corpus),
        (None, None) => return Err(Error::NoCorpus),
    };
    Ok(settings.try_into()?)
}

/// What is worth searching when nothing is said: learning rate, weight decay,
/// dropout; with a graph as context its weight; and node2vec's p and q, where
/// the graph can be embedded again.
pub fn default_parameters(config: &ArtConfig, has_graph: bool) -> Result<Vec<Parameter>> {
    let learning_rate = match config.training.optimiser.kind() {
        OptimiserKind::Sgd | OptimiserKind::AdaGrad => "learning_rate=1e-4..0.5:log",
        OptimiserKind::RmsProp | OptimiserKind::Adam | OptimiserKind::AdamW => {
            "learning_rate=1e-5..0.1:log"
        }
    };
    let mut texts = vec![
        learning_rate,
        "weight_decay=1e-6..0.01:log",
        "dropout=0..0.6",
    ];
    if config.system.graph().is_some() {
        texts.push("context_weight=0.01..0.9:log");
        if has_graph {
            texts.extend(["p=0.25..4:log", "q=0.25..4:log"]);
        }
    }
    let parameters: artkg_tune::Result<_> = texts.into_iter().map(str::parse).collect();
    full_parameters(config, parameters?)
}

/// The parameters with their names written out: `learning_rate` becomes
/// `training.optimiser.learning_rate`, `p` and `q` node2vec's.
///
/// # Errors
/// A name that may be several keys, or is none of node2vec's.
pub fn full_parameters(config: &ArtConfig, parameters: Vec<Parameter>) -> Result<Vec<Parameter>> {
    // With everything set that can be set, so that every key is there.
    let mut complete = config.clone();
    complete.backbone.dropout = Some(complete.backbone.dropout.unwrap_or_default());
    let renamed = parameters.into_iter().map(|mut parameter| {
        if let Some((_, key)) = NAMES.iter().find(|(name, _)| *name == parameter.name) {
            parameter.name = (*key).to_owned();
        }
        parameter
    });
    let full = artkg_train::full_parameters(&complete, renamed)?;
    for parameter in &full {
        if let Some(option) = parameter.name.strip_prefix(PREFIX) {
            embedder::check_option(option)?;
        }
    }
    Ok(full)
}

/// Whether the space has parameters of node2vec, for which a graph is needed.
pub fn searches_node2vec(space: &Space) -> bool {
    let mut parameters = space.parameters().iter();
    parameters.any(|parameter| parameter.name.starts_with(PREFIX))
}

#[cfg(test)]
mod tests {
    use artkg_train::OptimiserConfig;

    use super::*;
    use crate::system::System;

    fn names(config: &ArtConfig, texts: &[&str]) -> Result<Vec<String>> {
        let parameters = texts.iter().map(|text| text.parse().unwrap()).collect();
        let parameters = full_parameters(config, parameters)?;
        Ok(parameters
            .into_iter()
            .map(|parameter| parameter.name)
            .collect())
    }

    #[test]
    fn short_names_are_written_out() {
        let config = ArtConfig::try_from(ArtSettings::new("corpus")).unwrap();
        let texts = [
            "learning_rate=0..1",
            "momentum=0..1",
            "dropout=0..1",
            "context_weight=0..1",
            "training.epochs=1..3:int",
            "p=1..2",
            "node2vec.window=1..3:int",
        ];
        let expected = [
            "training.optimiser.learning_rate",
            "training.optimiser.momentum",
            "backbone.dropout",
            "context_weight",
            "training.epochs",
            "node2vec.return_parameter",
            "node2vec.window",
        ];
        assert_eq!(names(&config, &texts).unwrap(), expected);
        let message = names(&config, &["kind=sgd,adam"]).unwrap_err().to_string();
        assert!(message.contains("training.optimiser.kind or"), "{message}");
        let message = names(&config, &["node2vec.windov=1..3:int"]).unwrap_err();
        assert!(message.to_string().contains("window"), "{message}");
    }

    #[test]
    fn the_default_space_is_that_of_the_mode_and_the_optimiser() {
        let mut config = ArtConfig::try_from(ArtSettings::new("corpus")).unwrap();
        let count = |config: &ArtConfig, graph| default_parameters(config, graph).unwrap().len();
        assert_eq!((count(&config, true), count(&config, false)), (6, 4));
        config.system = System::Mtl;
        assert_eq!(count(&config, true), 3);
        let rate = |config: &ArtConfig| default_parameters(config, true).unwrap()[0].to_string();
        assert!(rate(&config).ends_with("=0.0001..0.5:log"));
        config.training.optimiser = OptimiserConfig::new(OptimiserKind::AdamW);
        assert!(rate(&config).ends_with("=1e-5..0.1:log"));
    }

    #[test]
    fn the_base_needs_a_corpus_from_somewhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("base.toml");
        std::fs::write(&path, "mode = \"mtl\"\n[training]\nepochs = 3\n").unwrap();
        let config = base_config(Some(&path), Some(Path::new("here"))).unwrap();
        assert_eq!(config.corpus, Path::new("here"));
        assert_eq!((config.system, config.training.epochs), (System::Mtl, 3));
        let message = base_config(Some(&path), None).unwrap_err().to_string();
        assert!(
            message.contains("corpus") && message.contains("base.toml"),
            "{message}"
        );
        assert!(base_config(None, None).is_err());
        std::fs::write(&path, "corpus = \"a\"\nepochs = 3\n").unwrap();
        for corpus in [None, Some(Path::new("here"))] {
            let message = base_config(Some(&path), corpus).unwrap_err().to_string();
            assert!(message.contains("epochs"), "{message}");
        }
    }
}
