//! Loops compiled for the vector instructions of the processor at hand.

/// Runs `work` with the widest vector instructions that the processor has.
///
/// The binary itself targets the oldest processors of its family; `work` must
/// be an `#[inline(always)]` closure to be compiled once for each instruction
/// set.
#[inline(always)]
pub fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// The sum of `of` over `values`, in sixteen partial sums, which compile to vector
/// instructions and lose less to rounding than one.
#[inline(always)]
pub(crate) fn sum_of(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0; 16];
    let (vectors, rest) = values.as_chunks::<16>();
    for vector in vectors {
        for (sum, value) in sums.iter_mut().zip(vector) {
            *sum += of(*value);
        }
    }
    for (sum, value) in sums.iter_mut().zip(rest) {
        *sum += of(*value);
    }
    sums.iter().sum()
}
