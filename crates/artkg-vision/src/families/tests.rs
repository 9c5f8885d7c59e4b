//! Small transformers and ConvNeXts against the code of those who published them, on
//! weights under their names (`tests/fixtures/make_transformers.py`).

use std::collections::HashMap;
use std::path::Path;

use artkg_nn::{
    Context, DType, Device, ParameterStore, Precision, Resampling, Role, Tensor, backward,
    load_tensors, recorded,
};

use super::{convnext, vision_transformer};
use crate::architecture::{Architecture, ConvNextSizes};
use crate::backbone_options::BackboneOptions;
use crate::network::{Network, TrainablePass, TrainableUnit};
use crate::stage::Stage;
use crate::transformer_sizes::{Gating, TransformerSizes};
use crate::weights::rename;

type Tensors = HashMap<String, Tensor>;

/// The tensors of a fixture below `kind/`, without it.
fn below(fixture: &Tensors, kind: &str) -> Tensors {
    let own = |(name, tensor): (&String, &Tensor)| {
        Some((name.strip_prefix(kind)?.to_owned(), tensor.clone()))
    };
    fixture.iter().filter_map(own).collect()
}

fn fixture(name: &str) -> Tensors {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/transformers");
    load_tensors(&folder.join(format!("{name}.safetensors")))
        .unwrap()
        .0
}

