use std::collections::{BTreeSet, HashMap};

use artkg_nn::{Context, Device, ParameterStore, Precision, Tensor, backward};
use artkg_vision::{Architecture, BackboneOptions, Bottleneck, Stage, Summary, create_backbone};

use crate::formula::{backbone, images, relative_difference};

#[test]
fn parameter_counts_equal_those_of_others() {
    let expected = [
        61_100_840,
        138_357_544,
        138_365_992,
        143_667_240,
        143_678_248,
        6_624_904,
        11_689_512,
        21_797_672,
        25_557_032,
        44_549_160,
        60_192_808,
        28_088_024,
        49_326_872,
        28_589_128,
        50_223_688,
        88_591_464,
        // Hugging Face's without mask token and position of the class token.
        22_824_808,
        88_115_944,
        306_415_592,
        1_139_550_696,
        22_826_344,
        88_119_016,
        306_419_688,
        1_139_556_840,
        88_224_232,
        86_567_656,
        304_203_752,
        88_224_232,
        86_567_656,
        304_203_752,
        93_653_224,
        316_981_224,
        93_653_224,
        316_981_224,
    ];
    assert_eq!(expected.len(), Architecture::ALL.len());
    for (architecture, expected) in Architecture::ALL.into_iter().zip(expected) {
        let store = ParameterStore::blank(&Device::Cpu);
        let options = BackboneOptions {
            classes: Some(1000),
            ..BackboneOptions::default()
        };
        create_backbone(&store.root(), architecture, Bottleneck::V1_5, options).unwrap();
        assert_eq!(store.parameter_count(), expected, "{architecture}");
        let summary = Summary::new(architecture.into(), 224, &Device::Cpu).unwrap();
        assert_eq!(summary.parameters, expected, "{architecture}");
    }
    // With auxiliary classifiers, as torchvision trains it.
    let store = ParameterStore::blank(&Device::Cpu);
    let options = BackboneOptions {
        classes: Some(1000),
        auxiliary: true,
        ..BackboneOptions::default()
    };
    let architecture = Architecture::GoogLeNet;
    create_backbone(&store.root(), architecture, Bottleneck::V1_5, options).unwrap();
    assert_eq!(store.parameter_count(), 13_004_888);
}

#[test]
fn depths_and_costs_are_the_published_ones() {
    // Multiply-adds in units of 10⁶, as torchvision documents its weights; for
    // squeeze and excitation by Hu et al., who round to 10⁷.
    let expected = [
        (8, 714),
        (16, 15_470),
        (16, 15_470),
        (19, 19_632),
        (19, 19_632),
        (22, 1_498),
        (18, 1_814),
        (34, 3_664),
        (50, 4_089),
        (101, 7_801),
        (152, 11_514),
    ];
    for (architecture, (depth, cost)) in Architecture::ALL.into_iter().zip(expected) {
        let summary = Summary::new(architecture.into(), 224, &Device::Cpu).unwrap();
        assert_eq!(summary.depth, depth, "{architecture}");
        let found = (summary.multiply_adds as f64 / 1e6).round();
        // Torchvision counts a few additions of biases too.
        assert!(
            (found - f64::from(cost)).abs() <= 15.0,
            "{architecture}: {found}"
        );
    }
    let plain = Summary::new(Architecture::ResNet50.into(), 224, &Device::Cpu).unwrap();
    let gated = Summary::new(Architecture::SeResNet50.into(), 224, &Device::Cpu).unwrap();
    assert_eq!((gated.depth, gated.features), (50, 2048));
    let more = gated.multiply_adds as f64 / plain.multiply_adds as f64;
    assert!((1.0..1.01).contains(&more), "{more}");
}

