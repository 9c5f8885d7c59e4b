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

/// The sum of `value(0)`, …, `value(count - 1)` over sixteen partial sums, which
/// compile to vector instructions and lose less to rounding than one.
#[inline(always)]
pub(crate) fn sum_of(count: usize, value: impl Fn(usize) -> f32) -> f32 {
    let mut sums = [0.0; 16];
    let whole = count - count % sums.len();
    for start in (0..whole).step_by(sums.len()) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += value(start + lane);
        }
    }
    for index in whole..count {
        sums[index - whole] += value(index);
    }
    sums.iter().sum()
}
