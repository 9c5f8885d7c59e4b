use std::cell::RefCell;
use std::thread::LocalKey;

use half::bf16;

/// What operands of products consist of in memory.
pub(crate) trait Element: Copy + Default + Send + Sync + 'static {
    /// The nearest element to `value`.
    fn from_f32(value: f32) -> Self;

    /// The same value.
    fn to_f32(self) -> f32;

    /// The buffers that each thread keeps and has not lent.
    fn scratch() -> &'static LocalKey<RefCell<Vec<Vec<Self>>>>;
}

impl Element for f32 {
    #[inline(always)]
    fn from_f32(value: f32) -> Self {
        value
    }

    #[inline(always)]
    fn to_f32(self) -> f32 {
        self
    }

    fn scratch() -> &'static LocalKey<RefCell<Vec<Vec<Self>>>> {
        thread_local! {
            static SCRATCH: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
        }
        &SCRATCH
    }
}

impl Element for bf16 {
    #[inline(always)]
    fn from_f32(value: f32) -> Self {
        rounded(value)
    }

    #[inline(always)]
    fn to_f32(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }

    fn scratch() -> &'static LocalKey<RefCell<Vec<Vec<Self>>>> {
        thread_local! {
            static SCRATCH: RefCell<Vec<Vec<bf16>>> = const { RefCell::new(Vec::new()) };
        }
        &SCRATCH
    }
}

/// The nearest `bf16`, halves to even, in a form that compiles to vector instructions;
/// NaN stays NaN.
#[inline(always)]
fn rounded(value: f32) -> bf16 {
    let bits = value.to_bits();
    let up = bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16;
    let quiet = (bits >> 16) | 0x40;
    bf16::from_bits(if value.is_nan() { quiet } else { up } as u16)
}

/// Lends `work` a buffer of `length` unspecified elements that the thread keeps:
/// fresh memory would cost a page fault for every 4 KiB each time.
pub(crate) fn with_scratch<E: Element, R>(length: usize, work: impl FnOnce(&mut [E]) -> R) -> R {
    // Taken out of its place: `work` may ask for another one.
    let kept = E::scratch().with_borrow_mut(Vec::pop);
    let mut buffer = kept.unwrap_or_default();
    if buffer.len() < length {
        buffer.resize(length, E::default());
    }
    let result = work(&mut buffer[..length]);
    E::scratch().with_borrow_mut(|scratch| scratch.push(buffer));
    result
}
