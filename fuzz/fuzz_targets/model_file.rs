//! Any bytes as a model file, of art and of flavour: what loads says finite probabilities.
#![no_main]

use std::cell::LazyCell;

use artkg_flavor::{Events, Predictor, Track};
use artkg_fuzz::Scratch;
use artkg_model::StoredModel;
use artkg_nn::{Device, TensorFile};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static SCRATCH: LazyCell<Scratch> = LazyCell::new(Scratch::default);
}

fn events() -> Events {
    let track = |scale: f64| Track {
        energy: 5.0 * scale,
        momentum: [3.0 * scale, 0.0, 4.0 * scale],
        point: [0.0, 0.01, 0.0],
    };
    let mut events = Events::default();
    events.push([0.0, 0.0, 1.0], 1, [track(1.0), track(2.0)]);
    events
}

fuzz_target!(|bytes: &[u8]| {
    SCRATCH.with(|scratch| {
        let path = scratch.file("model.safetensors", bytes);
        if let Ok(model) = StoredModel::load(&path, &Device::Cpu) {
            for tensor in model.store.export().expect("it was read").values() {
                let values = tensor.flatten_all().and_then(|all| all.to_vec1::<f32>());
                assert!(
                    values
                        .expect("they are f32")
                        .iter()
                        .all(|value| value.is_finite())
                );
            }
        }
        if let Ok(predictor) = Predictor::load(&path, &Device::Cpu) {
            if let Ok(probabilities) = predictor.probabilities(&events()) {
                assert_eq!(probabilities.len(), predictor.description().classes.len());
            }
        }
        if let Ok(file) = TensorFile::read(&path) {
            let _ = file.check_finite();
        }
    });
});