#[test]
fn stages_compose_and_have_the_shapes_they_say() {
    for architecture in [
        Architecture::ResNet18,
        Architecture::SeResNet50,
        Architecture::AlexNet,
        Architecture::GoogLeNet,
    ] {
        let (_, backbone) = backbone(architecture, Bottleneck::V1_5);
        // Odd, unequal sides: the shapes must be right for any image.
        let batch = images(2, 91)
            .narrow(2, 0, 66)
            .unwrap()
            .contiguous()
            .unwrap();
        let context = Context::evaluation();
        let whole = backbone.forward(&batch, &context).unwrap();
        assert_eq!(whole.dims(), [2, backbone.features()]);
        let folded = backbone.fold(Stage::Pooled, Precision::F32).unwrap();
        for &stage in architecture.stages() {
            let what = format!("{architecture}, {stage}");
            let boundary = backbone
                .forward_stages(&batch, Stage::Input, stage, &context)
                .unwrap();
            let shape = backbone.boundary_shape(stage, (91, 66)).unwrap();
            assert_eq!(boundary.dims()[1..], shape, "{what}");
            let rest = backbone.forward_from(stage, &boundary, &context).unwrap();
            assert!(relative_difference(&rest, &whole) < 1e-6, "{what}");

            let frozen = backbone.forward_frozen(&batch, stage).unwrap();
            assert!(relative_difference(&frozen, &boundary) < 1e-6, "{what}");
            let front = backbone
                .fold(stage, Precision::F32)
                .unwrap()
                .forward(&batch)
                .unwrap();
            assert!(relative_difference(&front, &boundary) < 1e-4, "{what}");
            let rest = folded.forward_stages(&front, stage, Stage::Pooled).unwrap();
            assert!(relative_difference(&rest, &whole) < 1e-4, "{what}");
        }
    }
}

#[test]
fn transformers_and_convnexts_compose_from_stages() {
    for architecture in [Architecture::DinoV2Small, Architecture::ConvNextTiny] {
        let (_, backbone) = backbone(architecture, Bottleneck::V1_5);
        let batch = images(2, 84)
            .narrow(2, 0, 56)
            .unwrap()
            .contiguous()
            .unwrap();
        let context = Context::evaluation();
        let whole = backbone.forward(&batch, &context).unwrap();
        let folded = backbone.fold(Stage::Pooled, Precision::F32).unwrap();
        for &stage in architecture.stages() {
            let what = format!("{architecture}, {stage}");
            let boundary = backbone.forward_frozen(&batch, stage).unwrap();
            let shape = backbone.boundary_shape(stage, (84, 56)).unwrap();
            assert_eq!(boundary.dims()[1..], shape, "{what}");
            let rest = backbone.forward_from(stage, &boundary, &context).unwrap();
            assert!(relative_difference(&rest, &whole) < 1e-5, "{what}");
            let rest = folded.forward_stages(&boundary, stage, Stage::Pooled);
            assert!(relative_difference(&rest.unwrap(), &whole) < 1e-4, "{what}");
        }
    }
    let store = ParameterStore::blank(&Device::Cpu);
    let options = BackboneOptions {
        stochastic_depth: Some(1.0),
        ..BackboneOptions::default()
    };
    let architecture = Architecture::DinoV2Small;
    let refused = create_backbone(&store.root(), architecture, Bottleneck::V1_5, options);
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("stochastic depth of 1"), "{message}");
}

#[test]
fn every_parameter_has_its_stage() {
    for architecture in Architecture::ALL {
        let store = ParameterStore::blank(&Device::Cpu);
        let options = BackboneOptions {
            classes: Some(7),
            auxiliary: true,
            ..BackboneOptions::default()
        };
        let scope = store.root().sub("backbone");
        let backbone = create_backbone(&scope, architecture, Bottleneck::V1, options).unwrap();
        let classifier = format!("backbone.{}.", architecture.classifier_name());
        let mut found = BTreeSet::new();
        for (name, _) in store.named() {
            let stage = backbone.stage_of_parameter(&name);
            let is_classifier = name.starts_with(&classifier) || name.contains(".aux");
            assert_eq!(stage.is_none(), is_classifier, "{name}");
            found.extend(stage);
        }
        // Stages whose part has weights; global average pooling has none.
        let mut expected: BTreeSet<Stage> = architecture.stages().iter().copied().collect();
        expected.remove(&Stage::Input);
        if architecture.classifier_name() == "fc" {
            expected.remove(&Stage::Pooled);
        }
        assert_eq!(found, expected, "{architecture}");
        assert_eq!(backbone.stage_of_parameter("heads.type.weight"), None);
    }
}

