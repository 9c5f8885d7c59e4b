use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};

use super::{ParameterStore, Role};
use crate::error::{Error, Result};
use crate::initialisation::Initialisation;

fn store() -> ParameterStore {
    let store = ParameterStore::new(1, &Device::Cpu);
    let scope = store.root().sub("layer").sub(0);
    let normal = Initialisation::Normal { deviation: 1.0 };
    scope
        .parameter(
            "conv.weight",
            &[3 * 3 * 2, 5],
            normal,
            Role::Filter { kernel: (3, 3) },
        )
        .unwrap();
    scope
        .parameter("bn.running_mean", &[5], Initialisation::Zeros, Role::Buffer)
        .unwrap();
    store
}

#[test]
fn names_and_counts() {
    let store = store();
    let names: Vec<String> = store.named().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["layer.0.bn.running_mean", "layer.0.conv.weight"]);
    assert_eq!(store.trainable().len(), 1);
    assert_eq!(store.parameter_count(), 90);
}

#[test]
fn filters_travel_in_the_file_layout() {
    let first = store();
    let exported = first.export().unwrap();
    assert_eq!(exported["layer.0.conv.weight"].dims(), [5, 2, 3, 3]);
    // Element [output 4, input 1, row 2, column 0] of the file is row
    // (2 * 3 + 0) * 2 + 1 of the filter matrix.
    let file = exported["layer.0.conv.weight"].flatten_all().unwrap();
    let file = file.to_vec1::<f32>().unwrap();
    let memory = first.named()[1].1.variable.to_vec2::<f32>().unwrap();
    assert_eq!(file[((4 * 2 + 1) * 3 + 2) * 3], memory[13][4]);

    let second = ParameterStore::new(2, &Device::Cpu);
    let scope = second.root().sub("layer").sub(0);
    scope
        .parameter(
            "conv.weight",
            &[18, 5],
            Initialisation::Zeros,
            Role::Filter { kernel: (3, 3) },
        )
        .unwrap();
    let unused = second.load(&exported).unwrap();
    assert_eq!(unused, ["layer.0.bn.running_mean"]);
    assert_eq!(
        second.named()[0].1.variable.to_vec2::<f32>().unwrap(),
        memory
    );
}

#[test]
fn a_mismatch_names_each_problem_and_changes_nothing() {
    let store = store();
    let before = store.named()[1].1.variable.to_vec2::<f32>().unwrap();
    let mut tensors = store.export().unwrap();
    tensors.remove("layer.0.bn.running_mean");
    let wrong = Tensor::zeros((5, 3, 3, 3), DType::F32, &Device::Cpu).unwrap();
    tensors.insert("layer.0.conv.weight".into(), wrong);
    let message = store.load(&tensors).unwrap_err().to_string();
    assert!(
        message.contains("layer.0.bn.running_mean: missing"),
        "{message}"
    );
    assert!(
        message.contains("[5, 3, 3, 3], expected [5, 2, 3, 3]"),
        "{message}"
    );
    assert_eq!(
        store.named()[1].1.variable.to_vec2::<f32>().unwrap(),
        before
    );
}

#[test]
fn a_name_is_taken_once() {
    let store = store();
    let scope = store.root().sub("layer.0");
    let again = scope.parameter("bn.running_mean", &[5], Initialisation::Ones, Role::Buffer);
    assert!(
        again
            .unwrap_err()
            .to_string()
            .contains("layer.0.bn.running_mean")
    );
}

/// A weight and a bias that are drawn, and a scale that is not.
fn create(store: &ParameterStore) -> Result<()> {
    let create = |name, start| store.root().parameter(name, &[40], start, Role::Weight);
    create("bias", Initialisation::Uniform { bound: 0.5 })?;
    create("scale", Initialisation::Ones)?;
    create("weight", Initialisation::Normal { deviation: 1.0 })?;
    Ok(())
}

