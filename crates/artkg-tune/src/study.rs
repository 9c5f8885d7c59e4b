use std::path::{Path, PathBuf};
use std::time::Instant;

use artkg_files::Difference;
use serde::{Deserialize, Serialize};
use toml::Table;

use crate::direction::Direction;
use crate::error::{Error, Result};
use crate::journal::Journal;
use crate::keys::differences;
use crate::objective::{Evaluation, Objective};
use crate::sampler::Sampler;
use crate::space::Space;
use crate::trial::{Outcome, Trial};
use crate::value::Assignment;

/// This many failures and nothing else at the start end a study.
const MOST_FAILURES: usize = 5;

/// Everything that decides a study: what `study.toml` in its folder says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// What is measured.
    pub metric: String,
    /// Whether it should grow or fall.
    pub direction: Direction,
    /// How parameters are chosen.
    pub sampler: Sampler,
    /// The seed of the choice.
    pub seed: u64,
    /// The number of trials to run; free to change when the study is resumed.
    pub trials: usize,
    /// What is searched.
    pub parameters: Space,
    /// What the objective keeps fixed; nothing to the study itself.
    #[serde(default)]
    pub settings: Table,
}

impl Description {
    /// Reads the description of the study in `folder`.
    ///
    /// # Errors
    /// [`Error::NoStudy`], [`Error::File`] and [`Error::Description`].
    pub fn read(folder: &Path) -> Result<Self> {
        let path = description_file(folder);
        if !path.exists() {
            return Err(Error::NoStudy(folder.to_path_buf()));
        }
        let text = artkg_files::read_text(&path)?;
        toml::from_str(&text).map_err(|error| Error::Description {
            path,
            source: error.into(),
        })
    }

    fn write(&self, folder: &Path) -> Result<()> {
        let path = description_file(folder);
        let text = toml::to_string(self).map_err(|error| Error::Description {
            path: path.clone(),
            source: error.into(),
        })?;
        Ok(artkg_files::write_bytes(&path, text.as_bytes())?)
    }

    /// Every setting but the number of trials that differs.
    fn differences(&self, new: &Self) -> Vec<Difference> {
        let table = |description: &Self| Table::try_from(description).unwrap_or_default();
        let mut differences = differences(&table(self), &table(new));
        differences.retain(|difference| difference.name != "trials");
        differences
    }
}

fn description_file(folder: &Path) -> PathBuf {
    folder.join("study.toml")
}

/// How a call of [`Study::run_trial`] ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// The trial is recorded.
    Recorded(Trial),
    /// It was asked to stop before its end and is not recorded.
    Interrupted,
}

/// A search in a folder of its own:
///
/// ```text
/// study.toml     the space, the sampler, the seed, the fixed settings
/// trials.jsonl   a line for every trial
/// best.toml      the complete settings of the best trial
/// ```
#[derive(Debug)]
pub struct Study {
    folder: PathBuf,
    description: Description,
    trials: Vec<Trial>,
    journal: Journal,
}

