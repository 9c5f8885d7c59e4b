//! Differentiable operations: each states once what it computes and what its
//! gradients are; devices, the gradient tape and the tensor library's own graph
//! are met here alone.
//!
//! A second device is two more methods of [`Operation`] beside `cpu_forward` and
//! `cpu_gradients`, which refuse by default, and one more arm in [`Node`] and
//! [`gradients`]: operations get their kernels there one by one, and no layer
//! changes.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Shape, Tensor, bail};

use artkg_kernels::relu;

use crate::error::Result;
use crate::tape::note;
use crate::update::update_with;
use crate::values::{Values, contiguous};

/// A differentiable operation on one to three `f32` tensors.
pub(crate) trait Operation: Send + Sync + 'static {
    /// What it is called in messages.
    fn name(&self) -> &'static str;

    /// The shape of the result from those of the operands; an error when they do
    /// not fit.
    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape>;

    /// Whether a ReLU ends the operation. [`Operation::cpu_gradients`] then gets the
    /// gradient before it.
    fn ends_in_relu(&self) -> bool {
        false
    }

    /// The values of the result on the CPU.
    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>>;

    /// The gradient of each operand on the CPU; those that nobody wants may be
    /// `None`.
    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>>;
}

/// What the gradients of an operation are computed from.
pub(crate) struct Backward<'a> {
    /// The values of the operands.
    pub(crate) operands: &'a [&'a [f32]],
    /// Whether a gradient of each is wanted.
    pub(crate) wanted: &'a [bool],
    /// The values of the result.
    pub(crate) output: &'a [f32],
    /// The gradient of the result.
    pub(crate) gradient: &'a [f32],
}

impl Backward<'_> {
    /// What `compute` gives, when a gradient of this operand is wanted.
    pub(crate) fn when_wanted(
        &self,
        operand: usize,
        compute: impl FnOnce() -> Vec<f32>,
    ) -> Option<Vec<f32>> {
        self.wanted[operand].then(compute)
    }
}

/// Applies an operation, which takes contiguous operands.
///
/// # Errors
/// When shapes, data types or devices do not fit.
pub(crate) fn apply(operands: &[&Tensor], operation: impl Operation) -> Result<Tensor> {
    let operands: Vec<Tensor> = operands
        .iter()
        .map(|operand| operand.contiguous())
        .collect::<candle_core::Result<_>>()?;
    let operation = Arc::new(operation);
    let node = Node(Arc::clone(&operation));
    let output = match operands.as_slice() {
        [only] => only.apply_op1(node)?,
        [first, second] => first.apply_op2(second, node)?,
        [first, second, third] => first.apply_op3(second, third, node)?,
        _ => unreachable!("operations have one to three operands"),
    };
    let inputs: Vec<&Tensor> = operands.iter().collect();
    note(&inputs, &output, move |inputs, output, gradient| {
        gradients(&*operation, inputs, output, gradient, Owner::Tape)
    })?;
    Ok(output)
}

/// Who else may look at a gradient.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// Nobody: the tape hands it over.
    Tape,
    /// The tensor library, which keeps it.
    Library,
}

/// The gradients of those `operands` that want one.
fn gradients(
    operation: &impl Operation,
    operands: &[Tensor],
    output: &Tensor,
    gradient: &Tensor,
    owner: Owner,
) -> candle_core::Result<Vec<Option<Tensor>>> {
    if !gradient.device().is_cpu() {
        bail!("{} has gradients on the CPU only", operation.name());
    }
    let mut gradient = gradient.contiguous()?;
    if operation.ends_in_relu() {
        gradient = before_relu(output, gradient, owner)?;
    }
    let values = operands
        .iter()
        .map(Values::of)
        .collect::<candle_core::Result<Vec<_>>>()?;
    let slices: Vec<&[f32]> = values.iter().map(|values| &**values).collect();
    let wanted: Vec<bool> = operands.iter().map(Tensor::track_op).collect();
    let found = operation.cpu_gradients(&Backward {
        operands: &slices,
        wanted: &wanted,
        output: &Values::of(output)?,
        gradient: &Values::of(&gradient)?,
    })?;
    let tensor = |(found, operand): (Option<Vec<f32>>, &Tensor)| {
        found
            .filter(|_| operand.track_op())
            .map(|values| Tensor::from_vec(values, operand.shape(), operand.device()))
            .transpose()
    };
    found.into_iter().zip(operands).map(tensor).collect()
}

/// The gradient before the ReLU that gave `output`.
fn before_relu(output: &Tensor, gradient: Tensor, owner: Owner) -> candle_core::Result<Tensor> {
    if owner == Owner::Tape {
        // No copy of the largest gradients.
        update_with(&gradient, output, |gradient, output| {
            *gradient = relu::passed(output, *gradient);
        })
        .map_err(candle_core::Error::wrap)?;
        return Ok(gradient);
    }
    let values = relu::gradient(&Values::of(output)?, &Values::of(&gradient)?);
    Tensor::from_vec(values, gradient.shape(), gradient.device())
}

/// An operation in the tensor library's graph.
struct Node<O>(Arc<O>);

impl<O: Operation> Node<O> {
    fn cpu(&self, operands: &[(&CpuStorage, &Layout)]) -> candle_core::Result<(CpuStorage, Shape)> {
        let shapes: Vec<&Shape> = operands.iter().map(|(_, layout)| layout.shape()).collect();
        let shape = self.0.shape(&shapes)?;
        let slices = operands
            .iter()
            .map(|(storage, layout)| contiguous(storage, layout))
            .collect::<candle_core::Result<Vec<_>>>()?;
        Ok((CpuStorage::F32(self.0.cpu_forward(&slices)?), shape))
    }

    fn gradients<const COUNT: usize>(
        &self,
        operands: [&Tensor; COUNT],
        output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<[Option<Tensor>; COUNT]> {
        let operands = operands.map(Tensor::clone);
        let found = gradients(&*self.0, &operands, output, gradient, Owner::Library)?;
        let count = found.len();
        let Ok(found) = found.try_into() else {
            bail!("{} has {count} gradients of {COUNT}", self.0.name())
        };
        Ok(found)
    }
}

impl<O: Operation> CustomOp1 for Node<O> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn cpu_fwd(
        &self,
        only: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        self.cpu(&[(only, layout)])
    }

    fn bwd(
        &self,
        only: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Option<Tensor>> {
        let [gradient] = self.gradients([only], output, gradient)?;
        Ok(gradient)
    }
}

impl<O: Operation> CustomOp2 for Node<O> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn cpu_fwd(
        &self,
        first: &CpuStorage,
        first_layout: &Layout,
        second: &CpuStorage,
        second_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        self.cpu(&[(first, first_layout), (second, second_layout)])
    }

    fn bwd(
        &self,
        first: &Tensor,
        second: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        Ok(self.gradients([first, second], output, gradient)?.into())
    }
}

impl<O: Operation> CustomOp3 for Node<O> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn cpu_fwd(
        &self,
        first: &CpuStorage,
        first_layout: &Layout,
        second: &CpuStorage,
        second_layout: &Layout,
        third: &CpuStorage,
        third_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        self.cpu(&[
            (first, first_layout),
            (second, second_layout),
            (third, third_layout),
        ])
    }

    fn bwd(
        &self,
        first: &Tensor,
        second: &Tensor,
        third: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        Ok(self
            .gradients([first, second, third], output, gradient)?
            .into())
    }
}
