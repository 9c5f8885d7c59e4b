use std::mem::MaybeUninit;

/// `length` values without the pass over memory that clears them first.
///
/// # Safety
/// `fill` writes every value.
pub(crate) unsafe fn written<E: Copy>(
    length: usize,
    fill: impl FnOnce(&mut [MaybeUninit<E>]),
) -> Vec<E> {
    let mut values = Vec::with_capacity(length);
    fill(&mut values.spare_capacity_mut()[..length]);
    // SAFETY: the values are written, as the caller promises.
    unsafe { values.set_len(length) };
    values
}
