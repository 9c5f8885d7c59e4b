//! Gradients of a whole network without the waste of the tensor library's own.
//!
//! The library's backward pass clears a gradient for every activation and then
//! adds to it, four passes over memory where none is needed, and keeps all
//! activations until it ends. Within [`recorded`], this crate's operations note
//! themselves on a tape, which [`backward`] walks from its end: gradients are
//! handed over as they are, added in place where several meet, and activations
//! are freed on the way.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use candle_core::backprop::GradStore as Gradients;
use candle_core::{CpuStorage, CustomOp2, DType, Layout, Shape, Tensor, TensorId, Var, bail};

use crate::error::{Error, Result};
use crate::update::update_with;
use crate::values::{Values, contiguous};
use crate::workers::on_workers;

thread_local! {
    /// The tape that this thread's operations note themselves on.
    static RECORDING: RefCell<Option<Tape>> = const { RefCell::new(None) };
    /// Gradients of parameters that tapes have found during [`backward`].
    static FOUND: RefCell<Option<HashMap<TensorId, Tensor>>> = const { RefCell::new(None) };
}

/// Runs `network` on `input` and records its operations, so that [`backward`]
/// goes through them faster and in less memory.
///
/// Everything differentiable in `network` must be an operation of this crate; a
/// tensor that others have computed from parameters or activations is refused
/// where an operation of this crate takes it.
///
/// # Errors
/// Those of `network`, and [`Error::NotRecorded`] for such a tensor.
pub fn recorded<E: From<Error>>(
    input: &Tensor,
    network: impl FnOnce(&Tensor) -> std::result::Result<Tensor, E>,
) -> std::result::Result<Tensor, E> {
    if RECORDING.with_borrow(Option::is_some) {
        // Part of a larger network.
        return network(input);
    }
    let tape = Tape {
        input: input.clone(),
        known: HashSet::from([input.id()]),
        steps: Vec::new(),
    };
    RECORDING.set(Some(tape));
    let output = network(input);
    let tape = RECORDING.take();
    let output = output?;
    let Some(tape) = tape.filter(|tape| !tape.steps.is_empty()) else {
        return Ok(output);
    };
    tape.check(&output)?;
    Ok(tape.close(&output)?)
}

/// The gradients of `loss`, through recorded networks too.
///
/// # Errors
/// When an operation fails.
pub fn backward(loss: &Tensor) -> Result<Gradients> {
    FOUND.set(Some(HashMap::new()));
    let gradients = loss.backward();
    let found = FOUND.take().unwrap_or_default();
    let mut gradients = gradients?;
    for (id, gradient) in found {
        let gradient = match gradients.get_id(id) {
            Some(other) => (other + gradient)?,
            None => gradient,
        };
        gradients.insert_id(id, gradient);
    }
    Ok(gradients)
}

/// Applies a differentiable function of the tensor library, of few values: the
/// backward pass computes it again.
pub(crate) fn apply_library(
    input: &Tensor,
    function: impl Fn(&Tensor) -> candle_core::Result<Tensor> + Send + Sync + 'static,
) -> Result<Tensor> {
    let output = function(input)?;
    note(&[input], &output, move |inputs, _, gradient| {
        let input = Var::from_tensor(&inputs[0].detach())?;
        let product = (function(input.as_tensor())? * gradient)?;
        Ok(vec![product.backward()?.remove(&input)])
    })?;
    Ok(output)
}

/// `tensor` in another shape of as many values.
///
/// # Errors
/// [`Error::Tensor`] when the number of values differs.
pub fn reshape(tensor: &Tensor, shape: &[usize]) -> Result<Tensor> {
    let output = tensor.contiguous()?.reshape(shape)?;
    note(&[tensor], &output, |inputs, _, gradient| {
        Ok(vec![Some(gradient.reshape(inputs[0].shape())?)])
    })?;
    Ok(output)
}

