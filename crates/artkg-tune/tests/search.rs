//! Studies on known functions: who finds the better place, and what a resumed
//! study does.

// clippy.toml allows `unwrap` in tests, but sees only functions marked as such.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use artkg_tune::{
    Assignment, BoxError, Description, Direction, Ended, Error, Evaluation, Objective, Outcome,
    ReportOptions, Sampler, Space, Study, study_page,
};

/// What training does to settings, in one formula: a narrow optimum of the
/// learning rate next to where runs diverge, broad ones of the others.
struct Response {
    calls: usize,
    /// The trial that is asked to stop, once.
    stops_at: Option<usize>,
    discarded: Vec<usize>,
}

impl Response {
    fn new() -> Self {
        Self {
            calls: 0,
            stops_at: None,
            discarded: Vec::new(),
        }
    }
}

impl Objective for Response {
    fn evaluate(&mut self, number: usize, values: &Assignment) -> Result<Evaluation, BoxError> {
        if self.stops_at.take_if(|at| *at == number).is_some() {
            return Ok(Evaluation::Interrupted);
        }
        self.calls += 1;
        let number = |name: &str| values[name].number().unwrap();
        let rate = number("learning_rate").log10();
        if rate > -0.5 {
            let reason = "the loss is not finite".to_owned();
            return Ok(Evaluation::Ended(Outcome::Diverged { reason }));
        }
        let bonus = match values["kind"].to_string().as_str() {
            "adamw" => 0.05,
            _ => 0.0,
        };
        let value = 0.8
            - 0.5 * (1.0 - (-(rate + 1.2).powi(2) / 0.5).exp())
            - 0.4 * (number("dropout") - 0.2).powi(2)
            - 0.001 * (number("layers") - 3.0).powi(2)
            + bonus;
        Ok(Evaluation::Ended(Outcome::Finished { value }))
    }

    fn settings(&self, values: &Assignment) -> Result<toml::Table, BoxError> {
        Ok(toml::Table::try_from(values)?)
    }

    fn discard(&mut self, number: usize) -> Result<(), BoxError> {
        self.discarded.push(number);
        Ok(())
    }
}

fn description(sampler: Sampler, seed: u64, trials: usize) -> Description {
    let parameters = [
        "learning_rate=1e-5..1:log",
        "dropout=0..0.8",
        "layers=1..8:int",
        "kind=sgd,adam,adamw",
    ];
    Description {
        metric: "accuracy".to_owned(),
        direction: Direction::Maximise,
        sampler,
        seed,
        trials,
        parameters: Space::new(parameters.map(|text| text.parse().unwrap()).to_vec()).unwrap(),
        settings: toml::Table::new(),
    }
}

fn finish(study: &mut Study, objective: &mut Response) -> bool {
    while !study.is_finished() {
        if study.run_trial(objective).unwrap() == Ended::Interrupted {
            return false;
        }
    }
    true
}

