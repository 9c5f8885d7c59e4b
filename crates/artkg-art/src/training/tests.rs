use std::collections::BTreeMap;

use artkg_image::Preprocessing;
use artkg_infer::{Example, MASKED};
use artkg_model::{
    Classifier, ClassifierConfig, CoOccurrence, ContextUse, ProjectionConfig, SideConfig, SideRow,
};
use artkg_nn::{Device, Gradients, backward};
use artkg_session::Session;
use artkg_vision::{Architecture, BackboneOptions, Bottleneck, create_backbone};
use artkg_vocabulary::Attribute;

use super::*;
use crate::imbalance::ImbalanceConfig;
use crate::random_tensor::random_tensor;
use crate::targets::ContextTargets;
use crate::task_weights::TaskWeights;

const EXAMPLES: usize = 7;
const DIMENSION: usize = 6;

/// The heads and the projection on fixed features: no batch norm. Values are
/// missing here and there, and so are vectors.
fn training(label_smoothing: f64, dropout: Option<f32>) -> ArtTraining {
    let imbalance = ImbalanceConfig::default();
    training_of(
        label_smoothing,
        dropout,
        &imbalance,
        &TaskWeights::Equal,
        ContextUse::REGRESS,
    )
}

fn training_of(
    label_smoothing: f64,
    dropout: Option<f32>,
    imbalance: &ImbalanceConfig,
    weights: &TaskWeights,
    usage: ContextUse,
) -> ArtTraining {
    let vocabulary = |attribute, classes: usize| Vocabulary {
        attribute,
        classes: (0..classes).map(|class| format!("{class:02}")).collect(),
        minimum_count: 1,
    };
    let vocabularies = vec![
        vocabulary(Attribute::TYPE, 3),
        vocabulary(Attribute::SCHOOL, 4),
    ];
    let examples: Vec<Example> = (0..EXAMPLES)
        .map(|index| Example {
            id: index.to_string(),
            path: "not read".into(),
            targets: vec![
                [0, 2, MASKED, 1, MASKED, MASKED, 0][index],
                [MASKED, 3, 1, 0, 2, 2, 1][index],
            ],
        })
        .collect();
    let vector = |index: usize| {
        (0..DIMENSION)
            .map(|place| (index * place) as f32 - 3.0)
            .collect()
    };
    let vectors: BTreeMap<String, Vec<f32>> = [0, 1, 5]
        .map(|index| (index.to_string(), vector(index)))
        .into();
    let projection = ProjectionConfig {
        width: DIMENSION,
        hidden: Vec::new(),
        usage,
    };
    let classifier = ClassifierConfig {
        side: Some(SideConfig {
            inputs: 3,
            encoder: Some(2),
        }),
        projection: Some(projection),
        ..ClassifierConfig::default()
    };
    let (store, (model, objective)) = ParameterStore::assemble(3, &Device::Cpu, |store| {
        let backbone = create_backbone(
            &store.root().sub("backbone"),
            Architecture::ResNet18,
            Bottleneck::default(),
            BackboneOptions::default(),
        )?;
        let heads = Classifier::new(store, backbone.features(), &vocabularies, &classifier)?;
        let nodes = |classes: usize| (0..classes * DIMENSION).map(|value| value as f32 - 4.0);
        heads.set_prototypes(vec![nodes(3).collect(), nodes(4).collect()])?;
        let works = (0..12).map(|work| vec![Some(work % 3), Some(work % 4 / 2)]);
        heads.set_co_occurrence(&CoOccurrence::of(vec![3, 4], works))?;
        let losses = imbalance.losses(&vocabularies, &examples, label_smoothing);
        let context = Some((ContextTargets::of(vectors, DIMENSION), 0.3));
        let objective = Objective::new(store, &vocabularies, losses, weights, context)?;
        let model = ArtModel::new(backbone, heads).with_dropout(dropout)?;
        Ok::<_, crate::Error>((model, objective))
    })
    .unwrap();
    let set =
        |examples| ExampleSet::images(examples, &Preprocessing::default(), &Session::silent(1));
    ArtTraining {
        input_shape: model
            .backbone()
            .boundary_shape(Stage::Pooled, (64, 64))
            .unwrap(),
        model,
        store,
        frozen: Stage::Pooled,
        layer_decay: 1.0,
        vocabularies,
        objective,
        sampling: Sampling::Natural,
        side: Some(SideValues::new(
            3,
            [("1".to_owned(), SideRow::MultiHot(vec![0, 2]))].into(),
        )),
        train: set(examples),
        validation: set(Vec::new()),
        batch_size: EXAMPLES,
        validation_size: EXAMPLES,
        seed: 1,
        synthetic: true,
    }
}

fn batch(training: &ArtTraining) -> Batch {
    let mut shape = vec![EXAMPLES];
    shape.extend(&training.input_shape);
    let input = random_tensor(-1.7..1.7, shape);
    Batch::new((0..EXAMPLES).collect(), input)
}

fn values(training: &ArtTraining, gradients: &Gradients) -> Vec<f32> {
    let groups = training.parameter_groups();
    let parameters = groups.iter().flat_map(|group| &group.parameters);
    parameters
        .flat_map(|(_, parameter)| {
            // Without a gradient where no row counts.
            let zeros = parameter.variable.zeros_like().unwrap();
            let gradient = gradients.get(&parameter.variable).unwrap_or(&zeros);
            gradient.flatten_all().unwrap().to_vec1::<f32>().unwrap()
        })
        .collect()
}

