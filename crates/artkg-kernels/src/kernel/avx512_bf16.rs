//! Vectors of AVX-512 with its bf16 extension.

use std::arch::x86_64::*;

use half::bf16;

use super::avx512::first_lanes;
use super::lanes::Lanes;

/// Vectors of 16 sums of products of two pairs of `bf16` each.
pub(super) struct Avx512Bf16;

impl Lanes for Avx512Bf16 {
    type Element = bf16;
    type Result = bf16;
    type Vector = __m512;
    type Operand = __m512bh;

    const LANES: usize = 16;
    const DEPTH: usize = 2;

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
    unsafe fn load_operand(source: *const bf16) -> __m512bh {
        // SAFETY: the caller's pointer is valid for 32 elements.
        unsafe { source.cast::<__m512bh>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn splat(source: *const bf16) -> __m512bh {
        // SAFETY: the caller's pointer is valid for two elements; both vectors
        // are 64 bytes without invalid values.
        unsafe { std::mem::transmute(_mm512_set1_epi32(source.cast::<i32>().read_unaligned())) }
    }

    #[inline(always)]
    unsafe fn multiply_add(left: __m512bh, right: __m512bh, sum: __m512) -> __m512 {
        // SAFETY: the processor has the bf16 extension.
        unsafe { _mm512_dpbf16_ps(sum, left, right) }
    }

    #[inline(always)]
    unsafe fn load_f32(source: *const f32) -> __m512 {
        // SAFETY: the caller's pointer is valid for 16 values.
        unsafe { _mm512_loadu_ps(source) }
    }

    #[inline(always)]
    unsafe fn load(source: *const bf16, count: usize) -> __m512 {
        // SAFETY: the caller's pointer is valid for `count` elements; the mask
        // keeps the others from being touched. A bf16 is the upper half of the
        // f32 of the same value.
        unsafe {
            let halves = if count == 16 {
                _mm256_loadu_si256(source.cast())
            } else {
                _mm256_maskz_loadu_epi16(first_lanes(count), source.cast())
            };
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(halves)))
        }
    }

    #[inline(always)]
    unsafe fn store(target: *mut bf16, vector: __m512, count: usize) {
        // SAFETY: as for `load`; the vectors have the same size.
        unsafe {
            let halves: __m256i = std::mem::transmute(_mm512_cvtneps_pbh(vector));
            if count == 16 {
                _mm256_storeu_si256(target.cast(), halves);
            } else {
                _mm256_mask_storeu_epi16(target.cast(), first_lanes(count), halves);
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
        // SAFETY: as above.
        unsafe { _mm512_max_ps(floor, value) }
    }
}

super::dispatch::product_kernel! {
    Avx512Bf16, "AVX-512 BF16", [1 2 3 4 5 6 7 8 9 10 11 12 13 14],
    [target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
}
