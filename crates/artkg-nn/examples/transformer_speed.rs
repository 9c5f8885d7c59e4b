//! Times the operations of vision transformers for `transformer_speed.py`.
//!
//! Reads the name of an operation a line, runs it once and prints seconds: forward, and
//! forward and backward together less the time of the loss. RAYON_NUM_THREADS sets the
//! number of threads.

use std::io::{BufRead, Write};
use std::time::Instant;

use artkg_nn::{
    Context, DType, Device, Epilogue, FoldedLinear, LayerNorm, Linear, Module, ParameterStore,
    Precision, Result, Tensor, Var, add_scaled, attention, backward, depthwise_convolution, gelu,
    keep_freed_memory, layer_norm, linear, on_workers, recorded, swiglu,
};

/// Images, tokens of each, width.
const SIZES: [usize; 3] = [8, 257, 384];
const HEADS: usize = 6;
/// Blocks of a whole network.
const DEPTH: usize = 12;

fn normal(shape: &[usize]) -> Result<Tensor> {
    Ok(Tensor::randn(0_f32, 1.0, shape, &Device::Cpu)?)
}

/// What a case measures.
type Compute = dyn Fn(&[Var]) -> Result<Tensor> + Sync;

/// An operation, its arguments, and whether it is for inference alone.
struct Case {
    arguments: Vec<Var>,
    compute: Box<Compute>,
    inference: bool,
}

/// A block of a vision transformer.
struct Block {
    norms: [LayerNorm; 2],
    /// Queries, keys and values; their result; the two of the MLP.
    layers: [Linear; 4],
    scale: Tensor,
}

impl Block {
    fn all() -> Result<Vec<Self>> {
        let store = ParameterStore::new(1, &Device::Cpu);
        let root = store.root();
        let width = SIZES[2];
        (0..DEPTH)
            .map(|index| {
                let scope = root.sub(index.to_string());
                let norm = |name: &str| LayerNorm::with_epsilon(&scope.sub(name), width, 1e-6);
                let layer =
                    |name: &str, inputs, outputs| Linear::new(&scope.sub(name), inputs, outputs);
                Ok(Self {
                    norms: [norm("norm1")?, norm("norm2")?],
                    layers: [
                        layer("qkv", width, 3 * width)?,
                        layer("projection", width, width)?,
                        layer("wide", width, 4 * width)?,
                        layer("narrow", 4 * width, width)?,
                    ],
                    scale: Tensor::full(0.1_f32, width, &Device::Cpu)?,
                })
            })
            .collect()
    }

    fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let context = Context::training(1);
        let [projected, attended, wide, narrow] = &self.layers;
        let normed = self.norms[0].forward(input, &context)?;
        let branch = attention(&projected.forward(&normed, &context)?, HEADS)?;
        let branch = attended.forward(&branch, &context)?;
        let middle = add_scaled(input, &branch, &self.scale)?;
        let normed = self.norms[1].forward(&middle, &context)?;
        let branch = gelu(&wide.forward(&normed, &context)?)?;
        add_scaled(&middle, &narrow.forward(&branch, &context)?, &self.scale)
    }

    /// The same for inference, of folded layers.
    fn infer(&self, layers: &[FoldedLinear; 4], input: &Tensor) -> Result<Tensor> {
        let context = Context::evaluation();
        let [projected, attended, wide, narrow] = layers;
        let scale = Some(&self.scale);
        let normed = self.norms[0].forward(input, &context)?.detach();
        let branch = attention(&projected.forward(&normed, Epilogue::None)?, HEADS)?;
        let residual = input;
        let middle = attended.forward(&branch, Epilogue::AddScaled { residual, scale })?;
        let normed = self.norms[1].forward(&middle, &context)?.detach();
        let branch = wide.forward(&normed, Epilogue::Gelu)?;
        let residual = &middle;
        narrow.forward(&branch, Epilogue::AddScaled { residual, scale })
    }

    fn fold(&self, precision: Precision) -> Result<[FoldedLinear; 4]> {
        let [first, second, third, fourth] = &self.layers;
        let fold = |layer| FoldedLinear::new(layer, precision);
        Ok([fold(first)?, fold(second)?, fold(third)?, fold(fourth)?])
    }
}

impl Case {
    fn new(
        shapes: &[&[usize]],
        compute: impl Fn(&[Var]) -> Result<Tensor> + Sync + 'static,
    ) -> Result<Self> {
        let arguments = shapes
            .iter()
            .map(|shape| Ok(Var::from_tensor(&normal(shape)?)?));
        Ok(Self {
            arguments: arguments.collect::<Result<_>>()?,
            compute: Box::new(compute),
            inference: false,
        })
    }

    fn linear(inputs: usize, outputs: usize) -> Result<Self> {
        let [batch, tokens, _] = SIZES;
        let shapes: [&[usize]; 3] = [&[batch, tokens, inputs], &[outputs, inputs], &[outputs]];
        Self::new(&shapes, |a| linear(&a[0], &a[1], &a[2]))
    }

    /// A layer at inference, then GELU or a residual connection.
    fn folded(inputs: usize, outputs: usize, precision: Precision) -> Result<Self> {
        let [batch, tokens, _] = SIZES;
        let store = ParameterStore::new(1, &Device::Cpu);
        let layer = FoldedLinear::new(&Linear::new(&store.root(), inputs, outputs)?, precision)?;
        let case = Self::new(&[&[batch, tokens, inputs]], move |a| {
            layer.forward(&a[0].as_detached_tensor(), Epilogue::Gelu)
        })?;
        case.for_inference(precision)
    }

