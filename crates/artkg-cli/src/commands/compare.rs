//! `artkg compare`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use artkg_captions::CaptionSource;
use artkg_compare::{Comparison, ComparisonReport, Row, Summary, compare, comparison_page};
use artkg_corpus::Corpus;
use artkg_files::counted;
use artkg_report::Page;
use artkg_vision::Architecture;
use clap::Args;

use super::overwrite::{OverwriteArgument, given};
use super::train::SettingsArguments;
use crate::advice::advice;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// The options of `artkg compare`.
#[derive(Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct CompareArguments {
    /// Folder for runs, results and the table; what is finished there is not run again
    #[arg(long, short, default_value = "runs/compare")]
    output: PathBuf,
    /// Rows to compare, such as mtl,kgm,kgm-fuse,pretrained@vgg16; those of the paper's table and
    /// all contexts of kgm when not given
    #[arg(long, value_delimiter = ',')]
    rows: Vec<Row>,
    /// Runs of each row, with consecutive seeds
    #[arg(long, default_value_t = 3)]
    seeds: u64,
    /// Start no more runs after this time, such as 90m or 8h
    #[arg(long)]
    budget: Option<Budget>,
    /// Weights of a network that a row names, such as vgg16=vgg16.safetensors; imagenet when not
    /// given; can be repeated
    #[arg(long, value_name = "NETWORK=WEIGHTS")]
    weights_of: Vec<NetworkWeights>,
    /// Train rows whose weights are not available from random ones, and mark them
    #[arg(long)]
    random_weights: bool,
    #[command(flatten)]
    overwrite: OverwriteArgument,
    #[command(flatten)]
    settings: SettingsArguments,
}

/// A time such as `90m`.
#[derive(Clone, Copy, Debug)]
struct Budget(Duration);

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fault = || format!("`{text}` is not a time; write 90s, 45m or 8h");
        let unit = text.chars().last().ok_or_else(fault)?;
        let seconds = match unit {
            's' => 1.0,
            'm' => 60.0,
            'h' => 3600.0,
            _ => return Err(fault()),
        };
        let number: f64 = text.trim_end_matches(unit).parse().map_err(|_| fault())?;
        Duration::try_from_secs_f64(number * seconds)
            .map(Self)
            .map_err(|_| fault())
    }
}

/// `vgg16=vgg16.safetensors`.
#[derive(Clone, Debug)]
struct NetworkWeights(Architecture, String);

impl FromStr for NetworkWeights {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (network, weights) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is not NETWORK=WEIGHTS"))?;
        let network = network
            .parse()
            .map_err(|error: artkg_vision::Error| error.to_string())?;
        Ok(Self(network, weights.to_owned()))
    }
}

pub(crate) fn run(arguments: CompareArguments, globals: &Globals) -> CommandResult {
    let base = arguments.settings.read(None, globals)?;
    let corpus = Corpus::open(&base.corpus)?;
    let page = arguments.output.join("comparison.html");
    let table = arguments.output.join("table.md");
    let captions = match &base.captions {
        Some(CaptionSource::File(path)) => Some(path),
        _ => None,
    };
    let mut inputs = given([base.embeddings.as_ref(), captions]);
    inputs.extend(corpus.files());
    arguments.overwrite.claim(&page, &inputs, Page::is_file)?;
    arguments
        .overwrite
        .claim(&table, &inputs, Summary::is_table)?;
    let rows = match arguments.rows.is_empty() {
        true => Row::all(),
        false => arguments.rows,
    };
    let weights = arguments.weights_of.into_iter();
    let comparison = Comparison {
        base,
        rows,
        seeds: arguments.seeds,
        weights: weights
            .map(|NetworkWeights(network, weights)| (network, weights))
            .collect::<BTreeMap<_, _>>(),
        random_weights: arguments.random_weights,
        budget: arguments.budget.map(|Budget(time)| time),
        folder: arguments.output.clone(),
    };
    comparison.check()?;
    let session = globals.training_session("images")?;
    let report = compare(&comparison, &session)?;
    let summary = Summary::new(&report.results, &corpus);
    let html = comparison_page(&summary, &report.maps, &corpus)?.render();
    artkg_files::write_bytes(&page, html.as_bytes())?;
    artkg_files::write_bytes(&table, summary.markdown().as_bytes())?;
    if globals.json {
        stdout::json(&summary.to_json())?;
    } else {
        stdout::lines(&summary.text());
        outln!("table   {}", table.display());
        outln!("report  {}", page.display());
    }
    Ok(match conclude(&report, globals) {
        Outcome::Success => globals.outcome(session.left_out_count()),
        failed => failed,
    })
}

/// Says what is missing.
fn conclude(report: &ComparisonReport, globals: &Globals) -> Outcome {
    for (row, reason) in &report.failures {
        errln!("{row} cannot be run: {reason}");
        if let Some(advice) = advice(reason, &globals.running) {
            errln!("  help: {advice}");
        }
    }
    if report.left > 0 {
        globals.note(format!(
            "{} left; the same command goes on from there",
            counted(report.left, "run")
        ));
    }
    match report.failures.is_empty() && report.left == 0 {
        true => Outcome::Success,
        false => Outcome::SomeFailed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_have_a_unit() {
        let read = |text: &str| {
            text.parse::<Budget>()
                .map(|Budget(time)| time.as_secs_f64())
        };
        assert_eq!(read("90s"), Ok(90.0));
        assert_eq!(read("45m"), Ok(2700.0));
        assert_eq!(read("1.5h"), Ok(5400.0));
        for text in ["", "8", "h", "8d", "-1h", "infh", "8h5m"] {
            let message = read(text).unwrap_err();
            assert!(message.contains(&format!("`{text}`")), "{message}");
        }
    }

    #[test]
    fn weights_name_a_network() {
        let NetworkWeights(network, weights) = "vgg16=a=b.safetensors".parse().unwrap();
        assert_eq!(network, Architecture::Vgg16);
        assert_eq!(weights, "a=b.safetensors");
        for text in ["vgg16", "vgg17=file"] {
            assert!(text.parse::<NetworkWeights>().is_err(), "{text}");
        }
    }
}
