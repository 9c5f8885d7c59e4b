//! What the commands that search settings share: options, the trials, the end.

use std::error::Error;
use std::path::{Path, PathBuf};

use artkg_files::counted;
use artkg_train::RunConfig;
use artkg_tune::{
    Description, Ended, Objective, Outcome as TrialOutcome, Parameter, ReportOptions, Sampler,
    Study, Trial, Value, study_page,
};
use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;

use crate::defaults::with_default;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// Trials that a new study runs unless told otherwise.
const TRIALS: usize = 30;
/// Trials that are printed at the end.
const PRINTED: usize = 10;
/// The folder of the baseline in that of a study.
const BASELINE: &str = "random";

/// What to search, how, and where.
#[derive(Args)]
pub(crate) struct StudyArguments {
    /// Folder of the study: its trials, the report and best.toml
    #[arg(long, short, default_value = "studies/latest")]
    pub(crate) output: PathBuf,
    /// Continue the study in the folder exactly where it stopped
    #[arg(long)]
    pub(crate) resume: bool,
    /// Setting to search, by its key in config.toml or the key's end: NAME=LOW..HIGH,
    /// NAME=LOW..HIGH:log by magnitude, NAME=LOW..HIGH:int for whole numbers, or NAME=A,B; can be
    /// repeated; learning rate, weight decay, dropout and the model's own settings when not given
    #[arg(long = "parameter", value_name = "NAME=RANGE")]
    pub(crate) parameters: Vec<Parameter>,
    #[arg(long, help = with_default(
        "Trials in all",
        TRIALS,
    ))]
    trials: Option<usize>,
    #[arg(long, help = with_default(
        "How to choose the next trial: tpe (Bayesian optimisation) or random",
        Sampler::default(),
    ))]
    sampler: Option<Sampler>,
    /// Run as many trials of random search as well, to see what the sampler gains
    #[arg(long)]
    baseline: bool,
}

/// What a study is about, before its own options are known.
pub(crate) struct Subject {
    /// What is measured, and whether it should grow.
    pub(crate) metric: String,
    pub(crate) direction: artkg_tune::Direction,
    /// The parameters with full names.
    pub(crate) parameters: Vec<Parameter>,
    /// What stays fixed.
    pub(crate) settings: toml::Table,
}

impl StudyArguments {
    /// What the study in the folder was started with, where it is resumed.
    pub(crate) fn stored(&self) -> Result<Option<Description>, artkg_tune::Error> {
        match self.resume {
            true => Description::read(&self.output).map(Some),
            false => Ok(None),
        }
    }

    /// Options over what was stored over defaults.
    pub(crate) fn description(
        &self,
        subject: Subject,
        stored: Option<&Description>,
        globals: &Globals,
    ) -> Result<Description, Box<dyn Error>> {
        let description = Description {
            metric: subject.metric,
            direction: subject.direction,
            sampler: self
                .sampler
                .or(stored.map(|stored| stored.sampler))
                .unwrap_or_default(),
            seed: globals
                .seed
                .or(stored.map(|stored| stored.seed))
                .unwrap_or_default(),
            trials: self
                .trials
                .or(stored.map(|stored| stored.trials))
                .unwrap_or(TRIALS),
            parameters: artkg_tune::Space::new(subject.parameters)?,
            settings: subject.settings,
        };
        if self.baseline && description.sampler == Sampler::Random {
            return Err("random search is the baseline itself; leave --baseline out".into());
        }
        Ok(description)
    }

    fn has_baseline(&self) -> bool {
        self.baseline || (self.resume && Description::read(&self.output.join(BASELINE)).is_ok())
    }
}

/// Makes the objective of the study in a folder.
type MakeObjective<'a> = dyn FnMut(&Path) -> Result<Box<dyn Objective>, Box<dyn Error>> + 'a;

