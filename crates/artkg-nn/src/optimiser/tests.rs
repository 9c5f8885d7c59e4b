use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};

use super::{
    AdaGrad, AdaGradConfig, Adam, AdamConfig, Optimiser, ParameterGroup, RmsProp, RmsPropConfig,
    Sgd, SgdConfig,
};
use crate::gradients::Gradients;
use crate::initialisation::Initialisation;
use crate::losses::cross_entropy;
use crate::parameters::{Parameter, ParameterStore, Role, Scope};

fn store() -> ParameterStore {
    let store = ParameterStore::new(1, &Device::Cpu);
    let create = |scope: Scope, name, role| {
        let normal = Initialisation::Normal { deviation: 1.0 };
        scope.parameter(name, &[3], normal, role).unwrap();
    };
    create(store.root(), "weight", Role::Weight);
    create(store.root(), "bias", Role::Bias);
    create(store.root(), "norm", Role::Normalisation);
    create(store.root(), "running_mean", Role::Buffer);
    store
}

fn all(store: &ParameterStore) -> Vec<ParameterGroup> {
    vec![ParameterGroup::new("all", store.named())]
}

/// The values of a parameter.
fn values(store: &ParameterStore, name: &str) -> Vec<f32> {
    let named = store.named();
    let (_, parameter) = named.iter().find(|(other, _)| other == name).unwrap();
    parameter.variable.to_vec1().unwrap()
}

/// Gradients of `sum(p² / 2)`, which are the parameters themselves.
fn gradients(parameters: &[(String, Parameter)]) -> Gradients {
    let mut loss = Tensor::zeros((), DType::F32, &Device::Cpu).unwrap();
    for (_, parameter) in parameters {
        let half = parameter.variable.sqr().unwrap().affine(0.5, 0.0).unwrap();
        loss = (loss + half.sum_all().unwrap()).unwrap();
    }
    loss.backward().unwrap()
}

fn config() -> SgdConfig {
    SgdConfig {
        learning_rate: 0.1,
        ..SgdConfig::default()
    }
}

#[test]
fn groups_scale_the_rate_and_set_the_decay() {
    let store = store();
    let before: Vec<Vec<f32>> = ["weight", "bias"].map(|name| values(&store, name)).into();
    let take = |wanted: &str| {
        let mut parameters = store.named();
        parameters.retain(|(name, _)| name == wanted);
        parameters
    };
    let groups = vec![
        ParameterGroup::new("slow", take("weight")).with_learning_rate_scale(0.5),
        ParameterGroup::new("decayed", take("bias")).with_weight_decay(1.0),
    ];
    let mut optimiser = Sgd::new(groups, config()).unwrap();
    optimiser.step(&gradients(&store.trainable())).unwrap();
    for (position, (name, factor)) in [("weight", 0.95), ("bias", 0.8)].iter().enumerate() {
        for (after, before) in values(&store, name).iter().zip(&before[position]) {
            assert!((after - before * factor).abs() < 1e-6, "{name}");
        }
    }
}

#[test]
fn biases_can_be_spared_from_decay() {
    let [decayed, spared] = ParameterGroup::new("all", store().named())
        .with_weight_decay(0.3)
        .with_learning_rate_scale(2.0)
        .without_decay_on_biases();
    let names = |group: &ParameterGroup| {
        group
            .parameters
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&decayed), ["weight"]);
    assert_eq!(names(&spared), ["bias", "norm"]);
    assert_eq!(
        (decayed.weight_decay, spared.weight_decay),
        (Some(0.3), Some(0.0))
    );
    assert_eq!(
        (decayed.learning_rate_scale, spared.learning_rate_scale),
        (2.0, 2.0)
    );
}

#[test]
fn parameters_without_a_gradient_stay() {
    let store = store();
    let mut optimiser = Sgd::new(all(&store), config()).unwrap();
    let (bias, mean) = (values(&store, "bias"), values(&store, "running_mean"));
    let mut parameters = store.trainable();
    parameters.retain(|(name, _)| name == "weight");
    let weight = values(&store, "weight");
    optimiser.step(&gradients(&parameters)).unwrap();
    assert_ne!(values(&store, "weight"), weight);
    assert_eq!(values(&store, "bias"), bias);
    assert_eq!(values(&store, "running_mean"), mean);
}

/// Builds an optimiser of all parameters of a store.
type Build = fn(&ParameterStore) -> Box<dyn Optimiser>;

const BUILDERS: &[Build] = &[
    |store| Box::new(Sgd::new(all(store), config()).unwrap()),
    |store| {
        let config = SgdConfig {
            nesterov: true,
            weight_decay: 0.1,
            decoupled_weight_decay: true,
            ..config()
        };
        Box::new(Sgd::new(all(store), config).unwrap())
    },
    |store| Box::new(Adam::new(all(store), AdamConfig::default()).unwrap()),
    |store| Box::new(AdaGrad::new(all(store), AdaGradConfig::default()).unwrap()),
    |store| {
        let config = RmsPropConfig {
            momentum: 0.9,
            ..RmsPropConfig::default()
        };
        Box::new(RmsProp::new(all(store), config).unwrap())
    },
];

