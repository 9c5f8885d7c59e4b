//! Times a backbone with its 1000-class classifier for `benchmarks/run.py`, which runs it
//! beside other engines on the same weights and images.
//!
//! `network_speed --backbone NAME --mode inference|training --precision f32 --batch N
//! --weights FILE --inputs FILE --outputs FILE`; RAYON_NUM_THREADS sets the number of
//! threads. The outputs are the logits of the first pass, or the losses of the first
//! three training steps.

#[path = "../../../benchmarks/turns.rs"]
mod turns;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use artkg_nn::{
    Context, Device, Linear, Module, Optimiser, ParameterGroup, ParameterStore, Precision, Sgd,
    SgdConfig, Tensor, backward, cross_entropy, load_tensors, save_tensors,
};
use artkg_vision::{
    Backbone, BackboneOptions, BackboneRequest, InferenceBackbone, Stage, Weights, load_backbone,
};
use turns::{Options, Outcome, serve};

/// How many losses are compared: rounding grows from step to step.
const COMPARED_STEPS: usize = 3;

fn main() -> Outcome<()> {
    artkg_nn::keep_freed_memory();
    let options = Options::read()?;
    let batch = options.count("batch")?;
    let (inputs, _) = load_tensors(Path::new(options.get("inputs")?))?;
    let images = inputs["images"].narrow(0, 0, batch)?.copy()?;
    let targets = inputs["targets"].narrow(0, 0, batch)?.to_vec1::<u32>()?;
    drop(inputs);

    let store = ParameterStore::new(0, &Device::Cpu);
    let backbone = load(&store, &options)?;
    let mut results = Vec::new();
    match options.get("mode")? {
        "inference" => {
            let network = Inference::new(backbone, options.get("precision")?)?;
            // What inference needs was folded; the parameters are not needed any more.
            drop(store);
            serve(|| {
                let logits = network.forward(&images)?;
                if results.is_empty() {
                    results.push(logits);
                }
                Ok(())
            })?;
        }
        "training" => {
            let mut trainer = Trainer::new(&store, backbone)?;
            serve(|| {
                let loss = trainer.step(&images, &targets)?;
                if results.len() < COMPARED_STEPS {
                    results.push(loss);
                }
                Ok(())
            })?;
        }
        mode => return Err(format!("the mode is inference or training, not {mode}").into()),
    }
    let outputs = HashMap::from([("result".to_owned(), Tensor::cat(&results, 0)?)]);
    let path = Path::new(options.get("outputs")?);
    save_tensors(path, &outputs, &BTreeMap::new())?;
    Ok(())
}

fn load(store: &ParameterStore, options: &Options) -> Outcome<Backbone> {
    let request: BackboneRequest = options.get("backbone")?.parse()?;
    let weights = Weights::open(Path::new(options.get("weights")?))?;
    let classes = BackboneOptions {
        classes: Some(1000),
        // Random zeros would make the losses incomparable.
        dropout: Some(0.0),
        ..BackboneOptions::default()
    };
    let (backbone, report) = load_backbone(store, "", request, Some(&weights), classes)?;
    if !report.classifier {
        return Err("the weights lack the 1000-class classifier".into());
    }
    Ok(backbone)
}

/// A folded backbone and its classifier.
struct Inference {
    backbone: InferenceBackbone,
    classifier: Linear,
}

impl Inference {
    fn new(backbone: Backbone, precision: &str) -> Outcome<Self> {
        let precision: Precision = precision.parse()?;
        if !precision.is_supported() {
            return Err(format!("this processor has no {precision} products").into());
        }
        let classifier = backbone.classifier().ok_or("no classifier")?.clone();
        Ok(Self {
            backbone: backbone.fold(Stage::Pooled, precision)?,
            classifier,
        })
    }

    fn forward(&self, images: &Tensor) -> Outcome<Tensor> {
        let features = self.backbone.forward(images)?;
        let logits = self.classifier.forward(&features, &Context::evaluation())?;
        Ok(logits.detach())
    }
}

/// A backbone in training with the paper's optimiser.
struct Trainer {
    backbone: Backbone,
    optimiser: Sgd,
}

impl Trainer {
    fn new(store: &ParameterStore, backbone: Backbone) -> Outcome<Self> {
        let group = ParameterGroup::new("all", store.trainable());
        Ok(Self {
            backbone,
            optimiser: Sgd::new(vec![group], SgdConfig::default())?,
        })
    }

    /// One step; returns the loss before it, as `[1]`.
    fn step(&mut self, images: &Tensor, targets: &[u32]) -> Outcome<Tensor> {
        let context = Context::training(0);
        let features = self.backbone.forward(images, &context)?;
        let classifier = self.backbone.classifier().ok_or("no classifier")?;
        let logits = classifier.forward(&features, &context)?;
        let loss = cross_entropy(&logits, targets, 0.0)?;
        self.optimiser.step(&backward(&loss)?)?;
        Ok(loss.detach().reshape(1)?)
    }
}
