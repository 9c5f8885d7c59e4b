//! Access to the values of tensors on the CPU.

use std::ops::{Deref, Range};

use candle_core::{CpuStorage, Layout, Storage, StorageRef, Tensor};

/// The values of a contiguous `f32` tensor, borrowed for reading.
pub(crate) struct Values<'a> {
    storage: StorageRef<'a>,
    range: Range<usize>,
}

impl<'a> Values<'a> {
    /// Borrows the values of `tensor`, which must be contiguous, `f32` and on
    /// the CPU.
    pub(crate) fn of(tensor: &'a Tensor) -> candle_core::Result<Self> {
        let (storage, layout) = tensor.storage_and_layout();
        let Storage::Cpu(cpu) = &*storage else {
            candle_core::bail!("this operation runs on the CPU only; the tensor is elsewhere")
        };
        contiguous(cpu, layout)?;
        let start = layout.start_offset();
        let range = start..start + layout.shape().elem_count();
        Ok(Self { storage, range })
    }
}

impl Deref for Values<'_> {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match &*self.storage {
            Storage::Cpu(CpuStorage::F32(values)) => &values[self.range.clone()],
            // `of` has seen the storage, and the lock is still held.
            _ => unreachable!("the storage changed under a read lock"),
        }
    }
}

/// The slice behind a contiguous `f32` operand of a custom operation.
pub(crate) fn contiguous<'a>(
    storage: &'a CpuStorage,
    layout: &Layout,
) -> candle_core::Result<&'a [f32]> {
    let CpuStorage::F32(values) = storage else {
        candle_core::bail!(
            "this operation takes f32 tensors, not {:?}",
            candle_core::backend::BackendStorage::dtype(storage)
        )
    };
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => candle_core::bail!("this operation takes contiguous tensors"),
    }
}
