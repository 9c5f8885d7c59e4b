//! Elementwise updates in place: no step of an optimiser allocates.

use artkg_kernels::elementwise;
use candle_core::{CpuStorage, InplaceOp1, InplaceOp2, InplaceOp3, Layout, Tensor, bail};

use crate::error::Result;
use crate::values::contiguous;

/// `update(value)` for each value of `target`.
pub(crate) fn update_alone(target: &Tensor, update: impl Fn(&mut f32) + Sync) -> Result<()> {
    Ok(target.inplace_op1(&Elementwise(update))?)
}

/// `update(value, other)` for each value of `target` and its counterpart.
pub(crate) fn update_with(
    target: &Tensor,
    other: &Tensor,
    update: impl Fn(&mut f32, f32) + Sync,
) -> Result<()> {
    Ok(target.inplace_op2(other, &ElementwiseWith(update))?)
}

/// `update(value, first, second)` for each value of `target` and its counterparts.
pub(crate) fn update_with_two(
    target: &Tensor,
    first: &Tensor,
    second: &Tensor,
    update: impl Fn(&mut f32, f32, f32) + Sync,
) -> Result<()> {
    Ok(target.inplace_op3(first, second, &ElementwiseWithTwo(update))?)
}

struct Elementwise<F>(F);

impl<F: Fn(&mut f32) + Sync> InplaceOp1 for Elementwise<F> {
    fn name(&self) -> &'static str {
        "elementwise update"
    }

    fn cpu_fwd(&self, target: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        elementwise::update(contiguous_mut(target, layout)?, &self.0);
        Ok(())
    }
}

struct ElementwiseWith<F>(F);

impl<F: Fn(&mut f32, f32) + Sync> InplaceOp2 for ElementwiseWith<F> {
    fn name(&self) -> &'static str {
        "elementwise update from one tensor"
    }

    fn cpu_fwd(
        &self,
        target: &mut CpuStorage,
        layout: &Layout,
        other: &CpuStorage,
        other_layout: &Layout,
    ) -> candle_core::Result<()> {
        check_shapes(layout, other_layout)?;
        let target = contiguous_mut(target, layout)?;
        elementwise::update_with(target, contiguous(other, other_layout)?, &self.0);
        Ok(())
    }
}

struct ElementwiseWithTwo<F>(F);

impl<F: Fn(&mut f32, f32, f32) + Sync> InplaceOp3 for ElementwiseWithTwo<F> {
    fn name(&self) -> &'static str {
        "elementwise update from two tensors"
    }

    fn cpu_fwd(
        &self,
        target: &mut CpuStorage,
        layout: &Layout,
        first: &CpuStorage,
        first_layout: &Layout,
        second: &CpuStorage,
        second_layout: &Layout,
    ) -> candle_core::Result<()> {
        check_shapes(layout, first_layout)?;
        check_shapes(layout, second_layout)?;
        let target = contiguous_mut(target, layout)?;
        let first = contiguous(first, first_layout)?;
        let second = contiguous(second, second_layout)?;
        elementwise::update_with_two(target, first, second, &self.0);
        Ok(())
    }
}

fn contiguous_mut<'a>(
    storage: &'a mut CpuStorage,
    layout: &Layout,
) -> candle_core::Result<&'a mut [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&mut values[start..end]),
        _ => bail!("only contiguous f32 tensors are updated in place"),
    }
}

fn check_shapes(target: &Layout, other: &Layout) -> candle_core::Result<()> {
    if target.shape() == other.shape() {
        Ok(())
    } else {
        bail!(
            "a tensor of shape {:?} cannot be updated from one of shape {:?}",
            target.dims(),
            other.dims()
        )
    }
}