fn search(folder: &Path, sampler: Sampler, seed: u64, trials: usize) -> Study {
    let mut study = Study::create(folder, description(sampler, seed, trials)).unwrap();
    assert!(finish(&mut study, &mut Response::new()));
    study
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn the_estimator_beats_random_search_in_the_median() {
    let folder = tempfile::tempdir().unwrap();
    let mut wins = 0;
    let mut bests = [Vec::new(), Vec::new()];
    for seed in 0..31 {
        let samplers = [Sampler::Tpe, Sampler::Random];
        let values = samplers.map(|sampler| {
            let folder = folder.path().join(format!("{sampler}-{seed}"));
            search(&folder, sampler, seed, 40)
                .best()
                .unwrap()
                .value()
                .unwrap()
        });
        wins += usize::from(values[0] > values[1]);
        bests[0].push(values[0]);
        bests[1].push(values[1]);
    }
    let [tpe, random] = bests.map(median);
    assert!(tpe > random + 0.01, "tpe {tpe}, random {random}");
    assert!(wins >= 19, "{wins} of 31");
}

#[test]
fn samplers_begin_alike_and_keep_to_the_space() {
    let folder = tempfile::tempdir().unwrap();
    let tpe = search(&folder.path().join("tpe"), Sampler::Tpe, 3, 30);
    let random = search(&folder.path().join("random"), Sampler::Random, 3, 30);
    let same = tpe.trials().iter().zip(random.trials());
    let same = same.take_while(|(one, other)| one.parameters == other.parameters);
    assert_eq!(same.count(), 6);
    for trial in tpe.trials().iter().chain(random.trials()) {
        let number = |name: &str| trial.parameters[name].number().unwrap();
        assert!((1e-5..=1.0).contains(&number("learning_rate")));
        assert!((0.0..=0.8).contains(&number("dropout")));
        assert!([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0].contains(&number("layers")));
    }
}

/// The records without their times.
fn records(study: &Study) -> Vec<(usize, Assignment, Outcome)> {
    let trials = study.trials().iter();
    trials
        .map(|trial| {
            (
                trial.number,
                trial.parameters.clone(),
                trial.outcome.clone(),
            )
        })
        .collect()
}

#[test]
fn a_resumed_study_equals_an_unbroken_one() {
    let folder = tempfile::tempdir().unwrap();
    let whole = search(&folder.path().join("whole"), Sampler::Tpe, 5, 25);
    let parts = folder.path().join("parts");
    let description = description(Sampler::Tpe, 5, 25);

    // Asked to stop in trial 12.
    let mut objective = Response::new();
    objective.stops_at = Some(12);
    let mut study = Study::create(&parts, description.clone()).unwrap();
    assert!(!finish(&mut study, &mut objective));
    assert_eq!(study.trials().len(), 11);
    let next = study.suggestion().unwrap();
    assert!(matches!(
        Study::resume(&parts, description.clone(), |settings| settings),
        Err(Error::Busy(_))
    ));
    drop(study);

    // Killed while trial 19 was being written.
    let mut study = Study::resume(&parts, description.clone(), |settings| settings).unwrap();
    assert_eq!(study.suggestion().unwrap(), next);
    while study.trials().len() < 18 {
        study.run_trial(&mut objective).unwrap();
    }
    drop(study);
    let path = parts.join("trials.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{{\"number\":19,\"para")).unwrap();

    let mut study = Study::resume(&parts, description, |settings| settings).unwrap();
    assert!(finish(&mut study, &mut objective));
    assert_eq!(records(&study), records(&whole));
    assert_eq!(objective.calls, 25, "no trial ran twice");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 25);
    assert!(text.ends_with("}\n"));
}

#[test]
fn what_is_not_the_best_may_go() {
    let folder = tempfile::tempdir().unwrap();
    let mut study = Study::create(folder.path(), description(Sampler::Tpe, 0, 20)).unwrap();
    let mut objective = Response::new();
    finish(&mut study, &mut objective);
    let best = study.best().unwrap();
    let settings = fs::read_to_string(study.best_file()).unwrap();
    assert_eq!(
        toml::from_str::<Assignment>(&settings).unwrap(),
        best.parameters
    );
    let best = best.number;
    objective.discarded.sort_unstable();
    let expected: Vec<usize> = (1..=20).filter(|number| *number != best).collect();
    assert_eq!(objective.discarded, expected);
}

#[test]
fn a_study_goes_on_with_its_own_settings_only() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    drop(search(folder, Sampler::Tpe, 0, 3));
    let error = Study::create(folder, description(Sampler::Tpe, 0, 3)).unwrap_err();
    assert!(matches!(error, Error::Occupied(_)), "{error}");
    let mut other = description(Sampler::Random, 1, 3);
    other.settings.insert("epochs".to_owned(), 5.into());
    let message = Study::resume(folder, other, |settings| settings)
        .unwrap_err()
        .to_string();
    for expected in [
        "sampler was \"tpe\", is \"random\"",
        "seed was 0, is 1",
        "settings.epochs was not set, is 5",
    ] {
        assert!(message.contains(expected), "{message}");
    }
    let longer =
        Study::resume(folder, description(Sampler::Tpe, 0, 9), |settings| settings).unwrap();
    assert!(!longer.is_finished());
    assert_eq!(Description::read(folder).unwrap().trials, 9);
    let message = Description::read(&folder.join("none"))
        .unwrap_err()
        .to_string();
    assert!(message.contains("no study"), "{message}");
}

