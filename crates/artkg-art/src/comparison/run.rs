use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use artkg_corpus::{Corpus, Split};
use artkg_text::Captions;
use artkg_train::{Progress, RunFolder, StopFlag};
use artkg_vision::{Architecture, Hub, Stage, WeightSource};

use super::maps::{Map, maps};
use super::result::{Chosen, RunResult, TaskResult};
use super::row::Row;
use super::summary::Summary;
use crate::model::is_trained;
use crate::source::OnFailure;
use crate::{
    ArtConfig, Error, MODEL_FILE, Mode, Prediction, Result, RunOptions, RunReport, SideDescription,
    SplitOptions, SplitScores, StoredModel, model_files, score_split, train, train_each_task,
};

/// What is compared.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The settings that all rows share.
    pub base: ArtConfig,
    /// The rows.
    pub rows: Vec<Row>,
    /// Runs of each row; their seeds count from the base's.
    pub seeds: u64,
    /// Weights of networks other than the base's; `imagenet` where none are given.
    pub weights: BTreeMap<Architecture, String>,
    /// Whether a row whose weights cannot be had is trained from random ones.
    pub random_weights: bool,
    /// No run begins after this time.
    pub budget: Option<Duration>,
    /// Where runs and results are kept.
    pub folder: PathBuf,
}

/// Who watches a comparison.
pub struct CompareOptions<'a> {
    /// Threads that decode images.
    pub threads: usize,
    /// Ends the work early.
    pub stop: &'a StopFlag,
    /// Hears of epochs and steps.
    pub progress: &'a mut dyn Progress,
    /// Hears of images run through a frozen part: done, total.
    pub on_extraction: &'a mut dyn FnMut(usize, usize),
    /// Hears of images that cannot be used, once each.
    pub on_failure: OnFailure,
    /// Hears of runs that begin, and of rows that cannot be run.
    pub on_run: &'a mut dyn FnMut(&str),
}

/// What a comparison came to.
#[derive(Debug)]
pub struct ComparisonReport {
    /// The finished runs, those of earlier sessions included: row by row, by seed.
    pub results: Vec<RunResult>,
    /// Rows that could not be run, and why.
    pub failures: Vec<(Row, String)>,
    /// Runs that the stop flag or the budget left for another time.
    pub left: usize,
    /// Maps of the reference row and of the best context by validation.
    pub maps: Vec<Map>,
}

/// Trains and measures the runs that are missing in the comparison's folder, the
/// first seed of all rows before the second. Finished runs are taken as they are.
///
/// # Errors
/// When the folder holds runs of other settings or cannot be written. A row that
/// cannot be run is no error.
pub fn compare(
    comparison: &Comparison,
    mut options: CompareOptions<'_>,
) -> Result<ComparisonReport> {
    let started = Instant::now();
    let corpus = Corpus::open(&comparison.base.corpus)?;
    let rows = with_sources(&comparison.rows);
    let mut report = ComparisonReport {
        results: Vec::new(),
        failures: Vec::new(),
        left: 0,
        maps: Vec::new(),
    };
    for seed in (comparison.base.training.seed..).take(comparison.seeds as usize) {
        for &row in &rows {
            if report.failures.iter().any(|(failed, _)| *failed == row) {
                continue;
            }
            let one = OneRun {
                comparison,
                corpus: &corpus,
                row,
                seed,
            };
            if let Some(result) = one.finished()? {
                report.results.push(result);
                continue;
            }
            let over = |budget: Duration| started.elapsed() > budget;
            if options.stop.is_set() || comparison.budget.is_some_and(over) {
                report.left += 1;
                continue;
            }
            (options.on_run)(&format!("{row}, seed {seed}"));
            match one.run(&mut options) {
                Ok(Some(result)) => report.results.push(result),
                Ok(None) => report.left += 1,
                Err(error) => {
                    (options.on_run)(&format!("{row} cannot be run: {error}"));
                    report.failures.push((row, error.to_string()));
                }
            }
        }
    }
    let place = |result: &RunResult| rows.iter().position(|row| *row == result.row);
    report
        .results
        .sort_by_key(|result| (place(result), result.seed));
    report.maps = chosen_maps(comparison, &corpus, &report.results, &mut options)?;
    Ok(report)
}

/// Maps of the rows that a reader compares: the reference and the best context.
fn chosen_maps(
    comparison: &Comparison,
    corpus: &Corpus,
    results: &[RunResult],
    options: &mut CompareOptions<'_>,
) -> Result<Vec<Map>> {
    let summary = Summary::new(results, corpus);
    let rows = summary
        .reference()
        .into_iter()
        .chain(summary.best_context());
    let mut runs: Vec<&RunResult> = rows.filter_map(|row| row.runs.first().copied()).collect();
    runs.dedup_by_key(|run| run.row);
    let mut all = Vec::new();
    for run in runs {
        let one = OneRun {
            comparison,
            corpus,
            row: run.row,
            seed: run.seed,
        };
        let model = one.folder_of(run.row).join(MODEL_FILE);
        // Networks of their own for each task have no common space.
        if options.stop.is_set() || !model.exists() {
            continue;
        }
        let captions = one.captions(&run.config)?;
        let stored = StoredModel::load(&model)?;
        let captions = captions.as_ref();
        all.extend(maps(
            run.row,
            &stored,
            &run.config,
            corpus,
            captions,
            options,
        )?);
    }
    Ok(all)
}

