//! `artkg tune`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use artkg_art::tuning::{
    ArtTrials, GraphEmbedder, base_config, default_parameters, full_parameters, searches_node2vec,
};
use artkg_art::{ArtConfig, GraphContext};
use artkg_corpus::Corpus;
use artkg_train::RunObjective;
use artkg_tune::{Description, ReportOptions};
use clap::Args;

use super::study::{StudyArguments, Subject, search};
use crate::defaults::with_default;
use crate::globals::{CommandResult, Globals};
use crate::here;
use crate::here::DEFAULT_GRAPH;
use crate::terminal::training::TrialTerminal;

/// The options of `artkg tune`.
#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct TuneArguments {
    #[command(flatten)]
    study: StudyArguments,
    /// Settings that all trials share, such as the config.toml of a run
    #[arg(long)]
    config: Option<PathBuf>,
    /// Corpus folder; that of `--config`, else the one here or the only one below when not given
    #[arg(long)]
    corpus: Option<PathBuf>,
    #[arg(long, help = with_default(
        "Graph file that is embedded anew when node2vec's p and q are searched",
        format_args!("{DEFAULT_GRAPH} in the corpus folder"),
    ))]
    graph: Option<PathBuf>,
    /// Passes over the training images in each trial
    #[arg(long)]
    epochs: Option<usize>,
}

pub(crate) fn run(arguments: TuneArguments, globals: &Globals) -> CommandResult {
    let stored = arguments.study.stored()?;
    let config = arguments.base(stored.as_ref(), globals)?;
    let corpus = Corpus::open(&config.corpus)?;
    let graph = arguments.graph(stored.as_ref(), &config);
    let parameters = match &stored {
        _ if !arguments.study.parameters.is_empty() => {
            full_parameters(&config, arguments.study.parameters.clone())?
        }
        Some(stored) => stored.parameters.parameters().to_vec(),
        None => default_parameters(&config, graph.is_some())?,
    };
    let mut settings =
        toml::Table::from_iter([("config".to_owned(), toml::Value::try_from(&config)?)]);
    if let Some(graph) = &graph {
        settings.insert("graph".to_owned(), graph.display().to_string().into());
    }
    let stopping = &config.training.early_stopping;
    let subject = Subject {
        metric: stopping.metric.clone(),
        direction: stopping.goal.into(),
        parameters,
        settings,
    };
    let description = arguments
        .study
        .description(subject, stored.as_ref(), globals)?;

    let output = &arguments.study.output;
    let options = ReportOptions {
        title: format!("Search for settings: {}", corpus.description.name),
        note: match corpus.description.synthetic {
            true => {
                "Synthetic data: these paintings were generated to show how artkg works.".to_owned()
            }
            false => String::new(),
        },
        advice: format!(
            "artkg train --config {} --output RUN trains with the best settings.",
            output.join("best.toml").display()
        ),
    };
    let session = globals.training_session("images")?;
    let bar = globals.progress_bar(0, "steps");
    let space = description.parameters.clone();
    let embeddings = output.join("embeddings");
    search::<ArtConfig>(
        &arguments.study,
        description,
        &options,
        &mut |folder: &Path| {
            let embedder = match &graph {
                Some(graph) if searches_node2vec(&space) => Some(GraphEmbedder::new(
                    graph,
                    known_embeddings(&config),
                    &embeddings,
                    config.training.seed,
                )?),
                _ => None,
            };
            let terminal = TrialTerminal::new(bar.clone(), globals.quiet);
            let session = session.watched_by(Arc::new(terminal));
            let trials = ArtTrials::new(config.clone(), embedder, session);
            Ok(Box::new(RunObjective::new(trials, folder, &space)?))
        },
        &bar,
        globals,
    )
}

/// The embeddings whose options count where no trial says otherwise: those that were
/// named, or that lie in the corpus folder.
fn known_embeddings(config: &ArtConfig) -> Option<&Path> {
    let embeddings = &config.system.graph()?.embeddings;
    let is_named = *embeddings != GraphContext::embeddings_of(&config.corpus);
    (is_named || embeddings.exists()).then_some(embeddings)
}

impl TuneArguments {
    /// The settings that all trials share: those given, or those that a resumed
    /// study was started with.
    fn base(
        &self,
        stored: Option<&Description>,
        globals: &Globals,
    ) -> Result<ArtConfig, Box<dyn Error>> {
        let given = self.config.is_some() || self.corpus.is_some();
        let config = stored.and_then(|stored| stored.settings.get("config"));
        let mut config: ArtConfig = match config {
            Some(config) if !given => config.clone().try_into()?,
            _ => {
                let here = match given {
                    true => self.corpus.clone(),
                    false => Some(here::corpus(None, globals)?),
                };
                base_config(self.config.as_deref(), here.as_deref())?
            }
        };
        if let Some(epochs) = self.epochs {
            config.training.epochs = epochs;
        }
        if let Some(seed) = globals.seed {
            config.training.seed = seed;
        }
        Ok(config)
    }

    /// The graph file, where there is one and the system uses it.
    fn graph(&self, stored: Option<&Description>, config: &ArtConfig) -> Option<PathBuf> {
        let stored = stored.and_then(|stored| stored.settings.get("graph")?.as_str());
        let graph = self.graph.clone().or_else(|| stored.map(PathBuf::from));
        graph.or_else(|| {
            let beside_corpus = config.corpus.join("graph.akg");
            let is_used = config.system.graph().is_some() && beside_corpus.exists();
            is_used.then_some(beside_corpus)
        })
    }
}
