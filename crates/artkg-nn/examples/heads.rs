//! Times an epoch of training a linear classifier on stored features:
//! `cargo run --release -p artkg-nn --example heads -- [ROWS FEATURES CLASSES BATCH]`.
//!
//! Prints the best epoch and where its time goes.

use std::time::{Duration, Instant};

use artkg_nn::{
    Context, Device, Linear, Module, Optimiser, ParameterGroup, ParameterStore, Result, Sgd,
    SgdConfig, Tensor, cross_entropy,
};

fn main() -> Result<()> {
    let arguments: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let [rows, features, classes, batch] = arguments[..] else {
        return measure(20_000, 2048, 250, 256);
    };
    measure(rows, features, classes, batch)
}

fn measure(rows: usize, features: usize, classes: usize, batch: usize) -> Result<()> {
    let device = &Device::Cpu;
    let data = Tensor::randn(0f32, 1f32, (rows, features), device)?;
    let targets: Vec<u32> = (0..rows).map(|row| (row * 7919 % classes) as u32).collect();
    let store = ParameterStore::new(1, device);
    let head = Linear::new(&store.root(), features, classes)?;
    let groups = vec![ParameterGroup::new("head", store.trainable())];
    let mut optimiser = Sgd::new(groups, SgdConfig::default())?;
    let context = Context::training(1);

    let mut best: Option<[Duration; 5]> = None;
    for _ in 0..5 {
        let mut times = [Duration::ZERO; 5];
        for start in (0..rows).step_by(batch) {
            let count = batch.min(rows - start);
            let mut clock = Instant::now();
            let mut lap = |phase: usize| {
                times[phase] += clock.elapsed();
                clock = Instant::now();
            };
            let indices: Vec<u32> = (start..start + count).map(|row| row as u32).collect();
            let input = data.index_select(&Tensor::new(indices, device)?, 0)?;
            lap(0);
            let logits = head.forward(&input, &context)?;
            lap(1);
            let loss = cross_entropy(&logits, &targets[start..start + count], 0.0)?;
            lap(2);
            let gradients = loss.backward()?;
            lap(3);
            optimiser.step(&gradients)?;
            lap(4);
        }
        let total = |times: &[Duration; 5]| times.iter().sum::<Duration>();
        if best.as_ref().is_none_or(|best| total(&times) < total(best)) {
            best = Some(times);
        }
    }
    let best = best.unwrap_or_default();
    println!(
        "{rows} rows, {features} features, {classes} classes, batch {batch}: {:.3} s an epoch",
        best.iter().sum::<Duration>().as_secs_f64()
    );
    let phases = ["gather", "forward", "loss", "backward", "step"];
    for (phase, time) in phases.iter().zip(best) {
        println!("  {phase:9} {:.3} s", time.as_secs_f64());
    }
    Ok(())
}