#[test]
fn micro_batches_give_the_gradient_of_the_batch() {
    check_micro_batches(&training(0.1, None));
    let imbalance = ImbalanceConfig {
        class_weights: 0.5,
        logit_adjustment: 1.0,
        ..ImbalanceConfig::default()
    };
    for usage in [
        ContextUse::REGRESS,
        "fuse+prototypes+joint".parse().unwrap(),
    ] {
        let weights = TaskWeights::Learned;
        check_micro_batches(&training_of(0.1, None, &imbalance, &weights, usage));
    }
}

fn check_micro_batches(training: &ArtTraining) {
    let batch = batch(training);
    let context = Context::training(0);
    let whole = training.loss(&batch, &context).unwrap();
    let expected = values(training, &backward(&whole.total).unwrap());
    let nothing = expected.iter().filter(|value| **value == 0.0).count();
    assert!(
        nothing < expected.len() / 100,
        "{nothing} gradients are zero"
    );
    // The last is one example a part: some have no value, some no vector.
    for count in [2, 3, 5, EXAMPLES, 100] {
        let parts = training.split(&batch, count).unwrap();
        assert_eq!(parts.len(), count.min(EXAMPLES));
        let mut sum = vec![0.0; expected.len()];
        let (mut loss, mut graph, mut examples) = (0.0, 0.0, 0);
        for part in &parts {
            let part = training.loss(part, &context).unwrap();
            loss += part.total.to_scalar::<f32>().unwrap();
            graph += part
                .parts
                .iter()
                .find(|(name, _)| name == "graph")
                .unwrap()
                .1;
            examples += part.examples;
            let gradients = backward(&part.total).unwrap();
            let values = values(training, &gradients);
            sum.iter_mut()
                .zip(values)
                .for_each(|(sum, value)| *sum += value);
        }
        assert_eq!(examples, EXAMPLES);
        assert!((loss - whole.total.to_scalar::<f32>().unwrap()).abs() < 1e-5);
        let (name, part) = whole.parts.last().unwrap();
        assert!(name == "graph" && (graph - part).abs() < 1e-5);
        for (sum, expected) in sum.iter().zip(&expected) {
            assert!(
                (sum - expected).abs() < 1e-6,
                "{count} parts: {sum} {expected}"
            );
        }
    }
}

#[test]
fn smoothing_and_dropout_change_training_alone() {
    let plain = training(0.0, None);
    let (smooth, dropping) = (training(0.2, None), training(0.0, Some(0.5)));
    let batch = batch(&plain);
    let part = |training: &ArtTraining| {
        let loss = training.loss(&batch, &Context::training(5)).unwrap();
        loss.parts[0].1
    };
    assert_ne!(part(&plain), part(&smooth));
    assert_ne!(part(&plain), part(&dropping));
    assert_eq!(part(&dropping), part(&dropping), "the seed decides");
    let logits = |training: &ArtTraining| {
        let context = Context::evaluation();
        let side = batch
            .side(&training.train.examples, training.side.as_ref())
            .unwrap();
        let outputs = training
            .model
            .forward(&batch.input, Stage::Pooled, side.as_ref(), &context);
        outputs.unwrap().logits[0].to_vec2::<f32>().unwrap()
    };
    assert_eq!(logits(&plain), logits(&dropping));
}

#[test]
fn a_trial_is_a_batch_of_any_size() {
    let training = training(0.0, None);
    let trial = training.blank_batch(2 * EXAMPLES).unwrap().unwrap();
    let loss = training.loss(&trial, &Context::training(0)).unwrap();
    assert_eq!(loss.examples, 2 * EXAMPLES);
    assert!(training.is_trained("heads.type.0.linear.weight"));
    assert!(!training.is_trained("backbone.layer4.0.bn1.running_mean"));
}

#[test]
fn deeper_stages_learn_faster_by_the_layer_decay() {
    let training = training(0.0, None);
    let backbone = training.model.backbone();
    let groups = |frozen, decay| {
        let groups = parameter_groups(&training.store, backbone, frozen, decay);
        let scales = groups
            .iter()
            .map(|group| (group.name.clone(), group.rate_scale));
        scales.collect::<Vec<_>>()
    };
    let expected = |scales: &[(&str, f64)]| {
        let owned = scales
            .iter()
            .map(|(name, scale)| (name.to_string(), *scale));
        owned.collect::<Vec<_>>()
    };
    assert_eq!(
        groups(Stage::Layer2, 1.0),
        expected(&[("backbone", 1.0), ("heads", 1.0)])
    );
    // The pooling of a ResNet has no parameters.
    assert_eq!(
        groups(Stage::Layer2, 0.5),
        expected(&[("backbone", 0.5), ("backbone", 0.25), ("heads", 1.0)])
    );
    let all: usize = parameter_groups(&training.store, backbone, Stage::Input, 0.5)
        .iter()
        .map(|group| group.parameters.len())
        .sum();
    assert_eq!(all, training.store.trainable().len());
}
