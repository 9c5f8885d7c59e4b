//! Loops compiled for the vector instructions of the processor at hand.

/// Runs `work` with the widest vector instructions that the processor has.
///
/// The binary itself targets the oldest processors of its family; `work` must
/// be an `#[inline(always)]` closure to be compiled once for each instruction
/// set.
#[inline(always)]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}
