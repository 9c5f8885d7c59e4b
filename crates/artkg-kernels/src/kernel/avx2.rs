//! Vectors of AVX2.

use std::arch::x86_64::*;

use super::lanes::Lanes;

/// Vectors of 8: 12 sums, two columns and a row in 16 registers.
pub(super) struct Avx2;

impl Lanes for Avx2 {
    type Element = f32;
    type Result = f32;
    type Vector = __m256;
    type Operand = __m256;

    const LANES: usize = 8;
    const DEPTH: usize = 1;

    #[inline(always)]
    unsafe fn zero() -> __m256 {
        // SAFETY: the processor has AVX2 and FMA, as it has in all functions here.
        unsafe { _mm256_setzero_ps() }
    }

    #[inline(always)]
    unsafe fn fill(value: f32) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load_operand(source: *const f32) -> __m256 {
        // SAFETY: the caller's pointer is valid for 8 values.
        unsafe { _mm256_loadu_ps(source) }
    }

    #[inline(always)]
    unsafe fn splat(source: *const f32) -> __m256 {
        // SAFETY: the caller's pointer is valid for one value.
        unsafe { _mm256_set1_ps(source.read()) }
    }

    #[inline(always)]
    unsafe fn multiply_add(left: __m256, right: __m256, sum: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_fmadd_ps(left, right, sum) }
    }

    #[inline(always)]
    unsafe fn load_f32(source: *const f32) -> __m256 {
        // SAFETY: the caller's pointer is valid for 8 values.
        unsafe { _mm256_loadu_ps(source) }
    }

    #[inline(always)]
    unsafe fn load(source: *const f32, count: usize) -> __m256 {
        // SAFETY: the caller's pointer is valid for `count` values; the mask
        // keeps the others from being touched.
        unsafe {
            if count == 8 {
                _mm256_loadu_ps(source)
            } else {
                _mm256_maskload_ps(source, first_lanes(count))
            }
        }
    }

    #[inline(always)]
    unsafe fn store(target: *mut f32, vector: __m256, count: usize) {
        // SAFETY: as for `load`.
        unsafe {
            if count == 8 {
                _mm256_storeu_ps(target, vector);
            } else {
                _mm256_maskstore_ps(target, first_lanes(count), vector);
            }
        }
    }

    #[inline(always)]
    unsafe fn add(left: __m256, right: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_add_ps(left, right) }
    }

    #[inline(always)]
    unsafe fn at_least(value: __m256, floor: __m256) -> __m256 {
        // The second operand is the result where one is NaN.
        // SAFETY: as above.
        unsafe { _mm256_max_ps(floor, value) }
    }
}

/// The mask of the first `count` of 8 lanes.
///
/// # Safety
/// The processor has AVX2.
#[inline(always)]
unsafe fn first_lanes(count: usize) -> __m256i {
    // SAFETY: as the caller promises.
    unsafe {
        let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lanes)
    }
}

super::dispatch::product_kernel! {
    Avx2, "AVX2", [1 2 3 4 5 6],
    [target_feature(enable = "avx2,fma")]
}

super::dispatch::outer_kernel! {
    Avx2, "AVX2", [1 2 3 4 5 6],
    [target_feature(enable = "avx2,fma")]
}

super::dispatch::winograd_kernel! {
    Avx2, "AVX2", [target_feature(enable = "avx2,fma")]
}

super::dispatch::depthwise_kernel! {
    Avx2, "AVX2", [target_feature(enable = "avx2,fma")]
}