    /// All blocks of a network of `batch` images.
    fn blocks(batch: usize) -> Result<Self> {
        let blocks = Block::all()?;
        let [_, tokens, width] = SIZES;
        Self::new(&[&[batch, tokens, width]], move |a| {
            let mut value = a[0].as_tensor().clone();
            for block in &blocks {
                value = block.forward(&value)?;
            }
            Ok(value)
        })
    }

    /// The same at inference.
    fn folded_blocks(batch: usize, precision: Precision) -> Result<Self> {
        let blocks: Vec<_> = Block::all()?
            .into_iter()
            .map(|block| Ok((block.fold(precision)?, block)))
            .collect::<Result<_>>()?;
        let [_, tokens, width] = SIZES;
        let case = Self::new(&[&[batch, tokens, width]], move |a| {
            let mut value = a[0].as_detached_tensor();
            for (layers, block) in &blocks {
                value = block.infer(layers, &value)?;
            }
            Ok(value)
        })?;
        // Norms and residuals are f32 in both precisions.
        case.for_inference(Precision::F32)
    }

    fn for_inference(mut self, precision: Precision) -> Result<Self> {
        if precision == Precision::Bf16 {
            for argument in &mut self.arguments {
                *argument = Var::from_tensor(&argument.to_dtype(DType::BF16)?)?;
            }
        }
        self.inference = true;
        Ok(self)
    }

    fn named(name: &str) -> Result<Self> {
        let [batch, tokens, width] = SIZES;
        let input: &[usize] = &SIZES;
        let number = |place: usize| -> usize {
            let part = name.split(' ').nth(place);
            part.and_then(|part| part.parse().ok()).unwrap_or(1)
        };
        match name.split(' ').next().unwrap_or_default() {
            "linear" => Self::linear(number(1), number(2)),
            "folded" => Self::folded(number(1), number(2), Precision::F32),
            "folded-bf16" => Self::folded(number(1), number(2), Precision::Bf16),
            "blocks" => Self::blocks(number(1)),
            "folded-blocks" => Self::folded_blocks(number(1), Precision::F32),
            "folded-bf16-blocks" => Self::folded_blocks(number(1), Precision::Bf16),
            "attention-bf16" => {
                let case = Self::new(&[&[number(1), tokens, 3 * width]], |a| {
                    attention(&a[0].as_detached_tensor(), HEADS)
                })?;
                case.for_inference(Precision::Bf16)
            }
            "attention" => Self::new(&[&[number(1), tokens, 3 * width]], |a| {
                attention(&a[0], HEADS)
            }),
            "layer-norm" => Self::new(&[input, &[width], &[width]], |a| {
                layer_norm(&a[0], &a[1], &a[2], 1e-6)
            }),
            "gelu" => Self::new(&[&[batch, tokens, 4 * width]], |a| gelu(&a[0])),
            "swiglu" => Self::new(&[&[batch, tokens, 8 * width]], |a| swiglu(&a[0])),
            "add-scaled" => Self::new(&[input, input, &[width]], |a| {
                add_scaled(&a[0], &a[1], &a[2])
            }),
            "depthwise" => {
                let (size, channels) = (number(1), number(2));
                let shapes: [&[usize]; 3] =
                    [&[batch, size, size, channels], &[49, channels], &[channels]];
                Self::new(&shapes, |a| depthwise_convolution(&a[0], &a[1], &a[2], 7))
            }
            name => panic!("no operation is called {name}"),
        }
    }

    /// Seconds of the forward pass, and of forward and backward pass.
    fn time(&self) -> Result<(f64, f64)> {
        let start = Instant::now();
        let output = on_workers(|| (self.compute)(&self.arguments))?;
        let forward = start.elapsed().as_secs_f64();
        if self.inference {
            return Ok((forward, 0.0));
        }
        let leaf = Var::from_tensor(&output)?;
        drop(output);
        let start = Instant::now();
        let loss = recorded(&leaf, |leaf| artkg_nn::reshape(leaf, leaf.dims()))?.sum_all()?;
        backward(&loss)?;
        drop(loss);
        let overhead = start.elapsed().as_secs_f64();
        drop(leaf);
        let start = Instant::now();
        let output = recorded(&self.arguments[0], |_| {
            on_workers(|| Ok::<_, artkg_nn::Error>(()))?;
            (self.compute)(&self.arguments)
        })?;
        let gradients = backward(&output.sum_all()?)?;
        let both = start.elapsed().as_secs_f64();
        assert!(gradients.get(&self.arguments[0]).is_some());
        Ok((forward, (both - overhead).max(0.0)))
    }
}

fn main() -> Result<()> {
    keep_freed_memory();
    let mut current: Option<(String, Case)> = None;
    for line in std::io::stdin().lock().lines() {
        let Ok(name) = line else { break };
        let case = match current.take() {
            Some((known, case)) if known == name => case,
            _ => Case::named(&name)?,
        };
        let (forward, both) = case.time()?;
        println!("{forward} {both}");
        if std::io::stdout().flush().is_err() {
            break;
        }
        current = Some((name, case));
    }
    Ok(())
}
