//! The arithmetic of scores on vector registers.
//!
//! Rows are padded with zeros to whole [`BLOCK`]s, which add nothing to a score.
//! Gradients come as `factor` · ∂score, added to those of the query and the node.

use pulp::Simd;

/// The floats of an AVX-512 register: rows are multiples of it, so that no
/// register of any instruction set is filled in part.
pub(super) const BLOCK: usize = 16;
/// A complex distance below this counts as this where gradients divide by it.
const SMALLEST: f32 = 1e-12;

/// The two rows that a score is made of: a query's and a node's, or the gradients
/// of both.
pub(super) type Rows<'a> = (&'a [f32], &'a [f32]);
pub(super) type RowsMut<'a> = (&'a mut [f32], &'a mut [f32]);

/// a · b
#[inline(always)]
pub(super) fn product<S: Simd>(simd: S, (a, b): Rows<'_>) -> f32 {
    let ((a, _), (b, _)) = (S::as_simd_f32s(a), S::as_simd_f32s(b));
    let mut sum = simd.splat_f32s(0.0);
    for (a, b) in a.iter().zip(b) {
        sum = simd.mul_add_e_f32s(*a, *b, sum);
    }
    simd.reduce_sum_f32s(sum)
}

#[inline(always)]
pub(super) fn add_product_gradient<S: Simd>(
    simd: S,
    factor: f32,
    (a, b): Rows<'_>,
    (of_a, of_b): RowsMut<'_>,
) {
    let ((a, _), (b, _)) = (S::as_simd_f32s(a), S::as_simd_f32s(b));
    let ((of_a, _), (of_b, _)) = (S::as_mut_simd_f32s(of_a), S::as_mut_simd_f32s(of_b));
    let factor = simd.splat_f32s(factor);
    for ((a, b), (of_a, of_b)) in a.iter().zip(b).zip(of_a.iter_mut().zip(of_b)) {
        *of_a = simd.mul_add_e_f32s(factor, *b, *of_a);
        *of_b = simd.mul_add_e_f32s(factor, *a, *of_b);
    }
}

/// Σ |a − b|
#[inline(always)]
pub(super) fn distance<S: Simd>(simd: S, (a, b): Rows<'_>) -> f32 {
    let ((a, _), (b, _)) = (S::as_simd_f32s(a), S::as_simd_f32s(b));
    let mut sum = simd.splat_f32s(0.0);
    for (a, b) in a.iter().zip(b) {
        sum = simd.add_f32s(sum, simd.abs_f32s(simd.sub_f32s(*a, *b)));
    }
    simd.reduce_sum_f32s(sum)
}

#[inline(always)]
pub(super) fn add_distance_gradient<S: Simd>(
    simd: S,
    factor: f32,
    (a, b): Rows<'_>,
    (of_a, of_b): RowsMut<'_>,
) {
    let ((a, _), (b, _)) = (S::as_simd_f32s(a), S::as_simd_f32s(b));
    let ((of_a, _), (of_b, _)) = (S::as_mut_simd_f32s(of_a), S::as_mut_simd_f32s(of_b));
    let (factor, sign) = (simd.splat_f32s(factor), simd.splat_f32s(-0.0));
    for ((a, b), (of_a, of_b)) in a.iter().zip(b).zip(of_a.iter_mut().zip(of_b)) {
        // The factor with its sign turned where the difference is negative.
        let difference = simd.sub_f32s(*a, *b);
        let step = simd.xor_f32s(factor, simd.and_f32s(difference, sign));
        *of_a = simd.add_f32s(*of_a, step);
        *of_b = simd.sub_f32s(*of_b, step);
    }
}

/// Σ |a − b| of complex numbers: one half of a row are real, the other imaginary
/// parts.
#[inline(always)]
pub(super) fn complex_distance<S: Simd>(simd: S, (a, b): Rows<'_>) -> f32 {
    let ((a, _), (b, _)) = (S::as_simd_f32s(a), S::as_simd_f32s(b));
    let half = a.len() / 2;
    let ((a_real, a_imaginary), (b_real, b_imaginary)) = (a.split_at(half), b.split_at(half));
    let mut sum = simd.splat_f32s(0.0);
    for ((a_real, b_real), (a_imaginary, b_imaginary)) in
        (a_real.iter().zip(b_real)).zip(a_imaginary.iter().zip(b_imaginary))
    {
        let real = simd.sub_f32s(*a_real, *b_real);
        let imaginary = simd.sub_f32s(*a_imaginary, *b_imaginary);
        sum = simd.add_f32s(sum, modulus(simd, real, imaginary));
    }
    simd.reduce_sum_f32s(sum)
}

#[inline(always)]
pub(super) fn add_complex_distance_gradient<S: Simd>(
    simd: S,
    factor: f32,
    (a, b): Rows<'_>,
    (of_a, of_b): RowsMut<'_>,
) {
    let ((a, _), (b, _)) = (S::as_simd_f32s(a), S::as_simd_f32s(b));
    let ((of_a, _), (of_b, _)) = (S::as_mut_simd_f32s(of_a), S::as_mut_simd_f32s(of_b));
    let half = a.len() / 2;
    let ((a_real, a_imaginary), (b_real, b_imaginary)) = (a.split_at(half), b.split_at(half));
    let (of_a_real, of_a_imaginary) = of_a.split_at_mut(half);
    let (of_b_real, of_b_imaginary) = of_b.split_at_mut(half);
    let real_parts = (a_real.iter().zip(b_real)).zip(of_a_real.iter_mut().zip(of_b_real));
    let imaginary_parts =
        (a_imaginary.iter().zip(b_imaginary)).zip(of_a_imaginary.iter_mut().zip(of_b_imaginary));
    let (factor, smallest) = (simd.splat_f32s(factor), simd.splat_f32s(SMALLEST));
    for (((a, b), (of_a, of_b)), ((ai, bi), (of_ai, of_bi))) in real_parts.zip(imaginary_parts) {
        let (real, imaginary) = (simd.sub_f32s(*a, *b), simd.sub_f32s(*ai, *bi));
        let modulus = simd.max_f32s(modulus(simd, real, imaginary), smallest);
        let share = simd.div_f32s(factor, modulus);
        let (real, imaginary) = (simd.mul_f32s(share, real), simd.mul_f32s(share, imaginary));
        *of_a = simd.add_f32s(*of_a, real);
        *of_b = simd.sub_f32s(*of_b, real);
        *of_ai = simd.add_f32s(*of_ai, imaginary);
        *of_bi = simd.sub_f32s(*of_bi, imaginary);
    }
}

#[inline(always)]
fn modulus<S: Simd>(simd: S, real: S::f32s, imaginary: S::f32s) -> S::f32s {
    let square = simd.mul_f32s(imaginary, imaginary);
    simd.sqrt_f32s(simd.mul_add_e_f32s(real, real, square))
}
