use std::path::PathBuf;

use artkg_session::Session;
use serde::Serialize;

use super::bins::{Binning, binning};
use super::importance::{Importance, importances};
use super::metrics::{ClassMetrics, Scores, accuracy, class_metrics, confusion, mean_loss};
use super::working_point::{Curve, WorkingPoint, curves, working_points};
use crate::class::ClassFile;
use crate::dataset::{ReadWatcher, Samples};
use crate::error::{Error, Result};
use crate::predictor::Predictor;

/// Events that go through a model together.
const TOGETHER: usize = 64;
/// Bins of performance.
const BINS: usize = 6;

/// What to measure.
#[derive(Clone, Debug)]
pub struct EvaluationOptions {
    /// Files of events with their classes.
    pub files: Vec<ClassFile>,
    /// Whether a malformed line is an error.
    pub strict: bool,
    /// Signal efficiencies of the working points.
    pub efficiencies: Vec<f64>,
    /// Whether to measure the importance of inputs, which takes a pass a group.
    pub importance: bool,
    /// Seed of bootstrap and permutations.
    pub seed: u64,
}

/// What was measured of one model.
#[derive(Clone, Debug, Serialize)]
pub struct ModelEvaluation {
    /// The model's name: its kind.
    pub name: String,
    /// The model file.
    pub model: PathBuf,
    /// Whether it learned from toy events, which are no physics.
    pub toy: bool,
    /// The classes, in the order of the matrix.
    pub classes: Vec<String>,
    /// Events measured.
    pub events: usize,
    /// Accuracy.
    pub accuracy: f64,
    /// Mean of `-ln p` of the true class.
    pub loss: f64,
    /// The figures of each class.
    pub class_metrics: Vec<ClassMetrics>,
    /// `counts[true][predicted]`.
    pub confusion: Vec<Vec<u64>>,
    /// Background efficiency at fixed signal efficiency.
    pub working_points: Vec<WorkingPoint>,
    /// Background efficiency and purity over all cuts.
    pub curves: Vec<Curve>,
    /// Performance by number of tracks and polar angle.
    pub binnings: Vec<Binning>,
    /// The importance of groups of inputs; empty where not asked for.
    pub importances: Vec<Importance>,
}

/// Measures `models`, which must have the same classes, on the same events. What nothing
/// vouches for is told the session.
///
/// # Errors
/// When a model or file cannot be read, or the classes do not fit.
pub fn evaluate(
    models: &[PathBuf],
    options: &EvaluationOptions,
    watcher: &mut dyn ReadWatcher,
    session: &Session,
) -> Result<Vec<ModelEvaluation>> {
    let device = session.device();
    if let Some(share) = options
        .efficiencies
        .iter()
        .find(|share| !(0.0..=1.0).contains(*share))
    {
        return Err(Error::Setting {
            key: "signal efficiency",
            value: share.to_string(),
            allowed: "0 to 1",
        });
    }
    let predictors = models
        .iter()
        .map(|path| {
            let predictor = Predictor::load(path, device)?;
            session.vouch(path, Some(predictor.checksum()));
            let learned_from = &predictor.description().provenance.data;
            if let Some(warning) = learned_from.warning(path) {
                session.warn(&warning);
            }
            Ok(predictor)
        })
        .collect::<Result<Vec<_>>>()?;
    let Some(first) = predictors.first() else {
        return Err(Error::NoModels);
    };
    let classes = &first.description().classes;
    for (predictor, path) in predictors.iter().zip(models) {
        if predictor.description().classes != *classes {
            return Err(Error::DifferentClasses {
                first: models[0].clone(),
                classes: classes.clone(),
                other: path.clone(),
                other_classes: predictor.description().classes.clone(),
            });
        }
    }
    let samples = Samples::read(&options.files, classes, options.strict, watcher)?;
    let evaluations = predictors.iter().zip(models).map(|(predictor, path)| {
        let model = &predictor.description().model;
        let preparation = &predictor.description().preparation;
        let mut dataset = samples.prepare(preparation, model.wants(), device);
        let tagger = predictor.tagger();
        let scores = Scores::compute(tagger, &dataset, classes.len(), TOGETHER)?;
        let lengths: Vec<f64> = dataset
            .rows
            .lengths
            .iter()
            .map(|&length| length as f64)
            .collect();
        let mut binnings = vec![binning(&scores, "number of tracks", &lengths, BINS)];
        let cosines = &dataset.rows.cosines;
        binnings.push(binning(&scores, "|cos θ| of the axis", cosines, BINS));
        Ok(ModelEvaluation {
            name: model.architecture.name().to_owned(),
            model: path.clone(),
            toy: predictor.description().provenance.data.toy,
            classes: classes.clone(),
            events: dataset.len(),
            accuracy: accuracy(&scores),
            loss: mean_loss(&scores),
            class_metrics: class_metrics(&scores, classes),
            confusion: confusion(&scores),
            working_points: working_points(&scores, classes, &options.efficiencies, options.seed),
            curves: curves(&scores, classes),
            binnings,
            importances: match options.importance {
                true => importances(tagger, &mut dataset, classes.len(), options.seed)?,
                false => Vec::new(),
            },
        })
    });
    evaluations.collect()
}
