//! `artkg retrieve train`.

use std::path::PathBuf;
use std::str::FromStr;

use artkg_files::counted;
use artkg_retrieve::{RetrievalConfig, train_retrieval};
use artkg_train::{RunConfig, RunOptions};
use artkg_vocabulary::{Attribute, NoAttribute};
use clap::Args;

use crate::defaults::{number, with_default};
use crate::given::set;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::here;
use crate::stdout;

/// The options of `artkg retrieve train`.
#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct TrainArguments {
    /// Run folder for checkpoints, records and the retrieval model
    #[arg(long, short, default_value = "runs/retrieval")]
    output: PathBuf,
    /// Continue the run in the run folder exactly where it stopped
    #[arg(long)]
    resume: bool,
    /// Settings file, such as the config.toml of another run
    #[arg(long)]
    config: Option<PathBuf>,
    /// Corpus folder; the one here or the only one below when not given
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Model file of a training run, whose features and predictions are the visual side
    #[arg(long, required_unless_present_any = ["config", "resume"])]
    model: Option<PathBuf>,
    /// Attributes on both sides: all, none, or some such as author,school; all when not given
    #[arg(long)]
    attribute: Vec<Attributes>,
    #[arg(long, help = with_default(
        "Number of words of titles and descriptions used, the most frequent ones",
        retrieval_default().words,
    ))]
    words: Option<usize>,
    #[arg(long, help = with_default(
        "Dimension of the space",
        retrieval_default().dimension,
    ))]
    dimension: Option<usize>,
    #[arg(long, help = with_default(
        "Cosine up to which a mismatched pair costs nothing",
        retrieval_default().margin,
    ))]
    margin: Option<f64>,
    #[arg(long, help = with_default(
        "Other artworks that each text is compared with in a step",
        retrieval_default().mismatches,
    ))]
    mismatches: Option<usize>,
    #[arg(long, help = with_default(
        "Share of texts seen without attributes, and share seen without description",
        retrieval_default().omission,
    ))]
    omission: Option<f64>,
    #[arg(long, help = with_default(
        "Passes over the training artworks",
        retrieval_default().training.epochs,
    ))]
    epochs: Option<usize>,
    #[arg(long, help = with_default(
        "Artworks in a step",
        retrieval_default().training.batch_size,
    ))]
    batch_size: Option<usize>,
    #[arg(long, help = with_default(
        "Learning rate of Adam",
        number(retrieval_default().training.optimiser.learning_rate),
    ))]
    learning_rate: Option<f64>,
    #[arg(long, help = with_default(
        "Folder for the activations of the visual model's frozen part",
        retrieval_default().cache.display(),
    ))]
    cache: Option<PathBuf>,
}

/// The settings of a run when nothing is given, for help texts.
fn retrieval_default() -> RetrievalConfig {
    RetrievalConfig::new("", "")
}

/// `all` of the model, `none` or a list.
#[derive(Clone, Debug)]
struct Attributes(Option<Vec<Attribute>>);

impl FromStr for Attributes {
    type Err = NoAttribute;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self(None)),
            "none" => Ok(Self(Some(Vec::new()))),
            _ => {
                let attributes: Result<_, _> = text.split(',').map(str::parse).collect();
                Ok(Self(Some(attributes?)))
            }
        }
    }
}

/// What several such options say: all where one says so.
fn together(options: &[Attributes]) -> Option<Vec<Attribute>> {
    let lists: Option<Vec<&Vec<Attribute>>> = options
        .iter()
        .map(|Attributes(list)| list.as_ref())
        .collect();
    Some(lists?.into_iter().flatten().cloned().collect())
}

pub(crate) fn run(arguments: &TrainArguments, globals: &Globals) -> CommandResult {
    let config = arguments.settings(globals)?;
    let session = globals.training_session("artworks")?;
    let report = train_retrieval(
        &config,
        RunOptions {
            folder: &arguments.output,
            resume: arguments.resume,
            session: &session,
        },
    )?;
    if report.without_text > 0 {
        globals.note(format!(
            "left out: {} with neither title nor description",
            counted(report.without_text, "training artwork")
        ));
    }
    let Some(model) = report.run.model else {
        globals.note(format!(
            "stopped and saved; continue with the same command and --resume ({})",
            arguments.output.display()
        ));
        return Ok(Outcome::SomeFailed);
    };
    let best = report.run.training.and_then(|summary| summary.best);
    if globals.json {
        let best = best.map(|(epoch, recall)| {
            serde_json::json!({ "epoch": epoch, "validation_recall_at_10": recall })
        });
        stdout::json_line(&serde_json::json!({ "model": model, "best": best }))?;
        return Ok(globals.outcome(session.left_out_count()));
    }
    if let Some((epoch, recall)) = best {
        let recall = 100.0 * recall;
        outln!("best validation R@10 {recall:.1} % (epoch {epoch})");
    }
    outln!("model   {}", model.display());
    Ok(globals.outcome(session.left_out_count()))
}

impl TrainArguments {
    fn settings(&self, globals: &Globals) -> Result<RetrievalConfig, Box<dyn std::error::Error>> {
        let stored = self.output.join("config.toml");
        let mut config = match (&self.config, &self.corpus, &self.model) {
            (Some(path), ..) => RetrievalConfig::read(path)?,
            _ if self.resume && stored.exists() => RetrievalConfig::read(&stored)?,
            (None, corpus, Some(model)) => {
                RetrievalConfig::new(here::corpus(corpus.as_deref(), globals)?, model)
            }
            (None, _, None) => return Err("which model? pass `--model FILE`, or `--config`".into()),
        };
        if !self.attribute.is_empty() {
            config.attributes = together(&self.attribute);
        }
        let training = &mut config.training;
        set(&mut training.optimiser.learning_rate, &self.learning_rate);
        set(&mut training.epochs, &self.epochs);
        set(&mut training.batch_size, &self.batch_size);
        set(&mut training.seed, &globals.seed);
        set(&mut config.corpus, &self.corpus);
        set(&mut config.model, &self.model);
        set(&mut config.words, &self.words);
        set(&mut config.dimension, &self.dimension);
        set(&mut config.margin, &self.margin);
        set(&mut config.mismatches, &self.mismatches);
        set(&mut config.omission, &self.omission);
        set(&mut config.cache, &self.cache);
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_all_none_or_a_list() {
        let read = |text: &str| text.parse::<Attributes>().map(|Attributes(list)| list);
        assert_eq!(read("all").unwrap(), None);
        assert_eq!(read("none").unwrap(), Some(Vec::new()));
        assert_eq!(
            read("school,author").unwrap(),
            Some(vec![Attribute::SCHOOL, Attribute::AUTHOR])
        );
        let lists = |texts: &[&str]| {
            let options: Vec<Attributes> = texts.iter().map(|text| text.parse().unwrap()).collect();
            together(&options)
        };
        let both = Some(vec![Attribute::SCHOOL, Attribute::AUTHOR]);
        assert_eq!(lists(&["school", "author"]), both);
        assert_eq!(lists(&["school", "all"]), None);
        assert!(read("author,").is_err());
        assert!(read("author,image").is_err());
    }
}
