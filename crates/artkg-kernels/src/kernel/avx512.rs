//! Vectors of AVX-512.

use std::arch::x86_64::*;

use super::lanes::Lanes;

/// Vectors of 16: 28 sums, two columns and a row in 32 registers.
pub(super) struct Avx512;

impl Lanes for Avx512 {
    type Element = f32;
    type Result = f32;
    type Vector = __m512;
    type Operand = __m512;

    const LANES: usize = 16;
    const DEPTH: usize = 1;

    #[inline(always)]
    unsafe fn zero() -> __m512 {
        // SAFETY: the processor has AVX-512, as it has in all functions here.
        unsafe { _mm512_setzero_ps() }
    }

    #[inline(always)]
    unsafe fn fill(value: f32) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load_operand(source: *const f32) -> __m512 {
        // SAFETY: the caller's pointer is valid for 16 values.
        unsafe { _mm512_loadu_ps(source) }
    }

    #[inline(always)]
    unsafe fn splat(source: *const f32) -> __m512 {
        // SAFETY: the caller's pointer is valid for one value.
        unsafe { _mm512_set1_ps(source.read()) }
    }

    #[inline(always)]
    unsafe fn multiply_add(left: __m512, right: __m512, sum: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_fmadd_ps(left, right, sum) }
    }

    #[inline(always)]
    unsafe fn load_f32(source: *const f32) -> __m512 {
        // SAFETY: the caller's pointer is valid for 16 values.
        unsafe { _mm512_loadu_ps(source) }
    }

    #[inline(always)]
    unsafe fn load(source: *const f32, count: usize) -> __m512 {
        // SAFETY: the caller's pointer is valid for `count` values; the mask
        // keeps the others from being touched.
        unsafe {
            if count == 16 {
                _mm512_loadu_ps(source)
            } else {
                _mm512_maskz_loadu_ps(first_lanes(count), source)
            }
        }
    }

    #[inline(always)]
    unsafe fn store(target: *mut f32, vector: __m512, count: usize) {
        // SAFETY: as for `load`.
        unsafe {
            if count == 16 {
                _mm512_storeu_ps(target, vector);
            } else {
                _mm512_mask_storeu_ps(target, first_lanes(count), vector);
            }
        }
    }

    #[inline(always)]
    unsafe fn add(left: __m512, right: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_add_ps(left, right) }
    }

    #[inline(always)]
    unsafe fn at_least(value: __m512, floor: __m512) -> __m512 {
        // The second operand is the result where one is NaN.
        // SAFETY: as above.
        unsafe { _mm512_max_ps(floor, value) }
    }
}

/// The mask of the first `count` of 16 lanes.
#[inline(always)]
pub(super) fn first_lanes(count: usize) -> __mmask16 {
    ((1_u32 << count) - 1) as __mmask16
}

super::dispatch::product_kernel! {
    Avx512, "AVX-512", [1 2 3 4 5 6 7 8 9 10 11 12 13 14],
    [target_feature(enable = "avx512f")]
}

super::dispatch::outer_kernel! {
    Avx512, "AVX-512", [1 2 3 4 5 6 7 8 9 10 11 12 13 14],
    [target_feature(enable = "avx512f")]
}

super::dispatch::winograd_kernel! {
    Avx512, "AVX-512", [target_feature(enable = "avx512f")]
}

super::dispatch::depthwise_kernel! {
    Avx512, "AVX-512", [target_feature(enable = "avx512f")]
}
