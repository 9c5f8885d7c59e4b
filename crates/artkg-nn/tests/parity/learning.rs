//! Parity of layers, losses, dense nets and optimisers with PyTorch;
//! `make_learning_fixtures.py` writes the file.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use artkg_nn::{
    Activation, AdaGrad, AdaGradConfig, Adam, AdamConfig, Context, CrossEntropy, DType, DenseNet,
    DenseNetConfig, Device, Initialisation, Module, Optimiser, ParameterGroup, ParameterStore,
    RmsProp, RmsPropConfig, Role, Sgd, SgdConfig, Star, Tensor, Var, backward, cosine_margin_loss,
    cosine_similarity, layer_norm, linear, load_tensors, normalise_rows, smooth_l1, star_marginals,
};
use serde_json::Value;

use crate::common::{assert_close, fixture, on_tape, values};

const TOLERANCE: f32 = 3e-6;

fn load() -> (HashMap<String, Tensor>, BTreeMap<String, String>) {
    load_tensors(&fixture("learning.safetensors")).unwrap()
}

/// The setting `key` as any type.
fn setting<T: serde::de::DeserializeOwned>(settings: &Value, key: &str) -> T {
    serde_json::from_value(settings[key].clone()).unwrap()
}

/// The largest magnitude in a tensor.
fn largest(tensor: &Tensor) -> f32 {
    values(tensor).iter().fold(0.0, |a, b| a.max(b.abs()))
}

fn compute(settings: &Value, leaves: &HashMap<String, Var>) -> Tensor {
    match settings["kind"].as_str().unwrap() {
        "linear" => linear(&leaves["input"], &leaves["weight"], &leaves["bias"]),
        "layer norm" => layer_norm(&leaves["input"], &leaves["weight"], &leaves["bias"], 1e-5),
        "activation" => setting::<Activation>(settings, "activation").apply(&leaves["input"]),
        "cross entropy" => cross_entropy(settings)
            .loss(&leaves["logits"], &setting::<Vec<u32>>(settings, "targets")),
        "smooth L1" => smooth_l1(
            &leaves["prediction"],
            &leaves["target"],
            setting::<Option<Vec<bool>>>(settings, "rows").as_deref(),
            setting(settings, "delta"),
        ),
        "cosine margin loss" => cosine_margin_loss(
            &leaves["left"],
            &leaves["right"],
            &setting::<Vec<bool>>(settings, "matches"),
            setting(settings, "margin"),
        ),
        "normalise rows" => normalise_rows(&leaves["input"]),
        "cosine similarity" => {
            let references = setting::<Vec<Vec<f32>>>(settings, "references");
            let references = Tensor::new(references, &Device::Cpu).unwrap();
            cosine_similarity(&leaves["input"], &references)
        }
        "star marginals" => {
            let [start, end] = setting::<[usize; 2]>(settings, "centre");
            let leaves_of_star = setting::<Vec<[usize; 2]>>(settings, "leaves")
                .into_iter()
                .zip(setting::<Vec<Vec<f32>>>(settings, "factors"))
                .map(|([start, end], factors)| (start..end, factors));
            let star = Star::new(start..end, leaves_of_star.collect()).unwrap();
            star_marginals(&leaves["logits"], &Arc::new(star))
        }
        kind => panic!("unknown kind {kind}"),
    }
    .unwrap()
}

/// The loss with the settings that a case has.
fn cross_entropy(settings: &Value) -> CrossEntropy {
    let vector = |key: &str| setting::<Option<Vec<f32>>>(settings, key).map(Arc::from);
    CrossEntropy {
        label_smoothing: setting::<Option<f32>>(settings, "smoothing").unwrap_or(0.0),
        focus: setting::<Option<f32>>(settings, "focus").unwrap_or(0.0),
        class_weights: vector("class_weights"),
        adjustment: vector("adjustment"),
    }
}

/// The output of a dense net with the parameters among `leaves`, which become
/// the net's own variables.
fn compute_net(settings: &Value, leaves: &mut HashMap<String, Var>) -> Tensor {
    let store = ParameterStore::new(0, &Device::Cpu);
    let config: DenseNetConfig = setting(settings, "config");
    let net = DenseNet::new(&store.root(), leaves["input"].dims()[1], &config).unwrap();
    let mut given: HashMap<String, Tensor> = leaves
        .iter()
        .map(|(name, leaf)| (name.clone(), leaf.as_detached_tensor()))
        .collect();
    for (name, parameter) in store.named() {
        if parameter.role == Role::Buffer {
            given.insert(name, parameter.variable.as_detached_tensor());
        }
    }
    assert_eq!(store.load(&given).unwrap(), ["input"]);
    for (name, parameter) in store.trainable() {
        leaves.insert(name, parameter.variable);
    }
    net.forward(&leaves["input"], &Context::training(0))
        .unwrap()
}

#[test]
fn values_and_gradients_are_pytorchs() {
    let (tensors, metadata) = load();
    let cases: Vec<Value> = serde_json::from_str(&metadata["cases"]).unwrap();
    assert_eq!(cases.len(), 35);
    for settings in &cases {
        let name = settings["name"].as_str().unwrap();
        let tensor = |key: &str| &tensors[&format!("{name}/{key}")];
        let mut leaves: HashMap<String, Var> = setting::<Vec<String>>(settings, "arguments")
            .into_iter()
            .map(|key| {
                (
                    key.clone(),
                    Var::from_tensor(&tensor(&key).copy().unwrap()).unwrap(),
                )
            })
            .collect();
        let (output, tolerance) = if settings["kind"] == "net" {
            // The library reshapes inside of nets: they are not recorded.
            (compute_net(settings, &mut leaves), 1e-5)
        } else {
            let (_, first) = leaves.iter().next().unwrap();
            (on_tape(first, || compute(settings, &leaves)), TOLERANCE)
        };
        assert_close(name, &output, tensor("output"), tolerance);
        let projected = (&output * tensor("gradient")).unwrap().sum_all().unwrap();
        let gradients = backward(&projected).unwrap();
        for (key, leaf) in &leaves {
            let what = format!("{name} {key}");
            let gradient = gradients
                .get(leaf)
                .unwrap_or_else(|| panic!("{what}: no gradient"));
            let expected = tensor(&format!("{key}.gradient"));
            if largest(expected) < 1e-5 {
                // A bias before batch norm changes nothing: both are rounding.
                assert!(largest(gradient) < 1e-5, "{what}: {gradient}");
            } else {
                assert_close(&what, gradient, expected, tolerance);
            }
        }
    }
}

