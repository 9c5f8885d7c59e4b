//! Times the convolutions of ResNet-50, layer by layer, and what stands between
//! them: `cargo run --release -p artkg-nn --example layers -- [BATCH]`.
//!
//! Prints the best of several runs, forward and backward, and the arithmetic
//! rate of each.

use std::time::{Duration, Instant};

use artkg_nn::{
    BatchNorm, Context, Convolution, ConvolutionShape, Device, FoldedConvolution, Module,
    ParameterStore, Precision, Result, Tensor, Var, keep_freed_memory, max_pool,
};

/// Image size, channels in and out, kernel and stride, and how often
/// torchvision's ResNet-50 has it at 224 pixels.
const LAYERS: [(usize, usize, usize, usize, usize, u32); 23] = [
    (224, 3, 64, 7, 2, 1),
    (56, 64, 64, 1, 1, 1),
    (56, 64, 64, 3, 1, 3),
    (56, 64, 256, 1, 1, 4),
    (56, 256, 64, 1, 1, 2),
    (56, 256, 128, 1, 1, 1),
    (56, 128, 128, 3, 2, 1),
    (28, 128, 512, 1, 1, 4),
    (56, 256, 512, 1, 2, 1),
    (28, 512, 128, 1, 1, 3),
    (28, 128, 128, 3, 1, 3),
    (28, 512, 256, 1, 1, 1),
    (28, 256, 256, 3, 2, 1),
    (14, 256, 1024, 1, 1, 6),
    (28, 512, 1024, 1, 2, 1),
    (14, 1024, 256, 1, 1, 5),
    (14, 256, 256, 3, 1, 5),
    (14, 1024, 512, 1, 1, 1),
    (14, 512, 512, 3, 2, 1),
    (7, 512, 2048, 1, 1, 3),
    (14, 1024, 2048, 1, 2, 1),
    (7, 2048, 512, 1, 1, 2),
    (7, 512, 512, 3, 1, 2),
];

/// The shortest time of several runs, and the last result.
fn time<T>(work: impl Fn() -> Result<T>) -> Result<(Duration, T)> {
    let mut best = Duration::MAX;
    let mut result = work()?;
    for _ in 0..7 {
        let start = Instant::now();
        result = work()?;
        best = best.min(start.elapsed());
    }
    Ok((best, result))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn normal(shape: &[usize]) -> Result<Tensor> {
    Ok(Tensor::randn(0_f32, 1.0, shape, &Device::Cpu)?)
}

fn main() -> Result<()> {
    keep_freed_memory();
    let batch: usize = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(8);
    println!("batch {batch}: milliseconds and GFLOP/s");
    println!(
        "{:34} {:>8} {:>6} {:>8} {:>6}",
        "", "forward", "", "backward", ""
    );
    let (mut forward_total, mut backward_total, mut work_total) = (0.0, 0.0, 0.0);
    for (size, inputs, outputs, kernel, stride, count) in LAYERS {
        let shape = ConvolutionShape::square(kernel, stride, kernel / 2);
        let store = ParameterStore::new(1, &Device::Cpu);
        let convolution = Convolution::new(&store.root(), inputs, outputs, shape, false)?;
        let norm = BatchNorm::new(&store.root().sub("norm"), outputs)?;
        let folded = FoldedConvolution::new(&convolution, &norm, Precision::F32)?;
        let input = normal(&[batch, size, size, inputs])?;
        let (forward, output) = time(|| folded.forward(&input, None, true))?;

        // The gradients of a sum are ones: only what the convolution adds to
        // the time of that sum counts.
        // The first layer needs no gradient of its input.
        let input = if inputs == 3 {
            input
        } else {
            Var::from_tensor(&input)?.as_tensor().clone()
        };
        let output_leaf = Var::from_tensor(&output)?;
        let (overhead, _) = time(|| Ok(output_leaf.sum_all()?.backward()?))?;
        let result = convolution.forward(&input, &Context::training(0))?;
        let loss = result.sum_all()?;
        let (backward, _) = time(|| Ok(loss.backward()?))?;
        let backward = backward.saturating_sub(overhead);

        let (_, height, width, _) = output.dims4()?;
        let work = (2 * batch * height * width * kernel * kernel * inputs * outputs) as f64;
        println!(
            "{count} × {inputs:4} → {outputs:4}, {kernel}×{kernel} / {stride}, {size:3} px \
             {:8.2} {:6.0} {:8.2} {:6.0}",
            milliseconds(forward),
            work / forward.as_secs_f64() / 1e9,
            milliseconds(backward),
            2.0 * work / backward.as_secs_f64() / 1e9,
        );
        forward_total += f64::from(count) * milliseconds(forward);
        backward_total += f64::from(count) * milliseconds(backward);
        work_total += f64::from(count) * work;
    }
    println!(
        "all convolutions {forward_total:.1} ms ({:.0} GFLOP/s), backward {backward_total:.1} ms \
         ({:.0} GFLOP/s)",
        work_total / forward_total / 1e6,
        2.0 * work_total / backward_total / 1e6
    );

    let input = normal(&[batch, 56, 56, 256])?;
    let store = ParameterStore::new(1, &Device::Cpu);
    let norm = BatchNorm::new(&store.root(), 256)?;
    let input = Var::from_tensor(&input)?;
    let context = Context::training(0);
    let (forward, output) =
        time(|| norm.forward_fused(&input, Some(input.as_tensor()), true, &context))?;
    let loss = output.sum_all()?;
    let leaf = Var::from_tensor(&output)?;
    let (overhead, _) = time(|| Ok(leaf.sum_all()?.backward()?))?;
    let (backward, _) = time(|| Ok(loss.backward()?))?;
    let backward = backward.saturating_sub(overhead);
    println!(
        "batch norm + residual + ReLU, 256 at 56 px: {:.2} forward, {:.2} backward",
        milliseconds(forward),
        milliseconds(backward)
    );
    let input = normal(&[batch, 112, 112, 64])?;
    let (forward, _) = time(|| max_pool(&input, 3, 2, 1))?;
    println!(
        "max pool 3 / 2, 64 at 112 px: {:.2} forward",
        milliseconds(forward)
    );
    Ok(())
}
