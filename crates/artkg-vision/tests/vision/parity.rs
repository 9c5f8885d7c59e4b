use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use artkg_nn::{
    Context, Device, Gradients, Parameter, ParameterStore, Precision, Role, Tensor, backward,
    load_tensors,
};
use artkg_vision::{Architecture, BackboneOptions, Bottleneck, Stage, Weights, load_backbone};

use crate::formula::{CLASSES, backbone, images, relative_difference, uniform};

/// How far gradients may be from PyTorch's in float64.
///
/// Rounding moves about one of millions of activations across the corner of its
/// ReLU, or to another pixel of a max pool, which changes the gradients before it
/// by up to 1.5e-2, PyTorch's own float32 included; otherwise they agree to 1e-5.
/// GoogLeNet has a max pool in every block, and Winograd's convolutions round more:
/// several such moves come together. A wrong term, such as the unbiased variance of
/// the 16 values a channel in `layer4`, is beyond 5e-2 in ResNets.
fn gradient_tolerance(architecture: Architecture) -> f32 {
    match architecture {
        Architecture::GoogLeNet => 8e-2,
        _ => 2e-2,
    }
}

/// Training normalises with the statistics of as few as 16 values a channel,
/// which amplifies rounding.
const LOGITS_TOLERANCE: f32 = 1e-4;

fn fixture(name: &str) -> HashMap<String, Tensor> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    load_tensors(&folder.join(name)).unwrap().0
}

fn assert_close(name: &str, found: &Tensor, expected: &Tensor, tolerance: f32) {
    let difference = relative_difference(found, expected);
    assert!(
        difference <= tolerance,
        "{name} differs by {difference:e}, more than {tolerance:e}"
    );
}

/// Values of the gradient in PyTorch's layout, from all over, as the fixture
/// keeps them.
fn gradient(gradients: &Gradients, parameter: &Parameter, count: usize) -> Tensor {
    let gradient = gradients.get(&parameter.variable).unwrap();
    let gradient = match parameter.role {
        Role::Filter { kernel } => {
            let (rows, outputs) = gradient.dims2().unwrap();
            let inputs = rows / (kernel.0 * kernel.1);
            gradient
                .reshape((kernel.0, kernel.1, inputs, outputs))
                .unwrap()
                .permute((3, 2, 0, 1))
                .unwrap()
        }
        Role::ImageWeight { pixels } => {
            let (outputs, inputs) = gradient.dims2().unwrap();
            gradient
                .reshape((outputs, pixels, inputs / pixels))
                .unwrap()
                .transpose(1, 2)
                .unwrap()
        }
        _ => gradient.clone(),
    };
    let total = gradient.elem_count();
    let kept = (0..count).map(|index| (index * 1_000_003 % total) as u32);
    let kept = Tensor::from_iter(kept, &Device::Cpu).unwrap();
    let flat = gradient.flatten_all().unwrap();
    flat.index_select(&kept, 0).unwrap()
}

/// Networks of half a gigabyte take turns.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Features, folded features, and a training step against PyTorch's.
fn compare(
    architecture: Architecture,
    bottleneck: Bottleneck,
    expected: &str,
    counts: (usize, usize),
) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let expected = fixture(expected);
    let (store, backbone) = backbone(architecture, bottleneck);
    let batch = images(4, 64);

    let features = backbone.forward(&batch, &Context::evaluation()).unwrap();
    assert_close("features", &features, &expected["features"], 1e-5);
    let folded = backbone.fold(Stage::Pooled, Precision::F32).unwrap();
    let folded = folded.forward(&batch).unwrap();
    assert_close("folded features", &folded, &expected["features"], 1e-4);

    let context = Context::training(0);
    let (logits, auxiliary) = backbone.logits(&batch, Stage::Input, &context).unwrap();
    assert_close("logits", &logits, &expected["logits"], LOGITS_TOLERANCE);
    let found = expected.keys().filter(|key| key.starts_with("auxiliary"));
    assert_eq!(found.count(), auxiliary.len());
    let mut sum = logits;
    for (index, logits) in auxiliary.iter().enumerate() {
        let name = format!("auxiliary.{index}");
        assert_close(&name, logits, &expected[&name], LOGITS_TOLERANCE);
        sum = (sum + (logits * 0.3).unwrap()).unwrap();
    }

    let weights = uniform("loss", 4 * CLASSES).map(|value| value as f32);
    let weights = Tensor::from_iter(weights, &Device::Cpu).unwrap();
    let weights = weights.reshape((4, CLASSES)).unwrap();
    let loss = (sum * weights).unwrap().sum_all().unwrap();
    let gradients = backward(&loss).unwrap();
    let named: HashMap<String, Parameter> = store.named().into_iter().collect();
    let (mut compared_gradients, mut compared_buffers) = (0, 0);
    for (key, expected) in &expected {
        if let Some(name) = key.strip_prefix("gradient.") {
            let found = gradient(&gradients, &named[name], expected.elem_count());
            assert_close(key, &found, expected, gradient_tolerance(architecture));
            compared_gradients += 1;
        } else if let Some(name) = key.strip_prefix("buffer.") {
            assert_close(key, named[name].variable.as_tensor(), expected, 1e-5);
            compared_buffers += 1;
        }
    }
    assert_eq!((compared_gradients, compared_buffers), counts);
}

