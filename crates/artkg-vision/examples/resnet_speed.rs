//! Times ResNet-50 on one case and prints one JSON line; `benchmarks/resnet/run.py`
//! runs it beside PyTorch on the same weights and inputs.
//!
//! `resnet_speed inference|training --weights FILE --inputs FILE --outputs FILE
//! --batch N --repeats N`; RAYON_NUM_THREADS sets the number of threads.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use artkg_nn::{
    Context, Device, Module, Optimiser, ParameterGroup, ParameterStore, Precision, Sgd, SgdConfig,
    Tensor, backward, cross_entropy, load_tensors, save_tensors,
};
use artkg_vision::{Backbone, BackboneOptions, Stage, Weights, load_backbone};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    artkg_nn::keep_freed_memory();
    let mut arguments = std::env::args().skip(1);
    let case = arguments.next().ok_or("a case is missing")?;
    let mut options = HashMap::new();
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(format!("{name} has no value"))?;
        options.insert(name, value);
    }
    let option = |name: &str| options.get(name).ok_or(format!("{name} is missing"));
    let batch: usize = option("--batch")?.parse()?;
    let precision: Precision = options
        .get("--precision")
        .map_or("f32", String::as_str)
        .parse()?;
    let repeats: usize = option("--repeats")?.parse()?;

    let (inputs, _) = load_tensors(Path::new(option("--inputs")?))?;
    let images = inputs["images"].narrow(0, 0, batch)?;
    let targets = inputs["targets"].narrow(0, 0, batch)?.to_vec1::<u32>()?;
    let weights = Weights::open(Path::new(option("--weights")?))?;
    let store = ParameterStore::new(0, &Device::Cpu);
    let classes = BackboneOptions {
        classes: Some(1000),
        ..BackboneOptions::default()
    };
    let (backbone, report) =
        load_backbone(&store, "", "resnet50-v1".parse()?, Some(&weights), classes)?;
    if !report.classifier {
        return Err("the weights lack the 1000-class classifier".into());
    }
    drop(weights);

    let (result, seconds) = match case.as_str() {
        "inference" => {
            let folded = backbone.fold(Stage::Pooled, precision)?;
            let (mut outputs, seconds) = time(repeats, || Ok(folded.forward(&images)?))?;
            (outputs.swap_remove(0), seconds)
        }
        "training" => {
            let mut trainer = Trainer::new(&store, backbone)?;
            let (losses, seconds) = time(repeats, || trainer.step(&images, &targets))?;
            (Tensor::cat(&losses, 0)?, seconds)
        }
        _ => return Err(format!("the case is inference or training, not {case}").into()),
    };
    let outputs = HashMap::from([("result".to_owned(), result)]);
    save_tensors(Path::new(option("--outputs")?), &outputs, &BTreeMap::new())?;
    let version = concat!("artkg ", env!("CARGO_PKG_VERSION"));
    let peak = peak_mib();
    println!(r#"{{"version": "{version}", "seconds": {seconds:?}, "peak_mib": {peak}}}"#);
    Ok(())
}

/// Runs `pass` once to warm up and then `repeats` times under the clock.
fn time(
    repeats: usize,
    mut pass: impl FnMut() -> Outcome<Tensor>,
) -> Outcome<(Vec<Tensor>, Vec<f64>)> {
    let mut outputs = vec![pass()?];
    let mut seconds = Vec::with_capacity(repeats);
    for _ in 0..repeats {
        let start = Instant::now();
        outputs.push(pass()?);
        seconds.push(start.elapsed().as_secs_f64());
    }
    Ok((outputs, seconds))
}

struct Trainer {
    backbone: Box<dyn Backbone>,
    optimiser: Sgd,
}

impl Trainer {
    fn new(store: &ParameterStore, backbone: Box<dyn Backbone>) -> Outcome<Self> {
        let config = SgdConfig {
            learning_rate: 1e-3,
            momentum: 0.9,
            nesterov: false,
            weight_decay: 0.0,
        };
        let group = ParameterGroup::new("all", store.trainable());
        let optimiser = Sgd::new(vec![group], config)?;
        Ok(Self {
            backbone,
            optimiser,
        })
    }

    /// One step; returns the loss before it, as `[1]`.
    fn step(&mut self, images: &Tensor, targets: &[u32]) -> Outcome<Tensor> {
        let context = Context::training(0);
        let features = self.backbone.forward(images, &context)?;
        let classifier = self.backbone.classifier().ok_or("no classifier")?;
        let logits = classifier.forward(&features, &context)?;
        let loss = cross_entropy(&logits, targets, 0.0)?;
        let gradients = backward(&loss)?;
        artkg_nn::on_workers(|| self.optimiser.step(&gradients))?;
        Ok(loss.detach().reshape(1)?)
    }
}

/// The largest resident memory so far, in MiB; 0 where the system doesn't say.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|value| {
            value
                .trim()
                .trim_end_matches("kB")
                .trim()
                .parse::<f64>()
                .ok()
        })
        .map_or(0.0, |kib| kib / 1024.0)
}