/// Runs a study's trials, then those of its baseline, where there is one, and
/// prints the results. `objective` makes the objective of the study in a
/// folder; `bar` is the one that it shows its steps on; `C` is the type of the
/// settings that the trials share.
pub(crate) fn search<C: RunConfig>(
    arguments: &StudyArguments,
    description: Description,
    options: &ReportOptions,
    objective: &mut MakeObjective<'_>,
    bar: &ProgressBar,
    globals: &Globals,
) -> CommandResult {
    let folder = &arguments.output;
    let page = folder.join("report.html");
    // First, so that settings that are refused leave no study behind.
    let mut trained = objective(folder)?;
    let mut study = open::<C>(folder, arguments.resume, description.clone())?;
    let write = |study: &Study, baseline: Option<&Study>| -> Result<(), artkg_tune::Error> {
        let html = study_page(study, baseline, options)?.render();
        Ok(artkg_files::write_bytes(&page, html.as_bytes())?)
    };
    let mut finished = run_trials(&mut study, &mut *trained, bar, globals, &mut |study| {
        write(study, None)
    })?;
    let mut baseline = None;
    if finished && arguments.has_baseline() {
        let folder = folder.join(BASELINE);
        let description = Description {
            sampler: Sampler::Random,
            ..description
        };
        let resume = arguments.resume && Description::read(&folder).is_ok();
        let mut random = open::<C>(&folder, resume, description)?;
        globals.note("random search, as the baseline");
        let objective = &mut *objective(&folder)?;
        finished = run_trials(&mut random, objective, bar, globals, &mut |random| {
            write(&study, Some(random))
        })?;
        baseline = Some(random);
    }
    write(&study, baseline.as_ref())?;
    if !finished {
        globals.note(format!(
            "stopped and saved; continue with the same command and --resume ({})",
            folder.display()
        ));
        return Ok(Outcome::SomeFailed);
    }
    let Some(best) = study.best() else {
        return Err(format!(
            "none of {} has a value; {} says why",
            counted(study.trials().len(), "trial"),
            page.display()
        )
        .into());
    };
    if globals.json {
        let random = baseline.as_ref().and_then(Study::best);
        let result = json!({
            "best": best,
            "best_of_random": random,
            "trials": study.trials().len(),
            "without_value": without_value(&study),
            "settings": study.best_file(),
            "report": page,
        });
        stdout::json(&result)?;
        return Ok(Outcome::Success);
    }
    print_table(&study);
    print_best(&study, best);
    if let Some(random) = &baseline
        && let Some(best) = random.best()
    {
        print_best(random, best);
    }
    outln!("settings  {}", study.best_file().display());
    outln!("report    {}", page.display());
    Ok(Outcome::Success)
}

fn open<C: RunConfig>(
    folder: &Path,
    resume: bool,
    description: Description,
) -> Result<Study, artkg_tune::Error> {
    match resume {
        true => Study::resume(folder, description, canonical::<C>),
        false => Study::create(folder, description),
    }
}

/// The settings of a study as they are written now; those of another kind as they are.
fn canonical<C: RunConfig>(mut settings: toml::Table) -> toml::Table {
    if let Some(config) = settings.get_mut("config")
        && let Ok(known) = config.clone().try_into::<C>()
        && let Ok(written) = toml::Value::try_from(&known)
    {
        *config = written;
    }
    settings
}

/// Runs the trials that are left. False when one was interrupted.
fn run_trials(
    study: &mut Study,
    objective: &mut dyn Objective,
    bar: &ProgressBar,
    globals: &Globals,
    on_trial: &mut dyn FnMut(&Study) -> Result<(), artkg_tune::Error>,
) -> Result<bool, Box<dyn Error>> {
    study.write_best(objective)?;
    while !study.is_finished() {
        bar.reset();
        let ended = study.run_trial(objective)?;
        bar.set_length(0);
        let Ended::Recorded(trial) = ended else {
            bar.finish_and_clear();
            return Ok(false);
        };
        bar.suspend(|| globals.note(trial_line(study, &trial)));
        on_trial(study)?;
    }
    bar.finish_and_clear();
    Ok(true)
}

