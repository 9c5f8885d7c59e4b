use serde::Deserialize;

use super::*;
use crate::config::TrainingConfig;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    width: usize,
    training: TrainingConfig,
}

impl RunConfig for Settings {
    type Error = Error;

    fn check(&self) -> Result<()> {
        self.training.check()
    }

    fn training(&self) -> &TrainingConfig {
        &self.training
    }

    fn training_mut(&mut self) -> &mut TrainingConfig {
        &mut self.training
    }
}

/// Trials that note what they are asked for and end as they are told.
struct Noted {
    base: Settings,
    asked: Vec<(Settings, bool)>,
    end: fn() -> Result<Option<Summary>>,
}

impl Trials for Noted {
    type Config = Settings;
    type Error = Error;
    const MODEL_FILE: &'static str = "model";

    fn base(&self) -> &Settings {
        &self.base
    }

    fn is_setting(&self, name: &str) -> bool {
        name != "twice"
    }

    fn apply(&self, config: &mut Settings, parameters: &Assignment) -> Result<()> {
        if let Some(Value::Integer(value)) = parameters.get("twice") {
            config.width = 2 * *value as usize;
        }
        Ok(())
    }

    fn train(
        &mut self,
        config: &Settings,
        _: &Assignment,
        folder: &Path,
        resume: bool,
    ) -> Result<Option<Summary>> {
        self.asked.push((config.clone(), resume));
        artkg_files::write_bytes(&folder.join("config.toml"), b"")?;
        artkg_files::write_bytes(&folder.join("model"), b"")?;
        (self.end)()
    }

    fn outcome(error: &Error) -> Option<Outcome> {
        error.trial_outcome()
    }
}

fn objective(
    study: &Path,
    parameters: &[&str],
    end: fn() -> Result<Option<Summary>>,
) -> Result<RunObjective<Noted>> {
    let parameters = parameters.iter().map(|text| text.parse().unwrap());
    let base = Settings {
        width: 8,
        training: TrainingConfig::default(),
    };
    let parameters = full_parameters(&base, parameters)?;
    let trials = Noted {
        base,
        asked: Vec::new(),
        end,
    };
    RunObjective::new(trials, study, &Space::new(parameters)?)
}

fn summary(outcome: training::Outcome, best: Option<(usize, f64)>) -> Summary {
    Summary {
        outcome,
        epochs: 3,
        steps: 0,
        best,
        validation: None,
    }
}

fn finished() -> Result<Option<Summary>> {
    Ok(Some(summary(training::Outcome::Finished, Some((2, 0.5)))))
}

#[test]
fn a_trial_is_a_run_with_its_parameters_in_its_folder() {
    let study = tempfile::tempdir().unwrap();
    let space = ["learning_rate=0.1..0.2", "twice=1..9:int"];
    let mut objective = objective(study.path(), &space, finished).unwrap();
    let parameters = Assignment::from([
        (
            "training.optimiser.learning_rate".to_owned(),
            Value::Number(0.125),
        ),
        ("twice".to_owned(), Value::Integer(7)),
    ]);
    let ended = Evaluation::Ended(Outcome::Finished { value: 0.5 });
    // The second time there is something to resume.
    for resume in [false, true] {
        assert_eq!(objective.evaluate(3, &parameters).unwrap(), ended);
        let (settings, resumed) = objective.trials.asked.pop().unwrap();
        assert_eq!((settings.width, resumed), (14, resume));
        let written = objective.settings(&parameters).unwrap();
        assert_eq!(written, Table::try_from(&settings).unwrap());
        let rate = written["training"]["optimiser"]["learning_rate"].as_float();
        assert_eq!(rate, Some(0.125));
    }
    let folder = study.path().join("trials/0003");
    assert!(folder.join("model").exists());
    objective.discard(3).unwrap();
    assert!(!folder.join("model").exists() && folder.join("config.toml").exists());
}

#[test]
fn errors_of_a_trial_end_it_or_the_study() {
    let study = tempfile::tempdir().unwrap();
    let evaluate = |end| {
        let objective = objective(study.path(), &["width=1..9:int"], end);
        objective.unwrap().evaluate(1, &Assignment::new())
    };
    assert_eq!(evaluate(|| Ok(None)).unwrap(), Evaluation::Interrupted);
    let failed = evaluate(|| {
        Err(Error::UnknownMetric {
            metric: "f1".to_owned(),
            known: Vec::new(),
        })
    });
    assert!(matches!(
        failed.unwrap(),
        Evaluation::Ended(Outcome::Failed { .. })
    ));
    let message = evaluate(|| Err(Error::Busy(PathBuf::from("run"))));
    assert!(message.unwrap_err().to_string().contains("run"));
}

#[test]
fn each_optimiser_of_a_search_has_its_own_settings() {
    let space = ["training.optimiser.kind=sgd,adamw", "beta1=0.8..0.9"];
    let base = TrainingConfig::default().optimiser;
    // The first of them has no beta.
    assert!(objective(Path::new("study"), &space, finished).is_err());
    let objective = objective(Path::new("study"), &space[..1], finished).unwrap();
    for kind in [OptimiserKind::Sgd, OptimiserKind::AdamW] {
        let value = Value::Text(kind.name().to_owned());
        let config = objective.config(&Assignment::from([(OPTIMISER_KIND.to_owned(), value)]));
        assert_eq!(config.unwrap().training.optimiser, base.with_kind(kind));
    }
}

#[test]
fn parameters_that_no_run_has_are_refused_at_once() {
    for (parameter, expected) in [
        ("widht=1..9:int", "widht"),
        ("width=0.25..1.5", "parameter width=0.25..1.5"),
        ("momentum=0..2", "momentum = 1"),
    ] {
        let refused = objective(Path::new("study"), &[parameter], finished).err();
        let message = refused.expect(parameter).to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn the_end_of_a_run_is_an_evaluation() {
    let finished = evaluation(&summary(training::Outcome::StoppedEarly, Some((2, 0.5))));
    let expected = Evaluation::Ended(Outcome::Finished { value: 0.5 });
    assert_eq!(finished, expected);
    let interrupted = evaluation(&summary(training::Outcome::Interrupted, Some((2, 0.5))));
    assert_eq!(interrupted, Evaluation::Interrupted);
    let without = evaluation(&summary(training::Outcome::Finished, None));
    assert!(matches!(
        without,
        Evaluation::Ended(Outcome::Diverged { .. })
    ));
}

#[test]
fn errors_of_settings_are_outcomes_and_errors_of_files_are_not() {
    let error = Error::Setting {
        key: "epochs",
        value: "0".to_owned(),
        allowed: "1 or more".to_owned(),
    };
    let outcome = error.trial_outcome();
    assert!(matches!(outcome, Some(Outcome::Failed { reason }) if reason.contains("epochs")));
    assert_eq!(Error::Busy(PathBuf::from("run")).trial_outcome(), None);
}

#[test]
fn discarding_leaves_the_records() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for file in ["checkpoints/last.safetensors", "model", "metrics.jsonl"] {
        artkg_files::write_bytes(&folder.join(file), b"x").unwrap();
    }
    for _ in 0..2 {
        discard(folder, "model").unwrap();
    }
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().collect();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].file_name(), "metrics.jsonl");
}
