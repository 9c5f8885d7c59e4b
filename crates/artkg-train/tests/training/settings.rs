//! Optimisers, gradient accumulation and what a checkpoint holds.

use artkg_nn::{Device, Tensor, load_tensors, save_tensors};
use artkg_session::Session;
use artkg_train::{
    Decay, Error, OptimiserConfig, OptimiserKind, Outcome, Rule, RunFolder, TrainingConfig, train,
};
use tempfile::TempDir;

use crate::common::{Toy, config, nesterov};
use crate::{new_folder, resumed, stopping_after, unbroken};

/// One of each kind, with settings that give it all the state it can have.
fn optimisers() -> Vec<OptimiserConfig> {
    let kinds = [
        OptimiserKind::Sgd,
        OptimiserKind::AdaGrad,
        OptimiserKind::RmsProp,
        OptimiserKind::Adam,
        OptimiserKind::AdamW,
    ];
    let mut optimisers: Vec<OptimiserConfig> = kinds.map(OptimiserConfig::new).to_vec();
    for optimiser in &mut optimisers {
        optimiser.weight_decay = 0.01;
        optimiser.group_rates.insert("head".into(), 2.0);
        optimiser.group_decays.insert("head".into(), 0.001);
    }
    optimisers[1].rule = Rule::AdaGrad {
        epsilon: 1e-10,
        decay: Decay::Decoupled,
    };
    optimisers[2].rule = Rule::RmsProp {
        alpha: 0.99,
        momentum: 0.5,
        epsilon: 1e-8,
        decay: Decay::Coupled,
    };
    optimisers.push(OptimiserConfig {
        rule: nesterov(),
        decay_biases: true,
        ..optimisers[0].clone()
    });
    optimisers
}

#[test]
fn every_optimiser_resumes_to_the_same_bits() {
    for (index, optimiser) in optimisers().into_iter().enumerate() {
        let parent = tempfile::tempdir().unwrap();
        let mut config = config();
        config.optimiser = optimiser;
        // Every other one in micro-batches.
        config.accumulate = 1 + 2 * (index % 2);
        let (_, bits) = unbroken(&parent, &config);
        let folder = new_folder(&parent, "interrupted", &config);
        let steps = Toy::BATCHES + 3;
        let toy = Toy::new(&config);
        let summary = train(&toy, &config, &folder, &stopping_after(steps)).unwrap();
        assert_eq!(summary.outcome, Outcome::Interrupted);
        let toy = Toy::new(&config);
        let folder = resumed(folder, &config);
        train(&toy, &config, &folder, &Session::silent(1)).unwrap();
        assert_eq!(toy.bits(), bits, "{}", config.optimiser);

        let report = std::fs::read_to_string(folder.report_file()).unwrap();
        assert!(
            report.contains(config.optimiser.kind().name()),
            "the report names it"
        );
    }
}

#[test]
fn every_optimiser_learns() {
    for optimiser in optimisers() {
        let parent = tempfile::tempdir().unwrap();
        let mut config = config();
        config.optimiser = optimiser;
        config.optimiser.learning_rate = 0.02;
        config.epochs = 8;
        let folder = new_folder(&parent, "run", &config);
        let toy = Toy::new(&config);
        train(&toy, &config, &folder, &Session::silent(1)).unwrap();
        let accuracy = toy.accuracy();
        assert!(accuracy > 0.9, "{}: {accuracy}", config.optimiser);
    }
}

/// The parameters after an epoch in `accumulate` micro-batches, without dropout.
fn after_an_epoch(parent: &TempDir, accumulate: usize) -> (Vec<f32>, Vec<f64>) {
    let mut config = config();
    config.epochs = 1;
    config.accumulate = accumulate;
    let folder = new_folder(parent, &format!("in-{accumulate}"), &config);
    let mut toy = Toy::new(&config);
    toy.dropout = 0.0;
    train(&toy, &config, &folder, &Session::silent(1)).unwrap();
    let losses = folder
        .epochs()
        .unwrap()
        .iter()
        .map(|epoch| epoch.loss)
        .collect();
    (toy.values(), losses)
}

