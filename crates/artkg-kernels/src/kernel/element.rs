use std::cell::RefCell;
use std::thread::LocalKey;

use half::bf16;

/// What operands of products consist of in memory.
pub(crate) trait Element: Copy + Default + Send + Sync + 'static {
    /// The nearest element to `value`.
    fn from_f32(value: f32) -> Self;

    /// The buffer that each thread keeps.
    fn scratch() -> &'static LocalKey<RefCell<Vec<Self>>>;
}

impl Element for f32 {
    fn from_f32(value: f32) -> Self {
        value
    }

    fn scratch() -> &'static LocalKey<RefCell<Vec<Self>>> {
        thread_local! {
            static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
        }
        &SCRATCH
    }
}

impl Element for bf16 {
    fn from_f32(value: f32) -> Self {
        bf16::from_f32(value)
    }

    fn scratch() -> &'static LocalKey<RefCell<Vec<Self>>> {
        thread_local! {
            static SCRATCH: RefCell<Vec<bf16>> = const { RefCell::new(Vec::new()) };
        }
        &SCRATCH
    }
}

/// Lends `work` a buffer of `length` unspecified elements that the thread keeps:
/// fresh memory would cost a page fault for every 4 KiB each time.
pub(crate) fn with_scratch<E: Element, R>(length: usize, work: impl FnOnce(&mut [E]) -> R) -> R {
    E::scratch().with(|scratch| match scratch.try_borrow_mut() {
        Ok(mut buffer) => {
            if buffer.len() < length {
                buffer.resize(length, E::default());
            }
            work(&mut buffer[..length])
        }
        // Already lent on this thread.
        Err(_) => work(&mut vec![E::default(); length]),
    })
}
