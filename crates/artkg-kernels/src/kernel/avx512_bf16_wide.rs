//! Vectors of AVX-512 with its bf16 extension, whose results stay `f32`.

use std::arch::x86_64::*;

use half::bf16;

use super::avx512::Avx512;
use super::avx512_bf16::Avx512Bf16;
use super::lanes::Lanes;

/// Products as of [`Avx512Bf16`], results as of [`Avx512`].
pub(super) struct Avx512Bf16Wide;

impl Lanes for Avx512Bf16Wide {
    type Element = bf16;
    type Result = f32;
    type Vector = __m512;
    type Operand = __m512bh;

    const LANES: usize = Avx512Bf16::LANES;
    const DEPTH: usize = Avx512Bf16::DEPTH;

    #[inline(always)]
    unsafe fn zero() -> __m512 {
        // SAFETY: here and below, as the caller promises.
        unsafe { Avx512::zero() }
    }

    #[inline(always)]
    unsafe fn fill(value: f32) -> __m512 {
        // SAFETY: as above.
        unsafe { Avx512::fill(value) }
    }

    #[inline(always)]
    unsafe fn load_operand(source: *const bf16) -> __m512bh {
        // SAFETY: as above.
        unsafe { Avx512Bf16::load_operand(source) }
    }

    #[inline(always)]
    unsafe fn splat(source: *const bf16) -> __m512bh {
        // SAFETY: as above.
        unsafe { Avx512Bf16::splat(source) }
    }

    #[inline(always)]
    unsafe fn multiply_add(left: __m512bh, right: __m512bh, sum: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { Avx512Bf16::multiply_add(left, right, sum) }
    }

    #[inline(always)]
    unsafe fn load_f32(source: *const f32) -> __m512 {
        // SAFETY: as above.
        unsafe { Avx512::load_f32(source) }
    }

    #[inline(always)]
    unsafe fn load(source: *const f32, count: usize) -> __m512 {
        // SAFETY: as above.
        unsafe { Avx512::load(source, count) }
    }

    #[inline(always)]
    unsafe fn store(target: *mut f32, vector: __m512, count: usize) {
        // SAFETY: as above.
        unsafe { Avx512::store(target, vector, count) }
    }

    #[inline(always)]
    unsafe fn add(left: __m512, right: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { Avx512::add(left, right) }
    }

    #[inline(always)]
    unsafe fn at_least(value: __m512, floor: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { Avx512::at_least(value, floor) }
    }
}

super::dispatch::product_kernel! {
    Avx512Bf16Wide, "AVX-512 BF16 to f32", [1 2 3 4 5 6 7 8 9 10 11 12 13 14],
    [target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
}
