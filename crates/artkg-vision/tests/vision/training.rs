//! Training with a classifier: dropout, auxiliary losses, label smoothing.

use artkg_nn::{
    Context, Device, Optimiser, ParameterGroup, ParameterStore, Sgd, SgdConfig, Tensor, backward,
    cross_entropy,
};
use artkg_vision::{Architecture, Backbone, BackboneOptions, Bottleneck, Stage, create_backbone};

use crate::formula::images;

const CLASSES: usize = 3;

fn create(architecture: Architecture, dropout: Option<f32>) -> (ParameterStore, Backbone) {
    let store = ParameterStore::new(1, &Device::Cpu);
    let options = BackboneOptions {
        classes: Some(CLASSES),
        dropout,
        auxiliary: true,
        ..BackboneOptions::default()
    };
    let backbone = create_backbone(&store.root(), architecture, Bottleneck::V1_5, options);
    (store, backbone.unwrap())
}

fn value(loss: &Tensor) -> f64 {
    f64::from(loss.to_scalar::<f32>().unwrap())
}

/// The losses of some steps on one batch with label smoothing and weight decay.
fn losses(architecture: Architecture, learning_rate: f64, steps: u64) -> Vec<f64> {
    let (store, backbone) = create(architecture, Some(0.2));
    let config = SgdConfig {
        learning_rate,
        weight_decay: 1e-4,
        ..SgdConfig::default()
    };
    let groups = vec![ParameterGroup::new("all", store.trainable())];
    let mut optimiser = Sgd::new(groups, config).unwrap();
    let side = match architecture {
        Architecture::DinoV2Small => 56,
        _ => 64,
    };
    let batch = images(6, side);
    (0..steps)
        .map(|step| {
            let loss = backbone
                .classification_loss(&batch, &[0, 1, 2, 0, 1, 2], 0.1, &Context::training(step))
                .unwrap();
            optimiser.step(&backward(&loss).unwrap()).unwrap();
            value(&loss)
        })
        .collect()
}

#[test]
fn googlenet_learns_with_its_auxiliary_classifiers() {
    let losses = losses(Architecture::GoogLeNet, 0.02, 12);
    let (first, last) = (losses[0], losses[losses.len() - 1]);
    assert!(last < 0.7 * first, "{losses:?}");
}

#[test]
fn squeeze_and_excitation_learns() {
    let losses = losses(Architecture::SeResNet50, 0.005, 14);
    let (first, last) = (losses[0], losses[losses.len() - 1]);
    assert!(last < 0.7 * first, "{losses:?}");
}

#[test]
fn transformers_learn() {
    let losses = losses(Architecture::DinoV2Small, 0.01, 8);
    let (first, last) = (losses[0], losses[losses.len() - 1]);
    assert!(last < 0.7 * first, "{losses:?}");
}

#[test]
fn stochastic_depth_is_active_in_training() {
    let store = ParameterStore::new(1, &Device::Cpu);
    let options = BackboneOptions {
        stochastic_depth: Some(0.5),
        ..BackboneOptions::default()
    };
    let architecture = Architecture::DinoV2Small;
    let backbone = create_backbone(&store.root(), architecture, Bottleneck::V1_5, options).unwrap();
    let batch = images(2, 56);
    let features = |context: &Context| {
        let features = backbone.forward(&batch, context).unwrap();
        features.flatten_all().unwrap().to_vec1::<f32>().unwrap()
    };
    let evaluated = features(&Context::evaluation());
    assert_eq!(evaluated, features(&Context::evaluation()));
    assert_ne!(evaluated, features(&Context::training(1)));
    assert_ne!(
        features(&Context::training(1)),
        features(&Context::training(2))
    );
}

#[test]
fn alexnet_learns() {
    let losses = losses(Architecture::AlexNet, 0.03, 12);
    let (first, last) = (losses[0], losses[losses.len() - 1]);
    assert!(last < 0.8 * first, "{losses:?}");
}

#[test]
fn auxiliary_losses_count_three_tenths_and_only_in_training() {
    let (_, backbone) = create(Architecture::GoogLeNet, Some(0.0));
    let batch = images(3, 64);
    let targets = [0, 2, 1];
    let loss_of = |logits: &Tensor| value(&cross_entropy(logits, &targets, 0.0).unwrap());
    let training = || Context::training(1);

    let (logits, auxiliary) = backbone.logits(&batch, Stage::Input, &training()).unwrap();
    assert_eq!(auxiliary.len(), 2);
    let expected = loss_of(&logits) + 0.3 * (loss_of(&auxiliary[0]) + loss_of(&auxiliary[1]));
    let found = backbone
        .classification_loss(&batch, &targets, 0.0, &training())
        .unwrap();
    assert!((value(&found) - expected).abs() < 1e-5);

    let evaluation = Context::evaluation();
    let (logits, auxiliary) = backbone.logits(&batch, Stage::Input, &evaluation).unwrap();
    assert!(auxiliary.is_empty());
    let found = backbone
        .classification_loss(&batch, &targets, 0.0, &evaluation)
        .unwrap();
    assert!((value(&found) - loss_of(&logits)).abs() < 1e-6);

    // Behind the place of an auxiliary classifier there is none left.
    let middle = backbone.forward_frozen(&batch, Stage::Inception4).unwrap();
    let (_, auxiliary) = backbone
        .logits(&middle, Stage::Inception4, &training())
        .unwrap();
    assert!(auxiliary.is_empty());
}

#[test]
fn dropout_is_active_in_training_at_the_given_rate() {
    let batch = images(2, 64);
    let features = |dropout, context: &Context| {
        let (_, backbone) = create(Architecture::ResNet18, dropout);
        let features = backbone.forward(&batch, context).unwrap();
        features.flatten_all().unwrap().to_vec1::<f32>().unwrap()
    };
    let zeros = |values: &[f32]| values.iter().filter(|value| **value == 0.0).count();
    let plain = features(None, &Context::training(5));
    let dropped = features(Some(0.5), &Context::training(5));
    let share = (zeros(&dropped) - zeros(&plain)) as f64 / plain.len() as f64;
    assert!((0.4..0.6).contains(&share), "{share}");
    let evaluated = features(Some(0.5), &Context::evaluation());
    assert_eq!(evaluated, features(None, &Context::evaluation()));

    let store = ParameterStore::new(1, &Device::Cpu);
    let options = BackboneOptions {
        dropout: Some(1.0),
        ..BackboneOptions::default()
    };
    let refused = create_backbone(
        &store.root(),
        Architecture::AlexNet,
        Bottleneck::V1_5,
        options,
    );
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("dropout rate of 1"), "{message}");
}

#[test]
fn without_a_classifier_there_are_no_logits() {
    let store = ParameterStore::new(1, &Device::Cpu);
    let options = BackboneOptions::default();
    let backbone = create_backbone(
        &store.root(),
        Architecture::ResNet18,
        Bottleneck::V1_5,
        options,
    )
    .unwrap();
    let result = backbone.logits(&images(1, 64), Stage::Input, &Context::evaluation());
    assert!(result.unwrap_err().to_string().contains("no classifier"));
}