/// The optimiser that PyTorch calls `kind`, with PyTorch's defaults, unless
/// `decoupled` gives a weight decay of that kind.
fn optimiser(
    kind: &str,
    settings: &Value,
    decoupled: Option<f64>,
    groups: Vec<ParameterGroup>,
) -> Box<dyn Optimiser> {
    let number = |key: &str, default: f64| settings[key].as_f64().unwrap_or(default);
    let learning_rate = number("lr", f64::NAN);
    let momentum = number("momentum", 0.0);
    let weight_decay = decoupled.unwrap_or(number("weight_decay", 0.0));
    let decoupled_weight_decay = decoupled.is_some() || kind == "adamw";
    match kind {
        "sgd" => {
            let config = SgdConfig {
                learning_rate,
                momentum,
                nesterov: settings["nesterov"].as_bool().unwrap_or(false),
                weight_decay,
                decoupled_weight_decay,
            };
            Box::new(Sgd::new(groups, config).unwrap())
        }
        "adam" | "adamw" => {
            let config = AdamConfig {
                learning_rate,
                beta1: settings["betas"][0].as_f64().unwrap_or(0.9),
                beta2: settings["betas"][1].as_f64().unwrap_or(0.999),
                epsilon: number("eps", 1e-8),
                weight_decay,
                decoupled_weight_decay,
            };
            Box::new(Adam::new(groups, config).unwrap())
        }
        "rmsprop" => {
            let config = RmsPropConfig {
                learning_rate,
                alpha: number("alpha", 0.99),
                epsilon: number("eps", 1e-8),
                momentum,
                weight_decay,
                decoupled_weight_decay,
            };
            Box::new(RmsProp::new(groups, config).unwrap())
        }
        "adagrad" => {
            let config = AdaGradConfig {
                learning_rate,
                epsilon: number("eps", 1e-10),
                weight_decay,
                decoupled_weight_decay,
            };
            Box::new(AdaGrad::new(groups, config).unwrap())
        }
        kind => panic!("unknown optimiser {kind}"),
    }
}

/// A parameter of its own for each of `groups`, with the fixture's start.
fn parameter_groups(
    store: &ParameterStore,
    groups: &[Value],
    start: &Tensor,
) -> Vec<ParameterGroup> {
    let group = |(index, group): (usize, &Value)| {
        let name = format!("p{index}");
        let parameter = store
            .root()
            .parameter(&name, &[4, 3], Initialisation::Zeros, Role::Weight)
            .unwrap();
        parameter.set(&start.get(index).unwrap()).unwrap();
        let mut members = store.trainable();
        members.retain(|(member, _)| *member == name);
        let built =
            ParameterGroup::new(name, members).with_learning_rate_scale(setting(group, "scale"));
        match group["weight_decay"].as_f64() {
            Some(decay) => built.with_weight_decay(decay),
            None => built,
        }
    };
    groups.iter().enumerate().map(group).collect()
}

#[test]
fn optimisers_follow_pytorchs() {
    let (tensors, metadata) = load();
    let described: Value = serde_json::from_str(&metadata["optimisers"]).unwrap();
    let variants: Vec<Value> = setting(&described, "variants");
    assert_eq!(variants.len(), 26);
    let noted: Vec<usize> = setting(&described, "noted");
    let rate_change: usize = setting(&described, "rate_change");
    let steps = &tensors["optimiser/gradients"];
    assert_eq!(steps.dims()[0], 50);
    for (index, variant) in variants.iter().enumerate() {
        let store = ParameterStore::new(0, &Device::Cpu);
        let groups: Vec<Value> = setting(variant, "groups");
        let groups = parameter_groups(&store, &groups, &tensors["optimiser/start"]);
        let kind = variant["kind"].as_str().unwrap();
        let decoupled = variant["decoupled"].as_f64();
        let mut optimiser = optimiser(kind, &variant["settings"], decoupled, groups);
        for step in 1..=steps.dims()[0] {
            let gradient = steps.get(step - 1).unwrap();
            let mut loss = Tensor::zeros((), DType::F32, &Device::Cpu).unwrap();
            for (_, parameter) in store.named() {
                let product = (parameter.variable.as_tensor() * &gradient).unwrap();
                loss = (loss + product.sum_all().unwrap()).unwrap();
            }
            optimiser.step(&loss.backward().unwrap()).unwrap();
            if step == rate_change {
                optimiser.set_learning_rate(optimiser.learning_rate() / 2.0);
            }
            if let Some(position) = noted.iter().position(|noted| *noted == step) {
                let expected = tensors[&format!("optimiser/{index}")]
                    .get(position)
                    .unwrap();
                for (place, (name, parameter)) in store.named().iter().enumerate() {
                    let what = format!("{variant} {name} after step {step}");
                    let expected = expected.get(place).unwrap();
                    assert_close(&what, &parameter.variable, &expected, TOLERANCE);
                }
            }
        }
    }
}
