//! Access to the values of tensors on the CPU.

use std::marker::PhantomData;
use std::ops::{Deref, Range};

use candle_core::{CpuStorage, Layout, Storage, StorageRef, Tensor, WithDType};

/// The values of a contiguous `f32` tensor, borrowed for reading.
pub(crate) type Values<'a> = ValuesOf<'a, f32>;

/// The values of a contiguous tensor, borrowed for reading.
pub(crate) struct ValuesOf<'a, E> {
    storage: StorageRef<'a>,
    range: Range<usize>,
    element: PhantomData<E>,
}

impl<'a, E: WithDType> ValuesOf<'a, E> {
    /// Borrows the values of `tensor`, which must be contiguous, of this type
    /// and on the CPU.
    pub(crate) fn of(tensor: &'a Tensor) -> candle_core::Result<Self> {
        let (storage, layout) = tensor.storage_and_layout();
        let Storage::Cpu(cpu) = &*storage else {
            candle_core::bail!("this operation runs on the CPU only; the tensor is elsewhere")
        };
        contiguous_of::<E>(cpu, layout)?;
        let start = layout.start_offset();
        let range = start..start + layout.shape().elem_count();
        Ok(Self {
            storage,
            range,
            element: PhantomData,
        })
    }
}

impl<E: WithDType> Deref for ValuesOf<'_, E> {
    type Target = [E];

    fn deref(&self) -> &[E] {
        let Storage::Cpu(cpu) = &*self.storage else {
            // `of` has seen the storage, and the lock is still held.
            unreachable!("the storage moved under a read lock")
        };
        match cpu.as_slice::<E>() {
            Ok(values) => &values[self.range.clone()],
            Err(_) => unreachable!("the storage changed under a read lock"),
        }
    }
}

/// The slice behind a contiguous `f32` operand of a custom operation.
pub(crate) fn contiguous<'a>(
    storage: &'a CpuStorage,
    layout: &Layout,
) -> candle_core::Result<&'a [f32]> {
    contiguous_of(storage, layout)
}

/// The slice behind a contiguous operand of a custom operation.
fn contiguous_of<'a, E: WithDType>(
    storage: &'a CpuStorage,
    layout: &Layout,
) -> candle_core::Result<&'a [E]> {
    let Ok(values) = storage.as_slice::<E>() else {
        candle_core::bail!(
            "this operation takes {:?} tensors, not {:?}",
            E::DTYPE,
            candle_core::backend::BackendStorage::dtype(storage)
        )
    };
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => candle_core::bail!("this operation takes contiguous tensors"),
    }
}
