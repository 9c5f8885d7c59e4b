//! What a network costs: counted, and measured on this machine.

use std::time::{Duration, Instant};

use artkg_nn::profile::{self, Call, Passes};
use artkg_nn::{Context, Device, ParameterStore, Precision, Tensor};
use serde::Serialize;

use crate::backbone::Backbone;
use crate::backbone_options::BackboneOptions;
use crate::error::{Error, Result};
use crate::families::create_backbone;
use crate::inference_backbone::InferenceBackbone;
use crate::network::layer::Layer;
use crate::network::{Finish, FoldedUnit, Unit};
use crate::published::Published;
use crate::request::BackboneRequest;
use crate::stage::Stage;

/// The classes of ImageNet, which published counts include.
const CLASSES: usize = 1000;

/// An architecture in figures, with its classifier of 1000 classes.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The name.
    pub name: String,
    /// Layers with weights on the longest way from image to class; for transformers and
    /// ConvNeXts blocks, and the classifier.
    pub depth: usize,
    /// Trained values, auxiliary classifiers left out.
    pub parameters: usize,
    /// Multiplications with an addition for one image of convolutions and linear
    /// layers; an operation each, these are twice as many FLOPs.
    pub multiply_adds: u64,
    /// The width of the pooled features.
    pub features: usize,
    /// The boundaries that can be frozen up to.
    pub stages: Vec<Stage>,
    /// Its error on ImageNet, where it was trained to tell its classes.
    pub published: Option<Published>,
    /// Each layer, in order.
    pub layers: Vec<Layer>,
}

impl Summary {
    /// Counts a network for square images of `side` pixels; it is put together on `device`.
    ///
    /// # Errors
    /// [`Error::ImageSize`] when the images are too small for it.
    pub fn new(request: BackboneRequest, side: usize, device: &Device) -> Result<Self> {
        let store = ParameterStore::blank(device);
        let network = create(&store, request)?;
        let layers = network.layers((side, side))?;
        let architecture = request.architecture;
        Ok(Self {
            name: network.name(),
            depth: network.depth(),
            parameters: layers.iter().map(|layer| layer.parameters).sum(),
            multiply_adds: layers.iter().map(|layer| layer.multiply_adds).sum(),
            features: network.features(),
            stages: architecture.stages().to_vec(),
            published: architecture.published(network.bottleneck()),
            layers,
        })
    }
}

/// Measures inference on random square images on `device`: images a second, from passes
/// for at least `time` after one to warm up.
///
/// # Errors
/// [`Error::ImageSize`] when the images are too small for the network.
pub fn images_per_second(
    request: BackboneRequest,
    side: usize,
    batch: usize,
    precision: Precision,
    time: Duration,
    device: &Device,
) -> Result<f64> {
    let store = ParameterStore::new(0, device);
    let network = create(&store, request)?;
    let inference = Inference::new(&network, precision)?;
    let images = images(batch, side, device)?;
    inference.run(&images)?;
    let (start, mut passes) = (Instant::now(), 0);
    while passes == 0 || start.elapsed() < time {
        inference.run(&images)?;
        passes += 1;
    }
    Ok((passes * batch) as f64 / start.elapsed().as_secs_f64())
}

/// The time of each layer on random square images on `device`, the mean of `repeats` passes
/// after one to warm up.
///
/// [`Passes::Forward`] measures the inference form; with
/// [`Passes::ForwardAndBackward`] each layer trains by itself on the values that
/// the layers before it give.
///
/// # Errors
/// [`Error::ImageSize`] when the images are too small for the network.
pub fn profile(
    request: BackboneRequest,
    side: usize,
    batch: usize,
    repeats: usize,
    precision: Precision,
    passes: Passes,
    device: &Device,
) -> Result<Vec<Call>> {
    let store = ParameterStore::new(0, device);
    let network = create(&store, request)?;
    let inference = match passes {
        Passes::Forward => Some(Inference::new(&network, precision)?),
        Passes::ForwardAndBackward => None,
    };
    let images = images(batch, side, device)?;
    let run = || match &inference {
        Some(inference) => inference.run(&images),
        None => Ok(network
            .logits(&images, Stage::Input, &Context::training(0))?
            .0),
    };
    run()?;
    let mut total: Vec<Call> = Vec::new();
    for _ in 0..repeats.max(1) {
        let (output, calls) = profile::record(passes, run);
        output?;
        if total.is_empty() {
            total = calls;
            continue;
        }
        for (sum, call) in total.iter_mut().zip(calls) {
            sum.forward += call.forward;
            sum.backward = sum.backward.zip(call.backward).map(|(a, b)| a + b);
        }
    }
    let divisor = repeats.max(1) as u32;
    for call in &mut total {
        call.forward /= divisor;
        call.backward = call.backward.map(|backward| backward / divisor);
    }
    Ok(total)
}

/// A network folded for inference, with its classifier.
struct Inference {
    features: InferenceBackbone,
    classifier: FoldedUnit,
}

impl Inference {
    fn new(network: &Backbone, precision: Precision) -> Result<Self> {
        let classifier = network.classifier.as_ref();
        Ok(Self {
            features: network.fold(Stage::Pooled, precision)?,
            classifier: classifier
                .ok_or(Error::NoClassifier(network.architecture.name()))?
                .fold(precision)?,
        })
    }

    fn run(&self, images: &Tensor) -> Result<Tensor> {
        let features = self.features.forward(images)?;
        self.classifier.forward(&features, Finish::None, ())
    }
}

fn create(store: &ParameterStore, request: BackboneRequest) -> Result<Backbone> {
    let options = BackboneOptions {
        classes: Some(CLASSES),
        ..BackboneOptions::default()
    };
    let bottleneck = request.bottleneck.unwrap_or_default();
    create_backbone(&store.root(), request.architecture, bottleneck, options)
}

/// Images of noise.
fn images(batch: usize, side: usize, device: &Device) -> Result<Tensor> {
    if batch == 0 {
        return Err(Error::EmptyBatch);
    }
    Ok(Tensor::randn(0f32, 1.0, (batch, side, side, 3), device)?)
}