#[test]
fn a_loaded_state_continues_exactly() {
    for build in BUILDERS {
        let unbroken = store();
        let mut optimiser = build(&unbroken);
        let step = |optimiser: &mut dyn Optimiser, store: &ParameterStore| {
            optimiser.step(&gradients(&store.trainable())).unwrap();
        };
        for _ in 0..3 {
            step(&mut *optimiser, &unbroken);
        }
        let state = optimiser.state().unwrap();
        let weights = unbroken.export().unwrap();
        // A snapshot: steps after it must not reach it.
        let weights: HashMap<String, Tensor> = weights
            .into_iter()
            .map(|(name, tensor)| (name, tensor.copy().unwrap()))
            .collect();
        for _ in 0..3 {
            step(&mut *optimiser, &unbroken);
        }

        let resumed = store();
        resumed.load(&weights).unwrap();
        let mut optimiser = build(&resumed);
        optimiser.load_state(&state).unwrap();
        for _ in 0..3 {
            step(&mut *optimiser, &resumed);
        }
        for name in ["weight", "bias", "norm"] {
            assert_eq!(values(&resumed, name), values(&unbroken, name));
        }
    }
}

#[test]
fn an_unfitting_state_is_named_and_changes_nothing() {
    let store = store();
    let mut optimiser = Sgd::new(all(&store), config()).unwrap();
    optimiser.step(&gradients(&store.trainable())).unwrap();
    let good = optimiser.state().unwrap();
    let wrong = Tensor::zeros(4, DType::F32, &Device::Cpu).unwrap();
    let cases: [(&str, Option<Tensor>, &str); 3] = [
        ("momentum.bias", None, "momentum.bias: missing"),
        (
            "momentum.norm",
            Some(wrong.clone()),
            "shape [4], expected [3]",
        ),
        (
            "momentum.other",
            Some(wrong),
            "momentum.other: belongs to no parameter",
        ),
    ];
    for (name, replacement, expected) in cases {
        let mut state = good.clone();
        match replacement {
            Some(tensor) => state.insert(name.into(), tensor),
            None => state.remove(name),
        };
        let message = optimiser.load_state(&state).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    for (name, tensor) in optimiser.state().unwrap() {
        assert_eq!(
            tensor.to_vec1::<f32>().unwrap(),
            good[&name].to_vec1::<f32>().unwrap()
        );
    }
}

#[test]
fn impossible_settings_are_refused() {
    let store = store();
    let message = |config: SgdConfig| Sgd::new(all(&store), config).unwrap_err().to_string();
    let text = message(SgdConfig {
        learning_rate: f64::NAN,
        ..config()
    });
    assert!(text.contains("learning rate"), "{text}");
    assert!(
        message(SgdConfig {
            momentum: 1.0,
            ..config()
        })
        .contains("momentum")
    );
    assert!(
        message(SgdConfig {
            weight_decay: -1.0,
            ..config()
        })
        .contains("weight decay")
    );
    let text = message(SgdConfig {
        momentum: 0.0,
        nesterov: true,
        ..config()
    });
    assert!(text.contains("Nesterov"), "{text}");
    let twice = [all(&store), all(&store)].concat();
    let text = Sgd::new(twice, config()).unwrap_err().to_string();
    assert!(text.contains("bias is in two groups"), "{text}");
    let config = AdamConfig {
        beta2: 1.0,
        ..AdamConfig::default()
    };
    let text = Adam::new(all(&store), config).unwrap_err().to_string();
    assert!(text.contains("beta2"), "{text}");
}

#[test]
fn the_rate_can_change_between_steps() {
    let store = store();
    let mut optimiser = Sgd::new(all(&store), config()).unwrap();
    assert_eq!(optimiser.learning_rate(), 0.1);
    optimiser.set_learning_rate(0.0);
    let before = values(&store, "weight");
    optimiser.step(&gradients(&store.trainable())).unwrap();
    assert_eq!(values(&store, "weight"), before);
}

#[test]
fn a_classifier_learns() {
    let store = ParameterStore::new(1, &Device::Cpu);
    let weight = store
        .root()
        .parameter("weight", &[2, 2], Initialisation::Zeros, Role::Weight)
        .unwrap();
    let input = Tensor::new(&[[1f32, 0.0], [0.0, 1.0]], &Device::Cpu).unwrap();
    let mut optimiser = Sgd::new(all(&store), config()).unwrap();
    let mut losses = Vec::new();
    for _ in 0..100 {
        let loss = cross_entropy(&input.matmul(&weight).unwrap(), &[1, 0], 0.0).unwrap();
        losses.push(loss.to_scalar::<f32>().unwrap());
        optimiser.step(&loss.backward().unwrap()).unwrap();
    }
    assert!(losses[99] < 0.1 * losses[0], "{losses:?}");
}
