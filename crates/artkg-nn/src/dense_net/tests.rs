use candle_core::Device;

use super::*;
use crate::finite_difference::{assert_gradients, random_tensor};
use crate::linear::linear;
use crate::losses::cross_entropy;
use crate::optimiser::{Optimiser, ParameterGroup, Sgd, SgdConfig};
use crate::parameters::ParameterStore;

fn config(connection: Connection, normalisation: Normalisation) -> DenseNetConfig {
    DenseNetConfig {
        widths: vec![6, 6, 4],
        connection,
        normalisation,
        activation: Activation::Tanh,
        dropout: 0.2,
        linear_output: false,
    }
}

const CONNECTIONS: [Connection; 3] = [Connection::Plain, Connection::Residual, Connection::Dense];

#[test]
fn every_combination_is_differentiable() {
    for connection in CONNECTIONS {
        for normalisation in [
            Normalisation::None,
            Normalisation::Batch,
            Normalisation::Layer,
        ] {
            let store = ParameterStore::new(3, &Device::Cpu);
            let config = config(connection, normalisation);
            let net = DenseNet::new(&store.root(), 5, &config).unwrap();
            assert_eq!((net.inputs(), net.outputs()), (5, 4));
            let input = random_tensor(&[7, 5], 1.0, 1);
            assert_gradients(std::slice::from_ref(&input), 1e-2, |a| {
                net.forward(&a[0], &Context::training(4))
            });
            let output = net.forward(&input, &Context::training(4)).unwrap();
            assert_eq!(output.dims(), [7, 4]);
            let gradients = output.sqr().unwrap().sum_all().unwrap().backward().unwrap();
            for (name, parameter) in store.trainable() {
                assert!(gradients.get(&parameter.variable).is_some(), "{name}");
            }
        }
    }
}

#[test]
fn connections_decide_the_parameters() {
    let shapes = |connection| {
        let store = ParameterStore::new(3, &Device::Cpu);
        let config = config(connection, Normalisation::None);
        DenseNet::new(&store.root().sub("net"), 5, &config).unwrap();
        let named = store.named().into_iter();
        let weights = named.filter(|(name, _)| name.ends_with("weight"));
        weights
            .map(|(name, parameter)| (name, parameter.variable.dims()[1]))
            .collect::<Vec<_>>()
    };
    let expect = |list: &[(&str, usize)]| {
        list.iter()
            .map(|(name, inputs)| (format!("net.{name}"), *inputs))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        shapes(Connection::Plain),
        expect(&[
            ("0.linear.weight", 5),
            ("1.linear.weight", 6),
            ("2.linear.weight", 6)
        ])
    );
    assert_eq!(
        shapes(Connection::Dense),
        expect(&[
            ("0.linear.weight", 5),
            ("1.linear.weight", 11),
            ("2.linear.weight", 17)
        ])
    );
    assert_eq!(
        shapes(Connection::Residual),
        expect(&[
            ("0.linear.weight", 5),
            ("0.shortcut.weight", 5),
            ("1.linear.weight", 6),
            ("2.linear.weight", 6),
            ("2.shortcut.weight", 6)
        ])
    );
}

#[test]
fn a_linear_output_and_no_layers() {
    let store = ParameterStore::new(3, &Device::Cpu);
    let net = DenseNet::new(&store.root(), 5, &DenseNetConfig::linear(3)).unwrap();
    let input = random_tensor(&[2, 5], 1.0, 1);
    let output = net.forward(&input, &Context::training(1)).unwrap();
    let named = store.named();
    let [(_, bias), (_, weight)] = &named[..] else {
        panic!("a projection has a weight and a bias");
    };
    let expected = linear(&input, &weight.variable, &bias.variable).unwrap();
    assert_eq!(
        output.to_vec2::<f32>().unwrap(),
        expected.to_vec2::<f32>().unwrap()
    );

    let net = DenseNet::new(&store.root(), 5, &DenseNetConfig::default()).unwrap();
    assert_eq!(net.outputs(), 5);
    let output = net.forward(&input, &Context::training(1)).unwrap();
    assert_eq!(
        output.to_vec2::<f32>().unwrap(),
        input.to_vec2::<f32>().unwrap()
    );
}

#[test]
fn wrong_settings_and_inputs_are_named() {
    let store = ParameterStore::new(3, &Device::Cpu);
    let new = |config: &DenseNetConfig| DenseNet::new(&store.root(), 5, config);
    let error = new(&DenseNetConfig {
        dropout: 1.0,
        ..DenseNetConfig::linear(3)
    });
    assert!(error.unwrap_err().to_string().contains("[0, 1)"));
    let error = new(&DenseNetConfig::linear(0));
    assert!(error.unwrap_err().to_string().contains("0 outputs"));
    let net = new(&DenseNetConfig::linear(3)).unwrap();
    let error = net.forward(&random_tensor(&[2, 6], 1.0, 1), &Context::evaluation());
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("5 inputs") && error.contains("[2, 6]"),
        "{error}"
    );
    assert!(serde_json::from_str::<DenseNetConfig>(r#"{"width": [3]}"#).is_err());
}

/// Two interleaved spirals of one and a half turns: no line separates them.
fn spirals(count: usize, offset: f32) -> (Tensor, Vec<u32>) {
    let mut points = Vec::new();
    let mut classes = Vec::new();
    for index in 0..count {
        for class in 0..2u32 {
            let position = (index as f32 + offset) / count as f32;
            let angle =
                3.0 * std::f32::consts::PI * position.sqrt() + class as f32 * std::f32::consts::PI;
            let radius = 0.1 + position.sqrt();
            points.extend([radius * angle.cos(), radius * angle.sin()]);
            classes.push(class);
        }
    }
    let points = Tensor::from_vec(points, (2 * count, 2), &Device::Cpu).unwrap();
    (points, classes)
}

fn accuracy(logits: &Tensor, classes: &[u32]) -> f64 {
    let predicted = logits.argmax(1).unwrap().to_vec1::<u32>().unwrap();
    let right = predicted
        .iter()
        .zip(classes)
        .filter(|(a, b)| a == b)
        .count();
    right as f64 / classes.len() as f64
}

#[test]
fn learns_two_spirals() {
    for connection in CONNECTIONS {
        let store = ParameterStore::new(7, &Device::Cpu);
        let config = DenseNetConfig {
            widths: vec![32, 32, 2],
            connection,
            linear_output: true,
            ..DenseNetConfig::default()
        };
        let net = DenseNet::new(&store.root(), 2, &config).unwrap();
        let settings = SgdConfig {
            learning_rate: 0.1,
            nesterov: true,
            ..SgdConfig::default()
        };
        let group = ParameterGroup::new("all", store.trainable());
        let mut optimiser = Sgd::new(vec![group], settings).unwrap();
        let (points, classes) = spirals(100, 0.0);
        for step in 0..600 {
            let logits = net.forward(&points, &Context::training(step)).unwrap();
            let loss = cross_entropy(&logits, &classes, 0.0).unwrap();
            optimiser.step(&loss.backward().unwrap()).unwrap();
        }
        let (points, classes) = spirals(100, 0.5);
        let logits = net.forward(&points, &Context::evaluation()).unwrap();
        let accuracy = accuracy(&logits, &classes);
        assert!(accuracy > 0.95, "{connection:?}: {accuracy}");
    }
}
