/// An output that several tasks write, each its own part.
#[derive(Clone, Copy)]
pub(crate) struct Shared<E>(pub(crate) *mut E);

// SAFETY: tasks write through it, each to places of its own.
unsafe impl<E: Send> Send for Shared<E> {}
// SAFETY: as above.
unsafe impl<E: Send> Sync for Shared<E> {}

impl<E> Shared<E> {
    pub(crate) fn pointer(&self) -> *mut E {
        self.0
    }
}
