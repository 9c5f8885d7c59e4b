use super::lanes::Lanes;

/// Arrays of four that compilers turn into the vectors every processor has.
pub(super) struct Portable;

impl Lanes for Portable {
    type Element = f32;
    type Result = f32;
    type Vector = [f32; 4];
    type Operand = [f32; 4];

    const LANES: usize = 4;
    const DEPTH: usize = 1;

    #[inline(always)]
    unsafe fn zero() -> Self::Vector {
        [0.0; 4]
    }

    #[inline(always)]
    unsafe fn fill(value: f32) -> Self::Vector {
        [value; 4]
    }

    #[inline(always)]
    unsafe fn load_operand(source: *const f32) -> Self::Operand {
        // SAFETY: the caller's pointer is valid for four values.
        unsafe { source.cast::<[f32; 4]>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn splat(source: *const f32) -> Self::Operand {
        // SAFETY: the caller's pointer is valid for one value.
        [unsafe { source.read() }; 4]
    }

    #[inline(always)]
    unsafe fn multiply_add(
        left: Self::Operand,
        right: Self::Operand,
        sum: Self::Vector,
    ) -> Self::Vector {
        // Not `mul_add`: without the instruction for it, that is a call.
        std::array::from_fn(|lane| sum[lane] + left[lane] * right[lane])
    }

    #[inline(always)]
    unsafe fn load_f32(source: *const f32) -> Self::Vector {
        // SAFETY: the caller's pointer is valid for four values.
        unsafe { Self::load_operand(source) }
    }

    #[inline(always)]
    unsafe fn load(source: *const f32, count: usize) -> Self::Vector {
        if count == 4 {
            // SAFETY: the caller's pointer is valid for `count` values.
            return unsafe { Self::load_operand(source) };
        }
        let mut vector = [0.0; 4];
        for (lane, value) in vector.iter_mut().enumerate().take(count) {
            // SAFETY: the caller's pointer is valid for `count` values.
            *value = unsafe { source.add(lane).read() };
        }
        vector
    }

    #[inline(always)]
    unsafe fn store(target: *mut f32, vector: Self::Vector, count: usize) {
        if count == 4 {
            // SAFETY: the caller's pointer is valid for `count` values.
            return unsafe { target.cast::<[f32; 4]>().write_unaligned(vector) };
        }
        for (lane, value) in vector.iter().enumerate().take(count) {
            // SAFETY: the caller's pointer is valid for `count` values.
            unsafe { target.add(lane).write(*value) };
        }
    }

    #[inline(always)]
    unsafe fn add(left: Self::Vector, right: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| left[lane] + right[lane])
    }

    #[inline(always)]
    unsafe fn at_least(value: Self::Vector, floor: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| {
            if value[lane] < floor[lane] {
                floor[lane]
            } else {
                value[lane]
            }
        })
    }
}

super::dispatch::product_kernel! {
    Portable, "portable", [1 2 3 4 5 6], []
}

super::dispatch::outer_kernel! {
    Portable, "portable", [1 2 3 4 5 6], []
}

super::dispatch::winograd_kernel! {
    Portable, "portable", []
}

super::dispatch::depthwise_kernel! {
    Portable, "portable", []
}
