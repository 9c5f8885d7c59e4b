//! Elementwise updates in place: no step of an optimiser allocates.

use candle_core::{CpuStorage, InplaceOp1, InplaceOp2, InplaceOp3, Layout, bail};
use rayon::prelude::*;

use crate::values::contiguous;
use crate::vector::vectorised;
use crate::{Result, Tensor};

/// Elements handled by one task.
const CHUNK: usize = 1 << 15;

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
        contiguous_mut(target, layout)?
            .par_chunks_mut(CHUNK)
            .for_each(|target| {
                vectorised(
                    #[inline(always)]
                    || target.iter_mut().for_each(&self.0),
                );
            });
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
        contiguous_mut(target, layout)?
            .par_chunks_mut(CHUNK)
            .zip(contiguous(other, other_layout)?.par_chunks(CHUNK))
            .for_each(|(target, other)| {
                vectorised(
                    #[inline(always)]
                    || {
                        for (target, other) in target.iter_mut().zip(other) {
                            self.0(target, *other);
                        }
                    },
                );
            });
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
        contiguous_mut(target, layout)?
            .par_chunks_mut(CHUNK)
            .zip(contiguous(first, first_layout)?.par_chunks(CHUNK))
            .zip(contiguous(second, second_layout)?.par_chunks(CHUNK))
            .for_each(|((target, first), second)| {
                vectorised(
                    #[inline(always)]
                    || {
                        for ((target, first), second) in target.iter_mut().zip(first).zip(second) {
                            self.0(target, *first, *second);
                        }
                    },
                );
            });
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