#[test]
fn micro_batches_add_up_to_the_batch() {
    let parent = tempfile::tempdir().unwrap();
    let (whole, loss) = after_an_epoch(&parent, 1);
    // 3 and 5 do not divide the batch of 16.
    for accumulate in [2, 3, 5, 16] {
        let (parts, part_loss) = after_an_epoch(&parent, accumulate);
        assert!(
            (part_loss[0] - loss[0]).abs() < 1e-6,
            "{part_loss:?} {loss:?}"
        );
        let distance = whole.iter().zip(&parts).map(|(a, b)| (a - b).abs());
        let distance = distance.fold(0.0, f32::max);
        assert!(distance < 1e-6, "in {accumulate} parts: {distance}");
    }
}

/// Settings under which the body is not trained.
fn frozen_run(parent: &TempDir) -> (TrainingConfig, RunFolder, Vec<u32>) {
    let mut config = config();
    config.optimiser.group_rates.clear();
    let folder = new_folder(parent, "run", &config);
    let mut toy = Toy::new(&config);
    toy.frozen = "body";
    train(&toy, &config, &folder, &Session::silent(1)).unwrap();
    (config, folder, toy.bits())
}

#[test]
fn checkpoints_hold_what_is_trained() {
    let parent = tempfile::tempdir().unwrap();
    let (config, folder, bits) = frozen_run(&parent);
    for path in [folder.last_checkpoint(), folder.best_checkpoint()] {
        let (tensors, header) = load_tensors(&path).unwrap();
        assert!(tensors.contains_key("head.weight"));
        assert!(
            tensors.keys().all(|name| !name.contains("body")),
            "{path:?}"
        );
        assert_eq!(header["artkg-frozen-sha256"].len(), 64);
        assert!(header["artkg-optimiser"].contains("nesterov"));
    }
    // The frozen part comes from where it came from at first.
    let mut toy = Toy::new(&config);
    toy.frozen = "body";
    let folder = resumed(folder, &config);
    train(&toy, &config, &folder, &Session::silent(1)).unwrap();
    assert_eq!(toy.bits(), bits);
}

#[test]
fn other_frozen_weights_are_refused() {
    let parent = tempfile::tempdir().unwrap();
    let (config, folder, _) = frozen_run(&parent);
    let mut toy = Toy::new(&config);
    toy.frozen = "body";
    let (_, body) = toy.store().named().into_iter().next().unwrap();
    body.variable
        .set(&body.variable.ones_like().unwrap())
        .unwrap();
    let folder = resumed(folder, &config);
    let error = train(&toy, &config, &folder, &Session::silent(1)).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("frozen part") && matches!(error, Error::Frozen(_)),
        "{message}"
    );
    let message = folder.load_best(toy.store()).unwrap_err().to_string();
    assert!(message.contains("best.safetensors"), "{message}");
}

#[test]
fn a_checkpoint_of_another_optimiser_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let (mut config, folder, _) = frozen_run(&parent);
    config.optimiser.rule = Rule::Sgd {
        momentum: 0.5,
        nesterov: true,
        decay: Decay::Coupled,
    };
    folder.replace_config(&config).unwrap();
    let folder = resumed(folder, &config);
    let mut toy = Toy::new(&config);
    toy.frozen = "body";
    let error = train(&toy, &config, &folder, &Session::silent(1)).unwrap_err();
    let Error::Optimiser { differences, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].to_string(), "momentum was 0.9, is 0.5");
}

#[test]
fn checkpoints_from_before_fingerprints_still_load() {
    let parent = tempfile::tempdir().unwrap();
    let config = config();
    let folder = new_folder(&parent, "run", &config);
    let toy = Toy::new(&config);
    train(&toy, &config, &folder, &Session::silent(1)).unwrap();
    let path = folder.best_checkpoint();
    let (mut tensors, mut header) = load_tensors(&path).unwrap();
    header.retain(|key, _| key == "artkg-checkpoint-1");
    save_tensors(&path, &tensors, &header).unwrap();
    folder.load_best(toy.store()).unwrap();
    let wrong = Tensor::zeros(1, artkg_nn::DType::F32, &Device::Cpu).unwrap();
    tensors.insert("head.weight".into(), wrong);
    save_tensors(&path, &tensors, &header).unwrap();
    assert!(folder.load_best(toy.store()).is_err());
}