impl Study {
    /// Starts a new study in `folder`.
    ///
    /// # Errors
    /// [`Error::Occupied`] where there is one, and [`Error::File`] where the
    /// folder can't be written or has files of a study's names that no study left.
    pub fn create(folder: &Path, description: Description) -> Result<Self> {
        if description_file(folder).exists() {
            return Err(Error::Occupied(folder.to_path_buf()));
        }
        // Without a study here, files of these names are somebody else's.
        for name in ["best.toml", "report.html"] {
            artkg_files::claim(&folder.join(name), [], false, |_| false)?;
        }
        artkg_files::create_folder(folder)?;
        let (journal, trials) = Journal::open(folder)?;
        if !trials.is_empty() {
            return Err(Error::Occupied(folder.to_path_buf()));
        }
        description.write(folder)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            description,
            trials,
            journal,
        })
    }

    /// Opens the study in `folder` to continue it with `description`, which
    /// must say the same as the stored one but for the number of trials. `canonical`
    /// brings stored settings of the objective into the form that they are written in
    /// now: an older version may have left out what has its default.
    ///
    /// # Errors
    /// [`Error::NoStudy`], [`Error::Changed`] with every difference,
    /// [`Error::Busy`], and [`Error::Description`], [`Error::Line`] or [`Error::File`] for files that
    /// can't be used.
    pub fn resume(
        folder: &Path,
        description: Description,
        canonical: impl FnOnce(Table) -> Table,
    ) -> Result<Self> {
        let mut stored = Description::read(folder)?;
        stored.settings = canonical(stored.settings);
        let differences = stored.differences(&description);
        if !differences.is_empty() {
            return Err(Error::Changed {
                path: folder.to_path_buf(),
                differences,
            });
        }
        let (journal, trials) = Journal::open(folder)?;
        description.write(folder)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            description,
            trials,
            journal,
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What decides the study.
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// The recorded trials.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    /// Whether all trials to run are recorded.
    pub fn is_finished(&self) -> bool {
        self.trials.len() >= self.description.trials
    }

    /// The trial with the best value; of equal ones the first.
    pub fn best(&self) -> Option<&Trial> {
        let direction = self.description.direction;
        let mut best: Option<(&Trial, f64)> = None;
        for trial in &self.trials {
            let Some(value) = trial.value() else { continue };
            if best.is_none_or(|(_, best)| direction.is_better(value, best)) {
                best = Some((trial, value));
            }
        }
        best.map(|(trial, _)| trial)
    }

    /// The best value up to each trial; `None` before the first finished one.
    pub fn best_so_far(&self) -> Vec<Option<f64>> {
        let direction = self.description.direction;
        let mut best = None;
        let values = self.trials.iter().map(Trial::value);
        values
            .map(|value| {
                if let Some(value) = value
                    && best.is_none_or(|best| direction.is_better(value, best))
                {
                    best = Some(value);
                }
                best
            })
            .collect()
    }

    /// The parameters of the next trial: a function of the description and the
    /// recorded trials.
    ///
    /// # Errors
    /// [`Error::Sampler`] where a recorded trial doesn't fit the space.
    pub fn suggestion(&self) -> Result<Assignment> {
        let description = &self.description;
        description.sampler.suggest(
            &description.parameters,
            description.direction,
            description.seed,
            &self.trials,
        )
    }

    /// Runs the next trial and records it.
    ///
    /// # Errors
    /// [`Error::Objective`] where it could not be run, [`Error::AllFailed`]
    /// where no trial works, and [`Error::File`] where it can't be recorded.
    pub fn run_trial(&mut self, objective: &mut dyn Objective) -> Result<Ended> {
        let parameters = self.suggestion()?;
        let number = self.trials.len() + 1;
        let failed = |source| Error::Objective { number, source };
        let start = Instant::now();
        let outcome = match objective.evaluate(number, &parameters).map_err(failed)? {
            Evaluation::Interrupted => return Ok(Ended::Interrupted),
            Evaluation::Ended(Outcome::Finished { value }) if !value.is_finite() => {
                Outcome::Diverged {
                    reason: format!("{} is {value}", self.description.metric),
                }
            }
            Evaluation::Ended(outcome) => outcome,
        };
        let trial = Trial {
            number,
            parameters,
            outcome,
            seconds: start.elapsed().as_secs_f64(),
        };
        self.journal.append(&trial)?;
        let best_before = self.best().map(|best| best.number);
        self.trials.push(trial.clone());
        let best = self.best().map(|best| best.number);
        if best == Some(number) {
            self.write_best(objective)?;
        }
        for candidate in [best_before, Some(number)].into_iter().flatten() {
            if Some(candidate) != best {
                objective.discard(candidate).map_err(failed)?;
            }
        }
        self.check_failures()?;
        Ok(Ended::Recorded(trial))
    }

    /// The settings of the best trial.
    pub fn best_file(&self) -> PathBuf {
        self.folder.join("best.toml")
    }

    /// Writes the settings of the best trial, if there is one, to
    /// [`Study::best_file`]. [`Study::run_trial`] does so by itself; a study
    /// that was killed may have missed it.
    ///
    /// # Errors
    /// [`Error::Objective`] without such settings, and [`Error::File`].
    pub fn write_best(&self, objective: &dyn Objective) -> Result<()> {
        let Some(best) = self.best() else {
            return Ok(());
        };
        let settings = objective
            .settings(&best.parameters)
            .map_err(|source| Error::Objective {
                number: best.number,
                source,
            })?;
        let path = self.best_file();
        let text = toml::to_string(&settings).map_err(|error| Error::Description {
            path: path.clone(),
            source: error.into(),
        })?;
        Ok(artkg_files::write_bytes(&path, text.as_bytes())?)
    }

    /// An error where a number of trials and nothing but failures lie behind.
    fn check_failures(&self) -> Result<()> {
        let mut last = None;
        for trial in &self.trials {
            match &trial.outcome {
                Outcome::Failed { reason } => last = Some(reason),
                Outcome::Finished { .. } | Outcome::Diverged { .. } => return Ok(()),
            }
        }
        match last {
            Some(reason) if self.trials.len() >= MOST_FAILURES => Err(Error::AllFailed {
                count: self.trials.len(),
                reason: reason.clone(),
            }),
            _ => Ok(()),
        }
    }
}