#[test]
fn resnet18_equals_torchvision() {
    compare(
        Architecture::ResNet18,
        Bottleneck::V1_5,
        "resnet18.safetensors",
        (10, 5),
    );
}

#[test]
fn resnet50_equals_torchvision() {
    compare(
        Architecture::ResNet50,
        Bottleneck::V1_5,
        "resnet50-v1.5.safetensors",
        (10, 5),
    );
}

#[test]
fn resnet50_v1_equals_torchvision_with_moved_strides() {
    compare(
        Architecture::ResNet50,
        Bottleneck::V1,
        "resnet50-v1.safetensors",
        (10, 5),
    );
}

/// [`compare`] for a network without variants.
fn compare_single(architecture: Architecture, counts: (usize, usize)) {
    let expected = format!("{architecture}.safetensors");
    compare(architecture, Bottleneck::V1_5, &expected, counts);
}

#[test]
fn alexnet_equals_torchvision() {
    compare_single(Architecture::AlexNet, (10, 0));
}

#[test]
fn vgg16_equals_torchvision() {
    compare_single(Architecture::Vgg16, (10, 0));
}

#[test]
fn vgg16_with_batch_norm_equals_torchvision() {
    compare_single(Architecture::Vgg16Bn, (8, 2));
}

#[test]
fn googlenet_and_its_auxiliary_classifiers_equal_torchvision() {
    compare_single(Architecture::GoogLeNet, (13, 3));
}

#[test]
fn seresnet50_equals_timm() {
    compare_single(Architecture::SeResNet50, (9, 2));
}

/// Networks of the same builders, in evaluation only.
#[test]
fn deeper_networks_equal_torchvision_and_timm() {
    let expected = fixture("inferred.safetensors");
    assert_eq!(expected.len(), 6);
    for (name, expected) in expected {
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, backbone) = backbone(name.parse().unwrap(), Bottleneck::V1_5);
        let folded = backbone.fold(Stage::Pooled, Precision::F32).unwrap();
        let batch = images(2, 64);
        let context = Context::evaluation();
        let kept = expected.dims()[1];
        let first = |features: Tensor| features.narrow(1, 0, kept).unwrap();
        let features = first(backbone.forward(&batch, &context).unwrap());
        assert_close(&name, &features, &expected, 1e-5);
        let features = first(folded.forward(&batch).unwrap());
        assert_close(&format!("folded {name}"), &features, &expected, 1e-4);
    }
}

fn shared_weights(name: &str) -> PathBuf {
    let shared = match env::var_os("ARTKG_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let path = shared.join("weights").join(name);
    assert!(path.exists(), "{} is missing", path.display());
    path
}

#[test]
#[ignore = "needs a ResNet-50 in ARTKG_SHARED"]
fn pretrained_features_equal_pytorchs() {
    let path = shared_weights("resnet50-v1-imagenet.safetensors");
    let weights = Weights::open(&path).unwrap();
    assert_eq!(weights.bottleneck().unwrap(), Some(Bottleneck::V1));
    let store = ParameterStore::new(0, &Device::Cpu);
    let (backbone, _) = load_backbone(
        &store,
        "backbone",
        "resnet50".parse().unwrap(),
        Some(&weights),
        BackboneOptions::default(),
    )
    .unwrap();
    // The request left the variant open, so the file's metadata decided.
    assert_eq!(backbone.name(), "resnet50-v1");

    let expected = &fixture("resnet50-v1-imagenet.safetensors")["features"];
    let batch = images(2, 224);
    let features = backbone.forward(&batch, &Context::evaluation()).unwrap();
    assert_close("features", &features, expected, 1e-4);
    let folded = backbone.fold(Stage::Pooled, Precision::F32).unwrap();
    assert_close("folded", &folded.forward(&batch).unwrap(), expected, 1e-4);
}

#[test]
#[ignore = "needs a DINOv2 in ARTKG_SHARED"]
fn a_pretrained_dinov2_gives_the_features_of_hugging_face() {
    let path = shared_weights("dinov2-vits14.safetensors");
    let weights = Weights::open(&path).unwrap();
    let store = ParameterStore::new(0, &Device::Cpu);
    let request = "dinov2_vits14".parse().unwrap();
    let options = BackboneOptions::default();
    let (backbone, _) = load_backbone(&store, "", request, Some(&weights), options).unwrap();
    let folded = backbone.fold(Stage::Pooled, Precision::F32).unwrap();
    let expected = fixture("transformers/dinov2-vits14.safetensors");
    for (key, count, side) in [("224.meta", 2, 224), ("518.even", 1, 518)] {
        let expected = &expected[&format!("features.{key}")];
        let batch = images(count, side);
        let features = backbone.forward(&batch, &Context::evaluation()).unwrap();
        assert_close(key, &features, expected, 1e-4);
        assert_close(key, &folded.forward(&batch).unwrap(), expected, 1e-4);
    }
}

#[test]
fn variants_differ_where_it_matters() {
    // The trap that the variant guards against: same weights, other features.
    let v1 = &fixture("resnet50-v1.safetensors")["features"];
    let v1_5 = &fixture("resnet50-v1.5.safetensors")["features"];
    assert!(relative_difference(v1, v1_5) > 0.05);
}