fn values(store: &ParameterStore, name: &str) -> Vec<f32> {
    let named = store.named();
    let (_, parameter) = named.iter().find(|(other, _)| other == name).unwrap();
    parameter.variable.to_vec1().unwrap()
}

#[test]
fn an_assembled_model_starts_from_the_same_values() {
    let at_once = ParameterStore::new(7, &Device::Cpu);
    create(&at_once).unwrap();
    let loaded = HashMap::from([(
        "weight".into(),
        Tensor::ones(40, DType::F32, &Device::Cpu).unwrap(),
    )]);
    let build = |store: &ParameterStore| {
        create(store)?;
        assert_eq!(values(store, "bias"), [0.0; 40], "not drawn yet");
        store.load_where(&loaded, |name| name == "weight")
    };
    let (assembled, unused) = ParameterStore::assemble(7, &Device::Cpu, build).unwrap();
    assert!(unused.is_empty());
    assert_eq!(
        values(&assembled, "weight"),
        [1.0; 40],
        "what was loaded stays"
    );
    for name in ["bias", "scale"] {
        assert_eq!(values(&assembled, name), values(&at_once, name));
    }
    // Afterwards parameters are drawn at once.
    let normal = Initialisation::Normal { deviation: 1.0 };
    let late = assembled
        .root()
        .parameter("late", &[3], normal, Role::Weight);
    assert_ne!(late.unwrap().to_vec1::<f32>().unwrap(), [0.0; 3]);
}

#[test]
fn a_failed_load_draws_and_changes_nothing() {
    let build = |store: &ParameterStore| {
        create(store)?;
        assert!(store.load(&HashMap::new()).is_err());
        Ok::<(), Error>(())
    };
    let (assembled, ()) = ParameterStore::assemble(7, &Device::Cpu, build).unwrap();
    assert_ne!(values(&assembled, "weight"), [0.0; 40]);
}

#[test]
fn bytes_tell_weights_apart() {
    let bytes = |store: &ParameterStore, wanted: fn(&str) -> bool| {
        let mut all = Vec::new();
        store
            .read_bytes(wanted, |bytes| all.extend_from_slice(bytes))
            .unwrap();
        all
    };
    let store = store();
    let all = bytes(&store, |_| true);
    assert!(all.starts_with(b"layer.0.bn.running_mean\0\0\0\0"));
    assert_eq!(all.len(), 23 + 5 * 4 + 19 + 90 * 4);
    let one = bytes(&store, |name| name.ends_with("mean"));
    assert_eq!(one, all[..43]);
    let mean = &store.named()[0].1.variable;
    mean.set(&mean.ones_like().unwrap()).unwrap();
    assert_ne!(bytes(&store, |name| name.ends_with("mean")), one);
}

#[test]
fn image_weights_travel_channels_first() {
    let create = |store: &ParameterStore| {
        let start = Initialisation::Normal { deviation: 1.0 };
        let role = Role::ImageWeight { pixels: 6 };
        let root = store.root();
        root.parameter("weight", &[4, 6 * 5], start, role).unwrap()
    };
    let first = ParameterStore::new(1, &Device::Cpu);
    let memory = create(&first).to_vec2::<f32>().unwrap();
    let exported = first.export().unwrap();
    let file = exported["weight"].to_vec2::<f32>().unwrap();
    // Output 3, pixel 2, channel 4.
    assert_eq!(file[3][4 * 6 + 2], memory[3][2 * 5 + 4]);
    let second = ParameterStore::new(2, &Device::Cpu);
    let loaded = create(&second);
    second.load(&exported).unwrap();
    assert_eq!(loaded.to_vec2::<f32>().unwrap(), memory);
}

#[test]
fn a_blank_store_draws_nothing() {
    let store = ParameterStore::blank(&Device::Cpu);
    let root = store.root();
    let ones = root.parameter("ones", &[3], Initialisation::Ones, Role::Bias);
    assert_eq!(ones.unwrap().to_vec1::<f32>().unwrap(), [0.0; 3]);
}