#[test]
fn damaged_records_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    drop(search(folder, Sampler::Random, 0, 3));
    let path = folder.join("trials.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    for (damaged, expected) in [
        (text.replacen("finished", "finishd", 1), "line 1"),
        (text.lines().skip(1).collect::<String>() + "\n", "line 1"),
    ] {
        fs::write(&path, damaged).unwrap();
        let resumed = Study::resume(folder, description(Sampler::Random, 0, 3), |settings| {
            settings
        });
        let message = resumed.unwrap_err().to_string();
        assert!(
            message.contains(expected) && message.contains("trials.jsonl"),
            "{message}"
        );
    }
}

struct Broken;

impl Objective for Broken {
    fn evaluate(&mut self, number: usize, _: &Assignment) -> Result<Evaluation, BoxError> {
        Ok(Evaluation::Ended(match number {
            1 => Outcome::Finished { value: f64::NAN },
            _ => Outcome::Failed {
                reason: "no images".to_owned(),
            },
        }))
    }

    fn settings(&self, _: &Assignment) -> Result<toml::Table, BoxError> {
        unreachable!("no trial is the best")
    }
}

#[test]
fn failures_are_recorded_and_only_failures_end_the_study() {
    let folder = tempfile::tempdir().unwrap();
    let mut study = Study::create(folder.path(), description(Sampler::Tpe, 0, 12)).unwrap();
    for _ in 0..12 {
        study.run_trial(&mut Broken).unwrap();
    }
    assert_eq!(study.best(), None);
    assert!(
        matches!(&study.trials()[0].outcome, Outcome::Diverged { reason } if reason.contains("NaN"))
    );
    assert!(matches!(study.trials()[11].outcome, Outcome::Failed { .. }));

    struct Always;
    impl Objective for Always {
        fn evaluate(&mut self, _: usize, values: &Assignment) -> Result<Evaluation, BoxError> {
            Broken.evaluate(2, values)
        }

        fn settings(&self, values: &Assignment) -> Result<toml::Table, BoxError> {
            Broken.settings(values)
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut study = Study::create(folder.path(), description(Sampler::Tpe, 0, 12)).unwrap();
    let ended = (0..12).find_map(|_| study.run_trial(&mut Always).err());
    let message = ended.unwrap().to_string();
    assert!(
        message.contains("first 5 trials") && message.contains("no images"),
        "{message}"
    );
}

#[test]
fn the_page_shows_both_samplers_and_every_parameter() {
    let folder = tempfile::tempdir().unwrap();
    let tpe = search(&folder.path().join("tpe"), Sampler::Tpe, 0, 20);
    let random = search(&folder.path().join("random"), Sampler::Random, 0, 20);
    let options = ReportOptions {
        title: "Study".to_owned(),
        note: "Synthetic".to_owned(),
        advice: "train with best.toml".to_owned(),
    };
    let html = study_page(&tpe, Some(&random), &options).unwrap().render();
    for expected in [
        "Best of tpe",
        "Best of random",
        "Best so far",
        "learning_rate",
        "adamw",
        "1e-5..1.0:log",
        "diverged: the loss is not finite",
        "train with best.toml",
        "Synthetic",
    ] {
        assert!(html.contains(expected), "{expected}");
    }
    assert_eq!(html.matches("<svg").count(), 2 + 4);
    // Both tables have all trials.
    assert_eq!(
        html.matches("<th scope=\"row\" class=\"number\">20</th>")
            .count(),
        2
    );
}
