use candle_core::{CpuStorage, CustomOp2, Layout, Shape, bail};
use rayon::prelude::*;

use crate::tape::apply2;
use crate::values::contiguous;
use crate::vector::vectorised;
use crate::{Result, Tensor};

/// Values that one task works on.
const CHUNK: usize = 16 * 1024;

/// The sum of two tensors of one shape: a residual connection that networks can
/// record.
///
/// # Errors
/// When the shapes differ or a tensor is not `f32`.
pub fn add(first: &Tensor, second: &Tensor) -> Result<Tensor> {
    apply2(&first.contiguous()?, &second.contiguous()?, Add)
}

struct Add;

impl CustomOp2 for Add {
    fn name(&self) -> &'static str {
        "addition"
    }

    fn cpu_fwd(
        &self,
        first: &CpuStorage,
        first_layout: &Layout,
        second: &CpuStorage,
        second_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        if first_layout.shape() != second_layout.shape() {
            bail!(
                "cannot add tensors of shapes {:?} and {:?}",
                first_layout.dims(),
                second_layout.dims()
            );
        }
        let first = contiguous(first, first_layout)?;
        let second = contiguous(second, second_layout)?;
        let mut sum = vec![0.0; first.len()];
        sum.par_chunks_mut(CHUNK)
            .zip(first.par_chunks(CHUNK))
            .zip(second.par_chunks(CHUNK))
            .for_each(|((sum, first), second)| {
                vectorised(
                    #[inline(always)]
                    || {
                        for ((sum, first), second) in sum.iter_mut().zip(first).zip(second) {
                            *sum = first + second;
                        }
                    },
                );
            });
        Ok((CpuStorage::F32(sum), first_layout.shape().clone()))
    }

    fn bwd(
        &self,
        _first: &Tensor,
        _second: &Tensor,
        _sum: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        // Gradients are added to in place: the two must not share memory.
        Ok((Some(gradient.copy()?), Some(gradient.copy()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    #[test]
    fn gradients_match_differences() {
        let arguments = [
            random_tensor(&[3, 4], 1.0, 1),
            random_tensor(&[3, 4], 1.0, 2),
        ];
        assert_gradients(&arguments, 1e-3, |a| add(&a[0], &a[1]));
    }

    #[test]
    fn other_shapes_are_refused() {
        let error = add(
            &random_tensor(&[3, 4], 1.0, 1),
            &random_tensor(&[4, 3], 1.0, 2),
        );
        assert!(error.unwrap_err().to_string().contains("[4, 3]"));
    }
}