/// The rows, each once, after the one that it learns from.
fn with_sources(rows: &[Row]) -> Vec<Row> {
    let mut all: Vec<Row> = Vec::new();
    for &row in rows {
        for row in row.source().into_iter().chain([row]) {
            if !all.contains(&row) {
                all.push(row);
            }
        }
    }
    all
}

/// A run of a row.
struct OneRun<'a> {
    comparison: &'a Comparison,
    corpus: &'a Corpus,
    row: Row,
    seed: u64,
}

impl OneRun<'_> {
    fn folder_of(&self, row: Row) -> PathBuf {
        let name = row.to_string();
        let seed = format!("seed-{}", self.seed);
        self.comparison.folder.join("runs").join(name).join(seed)
    }

    fn result_file(&self) -> PathBuf {
        let name = format!("{}-{}.json", self.row, self.seed);
        self.comparison.folder.join("results").join(name)
    }

    /// The result, where the run is finished.
    fn finished(&self) -> Result<Option<RunResult>> {
        let path = self.result_file();
        let Some(result) = RunResult::read(&path)? else {
            return Ok(None);
        };
        let mut settings = result.config.clone();
        let mut wanted = self.settings()?;
        for config in [&mut settings, &mut wanted] {
            // A run that took random weights, or micro-batches, is still this one.
            config.backbone.weights = None;
            config.backbone.freeze = None;
            config.backbone.cache = PathBuf::new();
            config.training.accumulate = 1;
            config.training.memory_limit = None;
            config.tasks.clone_from(&self.comparison.base.tasks);
        }
        if settings != wanted {
            return Err(Error::Usage(format!(
                "{}: this run was made with other settings; give --output another folder",
                path.display()
            )));
        }
        Ok(Some(result))
    }

    /// The settings, with weights that are there or may be fetched.
    fn settings(&self) -> Result<ArtConfig> {
        let base = &self.comparison.base;
        let mut config = self.row.config(base, self.seed);
        let network = config.backbone.name.architecture;
        if network != base.backbone.name.architecture {
            let weights = self.comparison.weights.get(&network);
            config.backbone.weights =
                Some(weights.cloned().unwrap_or_else(|| "imagenet".to_owned()));
            if network.check_stage(config.frozen()).is_err() {
                // A stage of another kind of network.
                config.backbone.freeze = None;
            }
        }
        if let Some(source) = self.row.source() {
            config.attributes = model_files(&self.folder_of(source));
        }
        config.training.optimiser = config.training.optimiser.completed();
        Ok(config)
    }

    /// Trains and measures; `None` when stopped.
    fn run(&self, options: &mut CompareOptions<'_>) -> Result<Option<RunResult>> {
        let mut config = self.settings()?;
        let random_weights = self.settle_weights(&mut config)?;
        let captions = self.captions(&config)?;
        let folder = self.folder_of(self.row);
        let runs = self.train(&config, &folder, options)?;
        let mut result = RunResult {
            row: self.row,
            seed: self.seed,
            config,
            random_weights,
            captioner: None,
            parameters: 0,
            trained_parameters: 0,
            epochs: 0,
            training_seconds: 0.0,
            images_per_second: 0.0,
            curves: Vec::new(),
            ids: Vec::new(),
            tasks: Vec::new(),
            consistent: Vec::new(),
        };
        for (folder, report) in runs {
            let Some(model) = report.model else {
                return Ok(None);
            };
            let stored = StoredModel::load(&model)?;
            if !self.measure(&stored, captions.as_ref(), options, &mut result)? {
                return Ok(None);
            }
            record_training(&folder, &stored, &mut result)?;
        }
        result.write(&self.result_file())?;
        Ok(Some(result))
    }

    fn captions(&self, config: &ArtConfig) -> Result<Option<Captions>> {
        let source = config.captions.as_ref();
        source.map(|source| source.read(self.corpus)).transpose()
    }

    /// Sees to it that the weights can be had, or takes random ones where that is
    /// allowed; whether the network starts from random ones.
    fn settle_weights(&self, config: &mut ArtConfig) -> Result<bool> {
        let opened = match &config.backbone.weights {
            Some(text) => {
                let source: WeightSource = text.parse()?;
                source.open(config.backbone.name, &Hub::from_environment())
            }
            None => Ok(None),
        };
        match opened {
            Ok(Some(_)) => return Ok(false),
            Err(error) if !self.comparison.random_weights => return Err(error.into()),
            Ok(None) | Err(_) => {}
        }
        if self.comparison.random_weights {
            // Said so, it may be frozen.
            config.backbone.weights = Some("none".to_owned());
        }
        if !config.mode.keeps_backbone() {
            config.backbone.freeze = Some(Stage::Input);
        }
        Ok(true)
    }

    fn train(
        &self,
        config: &ArtConfig,
        folder: &Path,
        options: &mut CompareOptions<'_>,
    ) -> Result<Vec<(PathBuf, RunReport)>> {
        let run_options = RunOptions {
            folder,
            resume: folder.exists(),
            threads: options.threads,
            stop: options.stop,
            progress: &mut *options.progress,
            on_extraction: &mut *options.on_extraction,
            on_failure: Arc::clone(&options.on_failure),
        };
        if self.row.system.is_per_task() && config.tasks.len() > 1 {
            let runs = train_each_task(config, run_options)?;
            let runs = runs.into_iter();
            return Ok(runs
                .map(|(task, report)| (folder.join(task.name()), report))
                .collect());
        }
        Ok(vec![(folder.to_path_buf(), train(config, run_options)?)])
    }

    /// Adds the tasks of a model to the result; false when stopped.
    fn measure(
        &self,
        stored: &StoredModel,
        captions: Option<&Captions>,
        options: &mut CompareOptions<'_>,
        result: &mut RunResult,
    ) -> Result<bool> {
        let mut scores = |split| {
            score_split(
                stored,
                self.corpus,
                split,
                SplitOptions {
                    cache: &self.comparison.base.backbone.cache,
                    captions,
                    threads: options.threads,
                    stop: options.stop,
                    on_extraction: &mut *options.on_extraction,
                    on_failure: Arc::clone(&options.on_failure),
                },
            )
        };
        let (Some(validation), Some(test)) = (scores(Split::Validation)?, scores(Split::Test)?)
        else {
            return Ok(false);
        };
        let description = &stored.description;
        let heads = |scores: &SplitScores| description.heads(&scores.logits);
        let independent = (heads(&validation), heads(&test));
        let compare = |chosen: &(Vec<Prediction>, Vec<Prediction>)| -> Vec<TaskResult> {
            let vocabularies = description.vocabularies.iter().enumerate();
            vocabularies
                .map(|(head, vocabulary)| {
                    TaskResult::new(
                        vocabulary,
                        Chosen {
                            prediction: &chosen.0[head],
                            targets: &validation.targets[head],
                        },
                        Chosen {
                            prediction: &chosen.1[head],
                            targets: &test.targets[head],
                        },
                    )
                })
                .collect()
        };
        result.tasks.extend(compare(&independent));
        if let Some(prior) = &description.joint {
            let joint = prior.prepare(None);
            let consistent = (joint.predict(&independent.0), joint.predict(&independent.1));
            result.consistent = compare(&consistent);
        }
        result.ids = test.ids;
        if let Some(SideDescription::Captions { captioner, .. }) = &stored.description.side {
            result.captioner = Some(captioner.clone());
        }
        Ok(true)
    }
}

