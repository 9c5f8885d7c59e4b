use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Blocks below this size are not counted: they come and go by the million, and
/// threads would wait for each other at the count.
const SMALL: usize = 1 << 10;

/// Bytes in use, and the most since [`peak_bytes`] was called last.
static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator with a count of the bytes in use in blocks of 1 KiB
/// and more, such as those of tensors, so that a program
/// can tell beforehand how much a computation takes. Install it in `main.rs`:
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: artkg_kernels::CountingAllocator = artkg_kernels::CountingAllocator;
/// # fn main() {
/// let buffer = vec![0_u8; 1 << 20];
/// assert!(artkg_kernels::allocated_bytes().is_some_and(|bytes| bytes >= buffer.len()));
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingAllocator;

/// The bytes that the process has allocated; `None` where
/// [`CountingAllocator`] is not installed.
pub fn allocated_bytes() -> Option<usize> {
    Some(IN_USE.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
}

/// The most bytes that were allocated at any time since the program's start, or
/// since [`peak_bytes`] was called last; `None` where [`CountingAllocator`] is
/// not installed.
pub fn allocated_peak() -> Option<usize> {
    Some(PEAK.load(Ordering::Relaxed)).filter(|bytes| *bytes > 0)
}

/// The most bytes that were allocated at any time while `work` ran, by all
/// threads together, what was there before included; `None` where
/// [`CountingAllocator`] is not installed. One call at a time.
pub fn peak_bytes<R>(work: impl FnOnce() -> R) -> (R, Option<usize>) {
    PEAK.store(IN_USE.load(Ordering::Relaxed), Ordering::Relaxed);
    (work(), allocated_peak())
}

fn grow(bytes: usize) {
    if bytes < SMALL {
        return;
    }
    let in_use = IN_USE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    // Most allocations are below the peak: a look is cheaper than a change.
    if in_use > PEAK.load(Ordering::Relaxed) {
        PEAK.fetch_max(in_use, Ordering::Relaxed);
    }
}

fn shrink(bytes: usize) {
    if bytes >= SMALL {
        IN_USE.fetch_sub(bytes, Ordering::Relaxed);
    }
}

// SAFETY: every call goes to `System` with the arguments as they came and gives
// back what it gave; counting allocates nothing.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            grow(layout.size());
        }
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        let block = unsafe { System.alloc_zeroed(layout) };
        if !block.is_null() {
            grow(layout.size());
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: `block` came from `System`, through this allocator.
        unsafe { System.dealloc(block, layout) };
        shrink(layout.size());
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: `block` came from `System`, through this allocator.
        let moved = unsafe { System.realloc(block, layout, new_size) };
        if !moved.is_null() {
            // Where a block moves, both are there for a moment.
            grow(new_size);
            shrink(layout.size());
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Not installed in this test program: its methods are called directly, and
    // `IN_USE` counts nothing else.
    #[test]
    fn bytes_are_counted() {
        assert_eq!(allocated_bytes(), None);
        assert_eq!(peak_bytes(|| 3), (3, None));
        let layout = Layout::from_size_align(2000, 8).unwrap();
        let allocator = CountingAllocator;
        // SAFETY: sizes are not zero, and each block is freed once with the
        // layout that it has then.
        unsafe {
            let kept = allocator.alloc(layout);
            assert_eq!(allocated_bytes(), Some(2000));
            let (other, peak) = peak_bytes(|| {
                let block = allocator.alloc_zeroed(layout);
                assert_eq!(*block, 0);
                allocator.realloc(block, layout, 6000)
            });
            assert_eq!(peak, Some(10_000), "old and new block are there at once");
            assert_eq!(allocated_bytes(), Some(8000));
            allocator.dealloc(other, Layout::from_size_align(6000, 8).unwrap());
            assert_eq!(allocated_bytes(), Some(2000));
            // Small blocks do not count, also when they grow or shrink.
            let small = allocator.realloc(kept, layout, 100);
            assert_eq!(allocated_bytes(), None);
            allocator.dealloc(small, Layout::from_size_align(100, 8).unwrap());
        }
        assert_eq!(allocated_bytes(), None);
    }
}
