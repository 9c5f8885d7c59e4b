use candle_core::Device;

use super::*;
use crate::batch_norm::BatchNorm;
use crate::context::Context;
use crate::convolution::{Convolution, ConvolutionShape};
use crate::module::Module;
use crate::parameters::ParameterStore;
use crate::pooling::{global_average_pool, max_pool};
use crate::relu::relu;

/// Two convolutions, one of them beside a shortcut.
struct Block {
    store: ParameterStore,
    first: Convolution,
    second: Convolution,
    norm: BatchNorm,
}

impl Block {
    fn new() -> Self {
        let store = ParameterStore::new(3, &Device::Cpu);
        let shape = ConvolutionShape::square(3, 1, 1);
        let layer = |name: &str, inputs| {
            Convolution::new(&store.root().sub(name), inputs, 6, shape, true).unwrap()
        };
        let (first, second) = (layer("first", 3), layer("second", 6));
        let norm = BatchNorm::new(&store.root().sub("norm"), 6).unwrap();
        Self {
            store,
            first,
            second,
            norm,
        }
    }

    fn run(&self, input: &Tensor) -> Result<Tensor> {
        let context = Context::training(0);
        let shortcut = relu(&self.first.forward(input, &context)?)?;
        let inner = self.second.forward(&shortcut, &context)?;
        let sum = self
            .norm
            .forward_fused(&inner, Some(&shortcut), true, &context)?;
        global_average_pool(&max_pool(&sum, 2, 2, 0)?)
    }
}

fn images() -> Var {
    let values = (0..2 * 6 * 6 * 3).map(|index| (index as f32 * 0.7).sin());
    let values: Vec<f32> = values.collect();
    let tensor = Tensor::from_vec(values, (2, 6, 6, 3), &Device::Cpu).unwrap();
    Var::from_tensor(&tensor).unwrap()
}

/// A loss whose gradients differ from channel to channel.
fn loss(features: &Tensor) -> Tensor {
    let weights = Tensor::arange(1_f32, 13.0, &Device::Cpu).unwrap();
    let weights = weights.reshape((2, 6)).unwrap();
    (features * weights).unwrap().sum_all().unwrap()
}

#[test]
fn gradients_are_those_of_the_library() {
    let (block, input) = (Block::new(), images());
    let plain = loss(&block.run(&input).unwrap()).backward().unwrap();
    let output = recorded(input.as_tensor(), |input| block.run(input)).unwrap();
    let taped = backward(&loss(&output)).unwrap();
    let mut tensors: Vec<Tensor> = block
        .store
        .trainable()
        .into_iter()
        .map(|(_, parameter)| parameter.variable.as_tensor().clone())
        .collect();
    assert_eq!(tensors.len(), 6);
    tensors.push(input.as_tensor().clone());
    for tensor in tensors {
        let (plain, taped) = (plain.get(&tensor).unwrap(), taped.get(&tensor).unwrap());
        let difference = (plain - taped).unwrap().abs().unwrap().max_all().unwrap();
        let size = plain.abs().unwrap().max_all().unwrap();
        let ratio = (difference / size).unwrap().to_scalar::<f32>().unwrap();
        assert!(ratio < 1e-6, "{:?}: {ratio}", tensor.dims());
    }
}

#[test]
fn plain_backward_passes_are_refused_and_so_are_second_ones() {
    let (block, input) = (Block::new(), images());
    let output = recorded(input.as_tensor(), |input| block.run(input)).unwrap();
    let loss = loss(&output);
    let message = backward(&loss)
        .and(backward(&loss))
        .unwrap_err()
        .to_string();
    assert!(message.contains("taken before"), "{message}");
    let output = recorded(input.as_tensor(), |input| block.run(input)).unwrap();
    let message = output
        .sum_all()
        .unwrap()
        .backward()
        .unwrap_err()
        .to_string();
    assert!(message.contains("artkg_nn::backward"), "{message}");
}

#[test]
fn operations_that_are_not_recorded_are_refused() {
    let (block, input) = (Block::new(), images());
    let result = recorded(input.as_tensor(), |input| {
        let hidden = block.first.forward(input, &Context::training(0))?;
        // The library's own: its gradient would get lost.
        relu(&(hidden * 2.0)?)
    });
    let message = result.unwrap_err().to_string();
    assert!(message.contains("not recorded"), "{message}");
    // The tape is gone with the error.
    assert!(block.run(&input).is_ok());
    assert!(RECORDING.with_borrow(Option::is_none));
}

#[test]
fn a_network_without_operations_is_its_input() {
    let input = images();
    let output = recorded::<Error>(input.as_tensor(), |input| Ok(input.clone())).unwrap();
    assert_eq!(output.id(), input.as_tensor().id());
}