/// Adds what a run took.
fn record_training(folder: &Path, stored: &StoredModel, result: &mut RunResult) -> Result<()> {
    let epochs = RunFolder::open(folder)?.epochs()?;
    let seconds: f64 = epochs.iter().map(|epoch| epoch.seconds).sum();
    let images: f64 = epochs
        .iter()
        .map(|epoch| epoch.examples_per_second * epoch.seconds)
        .sum();
    let seen = result.images_per_second * result.training_seconds + images;
    result.training_seconds += seconds;
    result.images_per_second = seen / result.training_seconds.max(f64::MIN_POSITIVE);
    result.epochs += epochs.len();
    let curve = epochs.iter().map(|epoch| epoch.validation.get("accuracy"));
    result
        .curves
        .push(curve.map(|value| value.copied().unwrap_or(0.0)).collect());
    let frozen = stored.description.frozen;
    for (name, parameter) in stored.store.trainable() {
        let count = parameter.variable.elem_count();
        result.parameters += count;
        if is_trained(&name, stored.model.backbone(), frozen) {
            result.trained_parameters += count;
        }
    }
    let others = stored.attributes.iter();
    let others: usize = others.map(|model| model.store.parameter_count()).sum();
    result.parameters += others;
    Ok(())
}

impl Comparison {
    /// Checks the base settings as far as all rows need them.
    ///
    /// # Errors
    /// A row that lacks embeddings or captions.
    pub fn check(&self) -> Result<()> {
        for row in &self.rows {
            let config = row.config(&self.base, 0);
            if config.mode == Mode::Kgm && config.embeddings.is_none() {
                return Err(Error::Usage(format!(
                    "{row} learns from node embeddings; make them with `artkg graph embed` and \
                     pass --embeddings"
                )));
            }
            if config.mode == Mode::Captions && config.captions.is_none() {
                return Err(Error::Usage(format!(
                    "{row} reads captions; make them with `artkg captions generate` and pass \
                     --captions, or leave the row out with --rows"
                )));
            }
        }
        if self.rows.is_empty() || self.seeds == 0 {
            return Err(Error::Usage(
                "there is nothing to compare: at least one row and one seed".to_owned(),
            ));
        }
        Ok(())
    }
}