#[test]
fn frozen_stages_get_no_gradient_and_keep_their_statistics() {
    let (store, backbone) = backbone(Architecture::ResNet18, Bottleneck::V1_5);
    let copy = || -> HashMap<String, Tensor> {
        let named = store.named().into_iter();
        named
            .map(|(name, parameter)| (name, parameter.variable.copy().unwrap()))
            .collect()
    };
    let before = copy();
    let boundary = backbone
        .forward_frozen(&images(2, 64), Stage::Layer2)
        .unwrap();
    let features = backbone
        .forward_from(Stage::Layer2, &boundary, &Context::training(1))
        .unwrap();
    let loss = features.sqr().unwrap().sum_all().unwrap();
    let gradients = backward(&loss).unwrap();
    let after = copy();
    let (mut frozen_count, mut trained_count) = (0, 0);
    for (name, parameter) in store.named() {
        let Some(stage) = backbone.stage_of_parameter(&name) else {
            continue;
        };
        let is_frozen = stage <= Stage::Layer2;
        if parameter.is_trainable() {
            let has_gradient = gradients.get(&parameter.variable).is_some();
            assert_eq!(has_gradient, !is_frozen, "{name}");
        } else {
            let change = relative_difference(&after[&name], &before[&name]);
            assert_eq!(change > 0.0, !is_frozen, "{name} changed by {change}");
        }
        if is_frozen {
            frozen_count += 1;
        } else {
            trained_count += 1;
        }
    }
    assert_eq!((frozen_count, trained_count), (50, 50));
}

#[test]
fn zero_init_starts_blocks_as_the_identity() {
    let create = |zero_init_residual| {
        let store = ParameterStore::new(3, &Device::Cpu);
        let options = BackboneOptions {
            zero_init_residual,
            ..BackboneOptions::default()
        };
        let architecture = Architecture::ResNet50;
        create_backbone(&store.root(), architecture, Bottleneck::V1_5, options).unwrap();
        store.export().unwrap()
    };
    let largest = |tensor: &Tensor| {
        let max = tensor.abs().unwrap().max(0).unwrap();
        max.to_scalar::<f32>().unwrap()
    };
    for (zero_init_residual, expected) in [(false, 1.0), (true, 0.0)] {
        let tensors = create(zero_init_residual);
        assert_eq!(largest(&tensors["layer2.3.bn3.weight"]), expected);
        assert_eq!(largest(&tensors["layer2.3.bn2.weight"]), 1.0);
        assert_eq!(largest(&tensors["layer2.0.downsample.1.weight"]), 1.0);
    }
}

#[test]
fn filters_start_with_he_deviation() {
    let store = ParameterStore::new(5, &Device::Cpu);
    let options = BackboneOptions::default();
    let architecture = Architecture::ResNet18;
    create_backbone(&store.root(), architecture, Bottleneck::V1_5, options).unwrap();
    let filters = &store.export().unwrap()["layer3.0.conv1.weight"];
    let variance = filters.sqr().unwrap().mean_all().unwrap();
    let variance = variance.to_scalar::<f32>().unwrap();
    let expected = 2.0 / (9.0 * 256.0);
    assert!((variance / expected - 1.0).abs() < 0.02, "{variance}");
}

#[test]
fn wrong_inputs_are_named() {
    let (_, backbone) = backbone(Architecture::ResNet18, Bottleneck::V1_5);
    let context = Context::evaluation();
    let say = |result: artkg_vision::Result<Tensor>| result.unwrap_err().to_string();
    // Channels first, as PyTorch has it.
    let first = images(1, 32).permute((0, 3, 1, 2)).unwrap();
    let message = say(backbone.forward(&first, &context));
    assert!(message.contains("[batch, height, width, 3]"), "{message}");
    assert!(message.contains("[1, 3, 32, 32]"), "{message}");
    let message =
        say(backbone.forward_stages(&images(1, 32), Stage::Layer3, Stage::Layer1, &context));
    assert!(
        message.contains("layer3 comes after stage layer1"),
        "{message}"
    );
    let front = backbone.fold(Stage::Layer1, Precision::F32).unwrap();
    let message = say(front.forward_stages(&images(1, 32), Stage::Input, Stage::Pooled));
    assert!(message.contains("folded up to layer1"), "{message}");
}

#[test]
fn images_that_are_too_small_are_refused_with_their_size() {
    let (_, backbone) = backbone(Architecture::AlexNet, Bottleneck::V1_5);
    let message = backbone
        .boundary_shape(Stage::Pooled, (62, 224))
        .unwrap_err();
    let message = message.to_string();
    assert!(
        message.contains("alexnet cannot take images of 62 × 224"),
        "{message}"
    );
    let smallest = backbone.boundary_shape(Stage::Pooled, (63, 63)).unwrap();
    assert_eq!(smallest, [4096]);
    let message = backbone
        .boundary_shape(Stage::Layer3, (224, 224))
        .unwrap_err();
    assert!(message.to_string().contains("block1, block2"), "{message}");
}
