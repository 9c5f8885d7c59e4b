use std::collections::HashMap;

use artkg_nn::{Context, Device, ParameterStore, Tensor, backward};
use artkg_vision::{Architecture, BackboneOptions, Bottleneck, Stage, create_backbone};

use crate::formula::{backbone, images, relative_difference};

#[test]
fn parameter_counts_equal_torchvisions() {
    let expected = [11_689_512, 21_797_672, 25_557_032, 44_549_160, 60_192_808];
    for (architecture, expected) in Architecture::ALL.into_iter().zip(expected) {
        let store = ParameterStore::new(0, &Device::Cpu);
        let options = BackboneOptions {
            classes: Some(1000),
            ..BackboneOptions::default()
        };
        create_backbone(&store.root(), architecture, Bottleneck::V1, options).unwrap();
        assert_eq!(store.parameter_count(), expected, "{architecture}");
    }
}

#[test]
fn stages_compose_and_have_the_shapes_they_say() {
    let (_, backbone) = backbone(Architecture::ResNet18, Bottleneck::V1_5);
    // Odd, unequal sides: the shapes must be right for any image.
    let batch = images(2, 75)
        .narrow(2, 0, 50)
        .unwrap()
        .contiguous()
        .unwrap();
    let context = Context::evaluation();
    let whole = backbone.forward(&batch, &context).unwrap();
    let folded = backbone.fold(Stage::Pooled).unwrap();
    for stage in Stage::ALL {
        let boundary = backbone
            .forward_stages(&batch, Stage::Input, stage, &context)
            .unwrap();
        assert_eq!(
            boundary.dims()[1..],
            backbone.boundary_shape(stage, (75, 50))
        );
        let rest = backbone.forward_from(stage, &boundary, &context).unwrap();
        assert!(relative_difference(&rest, &whole) < 1e-6, "{stage}");

        let frozen = backbone.forward_frozen(&batch, stage).unwrap();
        assert!(relative_difference(&frozen, &boundary) < 1e-6, "{stage}");
        let front = backbone.fold(stage).unwrap().forward(&batch).unwrap();
        assert!(relative_difference(&front, &boundary) < 1e-4, "{stage}");
        let rest = folded.forward_stages(&front, stage, Stage::Pooled).unwrap();
        assert!(relative_difference(&rest, &whole) < 1e-4, "{stage}");
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
    let features = backbone
        .forward_partly_frozen(&images(2, 64), Stage::Layer2, &Context::training(1))
        .unwrap();
    let loss = features.sqr().unwrap().sum_all().unwrap();
    let gradients = backward(&loss).unwrap();
    let after = copy();
    let (mut frozen_count, mut trained_count) = (0, 0);
    for (name, parameter) in store.named() {
        let Some(stage) = Stage::of_parameter(&name) else {
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
    let front = backbone.fold(Stage::Layer1).unwrap();
    let message = say(front.forward_stages(&images(1, 32), Stage::Input, Stage::Pooled));
    assert!(message.contains("folded up to layer1"), "{message}");
}