fn values(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.to_dtype(DType::F32).unwrap();
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn assert_close(what: &str, found: &Tensor, expected: &Tensor, tolerance: f32) {
    assert_eq!(found.dims(), expected.dims(), "{what}");
    let (found, expected) = (values(found), values(expected));
    let scale = expected
        .iter()
        .fold(0f32, |max, value| max.max(value.abs()));
    for (found, expected) in found.iter().zip(&expected) {
        let difference = (found - expected).abs() / scale;
        assert!(difference < tolerance, "{what}: {found}, not {expected}");
    }
}

/// What `name` holds, with the weights in a network of `stages`.
struct Small {
    store: ParameterStore,
    network: Network<TrainableUnit>,
    fixture: Tensors,
}

impl Small {
    fn transformer(name: &str, sizes: &TransformerSizes) -> Self {
        Self::load(name, |store| {
            let options = BackboneOptions {
                // Nothing is left out in evaluation.
                stochastic_depth: Some(0.5),
                ..BackboneOptions::default()
            };
            let stages = vision_transformer::stages(&store.root(), sizes, options).unwrap();
            Network::new(Architecture::DinoV2Small, stages)
        })
    }

    fn convnext(name: &str) -> Self {
        Self::load(name, |store| {
            let sizes = ConvNextSizes {
                widths: [4, 8, 12, 16],
                depths: [1, 1, 2, 1],
            };
            let options = BackboneOptions::default();
            let stages = convnext::stages(&store.root(), sizes, options).unwrap();
            Network::new(Architecture::ConvNextTiny, stages)
        })
    }

    fn load(name: &str, create: impl FnOnce(&ParameterStore) -> Network<TrainableUnit>) -> Self {
        let fixture = fixture(name);
        let store = ParameterStore::blank(&Device::Cpu);
        let network = create(&store);
        let unused = store
            .load(&rename(below(&fixture, "weights/")).unwrap())
            .unwrap();
        // Of networks with a classifier.
        let is_classifier = |name: &String| name.starts_with("head.");
        assert!(unused.iter().all(is_classifier), "{name}: {unused:?}");
        Self {
            store,
            network,
            fixture,
        }
    }

    /// Compares features, trainable and folded, at every size of the fixture.
    fn compare(&self, name: &str) {
        let folded = self
            .network
            .map(Stage::Pooled, |unit| unit.fold(Precision::F32))
            .unwrap();
        let sizes = below(&self.fixture, "images/");
        assert!(!sizes.is_empty());
        for (size, images) in sizes {
            let what = format!("{name} at {size}");
            let expected = &self.fixture[&format!("features/{size}")];
            let context = Context::evaluation();
            for detached in [false, true] {
                let pass = TrainablePass {
                    context: &context,
                    detached,
                    taps: None,
                };
                let run = self.network.run(&images, Stage::Input, Stage::Pooled, pass);
                let found = run.unwrap();
                assert_close(&what, &found, expected, 2e-5);
                let shape = (images.dim(1).unwrap(), images.dim(2).unwrap());
                let (layers, traced) = self.network.trace(Stage::Pooled, shape).unwrap();
                assert_eq!(traced, found.dims()[1..]);
                let parameters: usize = layers.iter().map(|layer| layer.parameters).sum();
                assert_eq!(parameters, self.store.parameter_count());
            }
            let run = folded.run(&images, Stage::Input, Stage::Pooled, ());
            assert_close(&what, &run.unwrap(), expected, 2e-5);
        }
        for (name, _) in self.store.named() {
            assert!(self.network.stage_of_parameter(&name).is_some(), "{name}");
        }
    }

    /// Compares the gradients of a training step at `size`.
    fn compare_gradients(&self, size: &str) {
        let images = &self.fixture[&format!("images/{size}")];
        let context = Context::evaluation();
        let pass = TrainablePass {
            context: &context,
            detached: false,
            taps: None,
        };
        let features = recorded(images, |images| {
            self.network.run(images, Stage::Input, Stage::Pooled, pass)
        });
        let features = features.unwrap();
        let weights = (0..features.elem_count()).map(|index| (index as f64).cos() as f32);
        let weights = Tensor::from_iter(weights, &Device::Cpu).unwrap();
        let weights = weights.reshape(features.shape()).unwrap();
        let loss = (features * weights).unwrap().sum_all().unwrap();
        let gradients = backward(&loss).unwrap();
        let expected = rename(below(&self.fixture, "gradient/")).unwrap();
        let named = self.store.named();
        assert_eq!(named.len(), expected.len());
        for (name, parameter) in named {
            let gradient = gradients.get(&parameter.variable).unwrap();
            let gradient = match parameter.role {
                Role::Filter { kernel } => {
                    let (rows, outputs) = gradient.dims2().unwrap();
                    let inputs = rows / (kernel.0 * kernel.1);
                    let gradient = gradient.reshape((kernel.0, kernel.1, inputs, outputs));
                    gradient.unwrap().permute((3, 2, 0, 1)).unwrap()
                }
                _ => gradient.clone(),
            };
            assert_close(&name, &gradient, &expected[&name], 1e-4);
        }
    }
}

/// The fixtures' sizes in a family of width 32 and depth 2.
fn small(sizes: TransformerSizes, hidden: usize) -> TransformerSizes {
    TransformerSizes {
        heads: 2,
        hidden,
        patch: 4,
        side: 4,
        ..sizes
    }
}

#[test]
fn dinov2_equals_hugging_face_with_metas_positions() {
    let sizes = small(TransformerSizes::dinov2(32, 2, 0), 64);
    let network = Small::transformer("dinov2-huggingface", &sizes);
    network.compare("dinov2");
    network.compare_gradients("24x12");
    Small::transformer("dinov2-meta", &sizes).compare("Meta's names");
}

#[test]
fn dinov2_with_registers_equals_hugging_face_and_timm() {
    let gated = small(TransformerSizes::gated_dinov2(32, 2, 4), 88);
    assert_eq!(TransformerSizes::gated_dinov2(32, 2, 4).hidden, 88);
    for name in ["dinov2-registers-huggingface", "dinov2-registers-in-memory"] {
        Small::transformer(name, &gated).compare(name);
    }
    let plain = small(TransformerSizes::dinov2(32, 2, 4), 64);
    assert_eq!(plain.resampling, Resampling::Antialiased);
    Small::transformer("dinov2-registers-timm", &plain).compare("timm");
}

#[test]
fn clip_equals_hugging_face_and_openclip() {
    let openai = small(TransformerSizes::clip(32, 2, 4, Gating::QuickGelu), 64);
    for name in ["clip-huggingface", "clip-huggingface-tower"] {
        Small::transformer(name, &openai).compare(name);
    }
    let open = small(TransformerSizes::clip(32, 2, 4, Gating::Gelu), 64);
    Small::transformer("clip-openclip", &open).compare("OpenCLIP");
}

#[test]
fn siglip_equals_hugging_face_timm_and_openclip() {
    let sizes = small(TransformerSizes::siglip(32, 2, 64), 64);
    for name in ["siglip-huggingface", "siglip-timm", "siglip-openclip"] {
        Small::transformer(name, &sizes).compare(name);
    }
}

#[test]
fn convnext_equals_torchvision_hugging_face_timm_and_meta() {
    let network = Small::convnext("convnext-torchvision");
    network.compare("torchvision");
    network.compare_gradients("96x40");
    for name in ["convnext-huggingface", "convnext-timm", "convnext-meta"] {
        Small::convnext(name).compare(name);
    }
}

#[test]
fn networks_are_told_apart_by_names_and_shapes() {
    for architecture in Architecture::ALL {
        let store = ParameterStore::blank(&Device::Cpu);
        let options = BackboneOptions::default();
        let (root, bottleneck) = (store.root(), crate::Bottleneck::V1_5);
        super::create_backbone(&root, architecture, bottleneck, options).unwrap();
        let shapes: HashMap<String, Vec<usize>> = store
            .named()
            .into_iter()
            .map(|(name, parameter)| (name, parameter.file_shape()))
            .collect();
        let guess = Architecture::guess(|name| shapes.get(name).map(Vec::as_slice));
        let expected = match architecture.name() {
            // The same tensors.
            "openclip_vitb32" => "clip_vitb32",
            "openclip_vitb16" => "clip_vitb16",
            "openclip_vitl14" => "clip_vitl14",
            "siglip2_base" => "siglip_base",
            "siglip2_large" => "siglip_large",
            name => name,
        };
        assert_eq!(guess.map(Architecture::name), Some(expected));
    }
}

#[test]
fn positions_keep_the_grid_of_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = ParameterStore::blank(&Device::Cpu);
    let options = BackboneOptions {
        positions: Some(5),
        ..BackboneOptions::default()
    };
    let (architecture, bottleneck) = (Architecture::DinoV2Small, crate::Bottleneck::V1_5);
    super::create_backbone(&store.root(), architecture, bottleneck, options).unwrap();
    let path = folder.path().join("own.safetensors");
    artkg_nn::save_tensors(&path, &store.export().unwrap(), &[].into()).unwrap();
    let weights = crate::Weights::open(&path).unwrap();
    let store = ParameterStore::blank(&Device::Cpu);
    let options = BackboneOptions::default();
    let loaded = crate::load_backbone(&store, "", architecture.into(), Some(&weights), options);
    let (backbone, _) = loaded.unwrap();
    assert_eq!(store.export().unwrap()["pos_embed"].dims(), [1, 25, 384]);
    let shape = |stage, side| backbone.boundary_shape(stage, (side, side));
    assert_eq!(shape(Stage::Blocks(8), 224).unwrap(), [257, 384]);
    assert_eq!(shape(Stage::Pooled, 224).unwrap(), [768]);
    let message = shape(Stage::Stem, 200).unwrap_err().to_string();
    assert!(
        message.contains("multiples of the patch, 14 pixels"),
        "{message}"
    );
}