/// `trial 3/30: accuracy 0.7123, best so far (4.2 s); dropout 0.2`.
fn trial_line(study: &Study, trial: &Trial) -> String {
    let description = study.description();
    let outcome = match &trial.outcome {
        TrialOutcome::Finished { value } => {
            let best = study.best().map(|best| best.number) == Some(trial.number);
            let mark = if best { ", best so far" } else { "" };
            format!("{} {value:.4}{mark}", description.metric)
        }
        TrialOutcome::Diverged { reason } => format!("diverged: {reason}"),
        TrialOutcome::Failed { reason } => format!("failed: {reason}"),
    };
    format!(
        "trial {}/{}: {outcome} ({:.1} s); {}",
        trial.number,
        description.trials,
        trial.seconds,
        description.parameters.describe(&trial.parameters)
    )
}

fn without_value(study: &Study) -> usize {
    let trials = study.trials().iter();
    trials.filter(|trial| trial.value().is_none()).count()
}

/// Prints the best trials, best first.
fn print_table(study: &Study) {
    let description = study.description();
    let space = &description.parameters;
    let mut header = vec!["trial".to_owned(), description.metric.clone()];
    let parameters = space.parameters();
    header.extend(
        parameters
            .iter()
            .map(|one| space.short_name(one).to_owned()),
    );
    header.push("seconds".to_owned());
    let mut trials: Vec<(&Trial, f64)> = study
        .trials()
        .iter()
        .filter_map(|trial| Some((trial, trial.value()?)))
        .collect();
    trials.sort_by(|(_, one), (_, other)| match description.direction {
        artkg_tune::Direction::Maximise => other.total_cmp(one),
        artkg_tune::Direction::Minimise => one.total_cmp(other),
    });
    let rows = trials.iter().take(PRINTED).map(|(trial, value)| {
        let mut row = vec![trial.number.to_string(), format!("{value:.4}")];
        row.extend(parameters.iter().map(|parameter| {
            let value = trial.parameters.get(&parameter.name);
            value.map_or(String::new(), Value::to_string)
        }));
        row.push(format!("{:.1}", trial.seconds));
        row
    });
    let lines: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    let widths: Vec<usize> = (0..lines[0].len())
        .map(|column| {
            lines
                .iter()
                .map(|line| line[column].len())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for line in &lines {
        let cells: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:>width$}"))
            .collect();
        outln!("{}", cells.join("  "));
    }
    let left = trials.len().saturating_sub(PRINTED);
    if left > 0 {
        outln!("and {left} more");
    }
    outln!();
}

fn print_best(study: &Study, best: &Trial) {
    let description = study.description();
    let without = match without_value(study) {
        0 => String::new(),
        count => format!(", {count} without a value"),
    };
    outln!(
        "best {} of {}: {:.4} (trial {} of {}{without})",
        description.metric,
        description.sampler,
        best.value().unwrap_or(f64::NAN),
        best.number,
        study.trials().len()
    );
}

#[cfg(all(test, feature = "flavor"))]
mod tests {
    use artkg_flavor::{Architecture, FlavorConfig};

    use super::*;

    #[test]
    fn settings_of_older_studies_are_written_as_those_of_new_ones() {
        let config = FlavorConfig::new(vec!["bb=bb.txt".parse().unwrap()], Architecture::Sets);
        let written = toml::Value::try_from(&config).unwrap();
        let settings = |config| toml::Table::from_iter([("config".to_owned(), config)]);
        // Studies once left out what nobody had set.
        let mut older = written.clone();
        let optimiser = older["training"]["optimiser"].as_table_mut().unwrap();
        assert!(optimiser.remove("beta1").is_some());
        let canonical = canonical::<FlavorConfig>;
        assert_eq!(canonical(settings(older)), settings(written));
        let foreign = settings(toml::Value::Integer(1));
        assert_eq!(canonical(foreign.clone()), foreign);
    }
}