/// Notes that `output` was computed from `inputs`, when this thread records.
///
/// `backward` gets inputs, output and its gradient, and gives the gradient of
/// each input. What it gives shares no memory with what is used elsewhere, and
/// the gradient that it gets is its own to overwrite.
pub(crate) fn note(
    inputs: &[&Tensor],
    output: &Tensor,
    backward: impl Fn(&[Tensor], &Tensor, &Tensor) -> candle_core::Result<Vec<Option<Tensor>>>
    + Send
    + Sync
    + 'static,
) -> Result<()> {
    if !output.track_op() {
        return Ok(());
    }
    RECORDING.with_borrow_mut(|tape| {
        let Some(tape) = tape else { return Ok(()) };
        for input in inputs {
            tape.check(input)?;
        }
        tape.known.insert(output.id());
        tape.steps.push(Step {
            inputs: inputs.iter().map(|&input| input.clone()).collect(),
            output: output.clone(),
            backward: Box::new(backward),
        });
        Ok(())
    })
}

type StepBackward =
    dyn Fn(&[Tensor], &Tensor, &Tensor) -> candle_core::Result<Vec<Option<Tensor>>> + Send + Sync;

/// One operation.
struct Step {
    inputs: Vec<Tensor>,
    output: Tensor,
    backward: Box<StepBackward>,
}

/// The operations of a network in their order.
struct Tape {
    input: Tensor,
    /// The input, and the outputs of all steps.
    known: HashSet<TensorId>,
    steps: Vec<Step>,
}

impl Tape {
    /// Refuses tensors whose gradient would get lost.
    fn check(&self, tensor: &Tensor) -> Result<()> {
        let gets_lost = tensor.track_op() && !tensor.is_variable();
        if gets_lost && !self.known.contains(&tensor.id()) {
            return Err(Error::NotRecorded(tensor.dims().to_vec()));
        }
        Ok(())
    }

    /// The result of the network, one operation as far as the tensor library can
    /// tell.
    fn close(self, output: &Tensor) -> Result<Tensor> {
        // The library goes back through what depends on a variable, which
        // neither images nor hidden parameters are.
        let anchor = Var::zeros(1, DType::F32, output.device())?;
        let input = self.input.clone();
        let network = Network {
            output: output.detach(),
            last: output.id(),
            tape: Mutex::new(Some(self)),
        };
        Ok(input.apply_op2(&anchor, network)?)
    }

    /// Walks from the end to the start and gives the gradient of the input.
    fn backward(
        self,
        last: TensorId,
        gradient: &Tensor,
        found: &mut HashMap<TensorId, Tensor>,
    ) -> candle_core::Result<Option<Tensor>> {
        let mut gradients = HashMap::from([(last, gradient.clone())]);
        for step in self.steps.into_iter().rev() {
            let Some(gradient) = gradients.remove(&step.output.id()) else {
                continue;
            };
            let inputs = (step.backward)(&step.inputs, &step.output, &gradient)?;
            for (input, gradient) in step.inputs.iter().zip(inputs) {
                let Some(gradient) = gradient else { continue };
                let target = if input.is_variable() && input.id() != self.input.id() {
                    &mut *found
                } else {
                    &mut gradients
                };
                match target.get(&input.id()) {
                    Some(sum) => update_with(sum, &gradient.contiguous()?, |sum, value| {
                        *sum += value;
                    })
                    .map_err(candle_core::Error::wrap)?,
                    None => {
                        target.insert(input.id(), gradient.contiguous()?);
                    }
                }
            }
        }
        Ok(gradients.remove(&self.input.id()))
    }
}

/// A recorded network as one operation.
struct Network {
    output: Tensor,
    last: TensorId,
    /// Taken by the backward pass.
    tape: Mutex<Option<Tape>>,
}

impl CustomOp2 for Network {
    fn name(&self) -> &'static str {
        "recorded network"
    }

    fn cpu_fwd(
        &self,
        _input: &CpuStorage,
        _input_layout: &Layout,
        anchor: &CpuStorage,
        anchor_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        contiguous(anchor, anchor_layout)?;
        let output = self.output.contiguous()?;
        let values = Values::of(&output)?.to_vec();
        Ok((CpuStorage::F32(values), output.shape().clone()))
    }

    fn bwd(
        &self,
        input: &Tensor,
        _anchor: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let tape = self
            .tape
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(tape) = tape else {
            bail!("the activations of this network are freed: its gradients were taken before")
        };
        FOUND.with_borrow_mut(|found| {
            let Some(found) = found else {
                bail!("gradients through a recorded network come from artkg_nn::backward")
            };
            // Not to be shared: gradients are added in place.
            let gradient = gradient.copy()?;
            let input_gradient = on_workers(|| tape.backward(self.last, &gradient, found))?;
            Ok((input_gradient.filter(|_| input.track_op()), None))
        })
    }
}
