use candle_core::{CpuStorage, CustomOp2, Layout, Shape, bail};
use rayon::prelude::*;

use super::exponential::exponential;
use super::{Segments, triangle};
use crate::tape::apply2;
use crate::values::{Values, contiguous};
use crate::vector::{sum_of, vectorised};
use crate::{Error, Result, Tensor};

/// Attention of every row to all rows of its set, with a bias for each pair of
/// rows (Vaswani et al., NeurIPS 2017; the bias as in the Particle Transformer,
/// Qu, Li and Qian, ICML 2022).
///
/// `projected` is `[rows, 3 · width]`: query, key and value side by side, each
/// cut into `heads` parts of equal width. `bias` is `[pairs, heads]`: what is
/// added to the scaled product of query and key; the pairs of a set are (0, 0),
/// (1, 0), (1, 1), (2, 0), …, the same for both directions. The result is
/// `[rows, width]`. Differentiable in both.
///
/// # Errors
/// When the shapes do not fit each other, or a tensor is not `f32`.
pub fn segment_attention(
    projected: &Tensor,
    bias: &Tensor,
    segments: &Segments,
    heads: usize,
) -> Result<Tensor> {
    let (rows, columns) = projected.dims2()?;
    segments.check_rows(rows, "attention")?;
    let width = columns / 3;
    if heads == 0 || columns % 3 != 0 || width % heads != 0 {
        return Err(Error::Argument(format!(
            "attention of {heads} heads needs 3 · width columns and a width that they divide, \
             got {columns} columns"
        )));
    }
    if bias.dims() != [segments.pairs(), heads] {
        return Err(Error::Argument(format!(
            "attention needs a bias of shape [{}, {heads}], got {:?}",
            segments.pairs(),
            bias.dims()
        )));
    }
    let operation = Attention {
        segments: segments.clone(),
        heads,
        width,
    };
    apply2(&projected.contiguous()?, &bias.contiguous()?, operation)
}

/// Values in a vector: rows of probabilities are padded to a multiple, and sums
/// stay in registers over a row.
const LANES: usize = 16;

/// `sums[j] += scale · Σ factors[c] · rows[c][j]`, with `rows` one after the other.
#[inline(always)]
fn add_products(sums: &mut [f32], factors: &[f32], scale: f32, rows: &[f32]) {
    let stride = sums.len();
    for (place, sums) in sums.chunks_exact_mut(LANES).enumerate() {
        let mut products = [0.0; LANES];
        for (factor, row) in factors.iter().zip(rows.chunks_exact(stride)) {
            let factor = factor * scale;
            for (product, value) in products.iter_mut().zip(&row[place * LANES..][..LANES]) {
                *product += factor * value;
            }
        }
        for (sum, product) in sums.iter_mut().zip(products) {
            *sum += product;
        }
    }
}

/// `sums[c] += Σ weights[j] · rows[j · stride + c]`.
#[inline(always)]
fn add_weighted(sums: &mut [f32], weights: &[f32], rows: &[f32], stride: usize) {
    for (place, sums) in sums.chunks_mut(LANES).enumerate() {
        let rows = rows[place * LANES..].chunks(stride);
        // Whole vectors apart, so that their length is known when compiling.
        if let Ok(sums) = <&mut [f32; LANES]>::try_from(&mut *sums) {
            let mut weighted = [0.0; LANES];
            for (weight, row) in weights.iter().zip(rows) {
                for (weighted, value) in weighted.iter_mut().zip(&row[..LANES]) {
                    *weighted += weight * value;
                }
            }
            for (sum, weighted) in sums.iter_mut().zip(weighted) {
                *sum += weighted;
            }
        } else {
            for (weight, row) in weights.iter().zip(rows) {
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += weight * value;
                }
            }
        }
    }
}

/// The largest of `values`, a multiple of [`LANES`].
#[inline(always)]
fn largest(values: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for values in values.chunks_exact(LANES) {
        for (lane, value) in lanes.iter_mut().zip(values) {
            *lane = lane.max(*value);
        }
    }
    lanes.into_iter().fold(f32::NEG_INFINITY, f32::max)
}

struct Attention {
    segments: Segments,
    heads: usize,
    width: usize,
}

/// Room for one head of one set; grows to the largest set.
#[derive(Default)]
struct Scratch {
    /// Keys and values, one channel after the other: `[channels, padded count]`.
    keys: Vec<f32>,
    values: Vec<f32>,
    /// A row of probabilities, and one of their gradients: `[padded count]`.
    probabilities: Vec<f32>,
    gradients: Vec<f32>,
}

impl Attention {
    fn head_width(&self) -> usize {
        self.width / self.heads
    }

    /// Copies keys (part 1) or values (part 2) of a head, transposed.
    #[inline(always)]
    fn transpose(&self, rows: &[f32], part: usize, head: usize, to: &mut Vec<f32>) {
        let channels = self.head_width();
        let padded = (rows.len() / (3 * self.width)).next_multiple_of(LANES);
        to.clear();
        to.resize(channels * padded, 0.0);
        let start = part * self.width + head * channels;
        for (index, row) in rows.chunks_exact(3 * self.width).enumerate() {
            for (channel, value) in row[start..start + channels].iter().enumerate() {
                to[channel * padded + index] = *value;
            }
        }
    }

    /// The probabilities with which row `index` attends to each of the `count`
    /// rows of its set; next to 0 in the padding.
    #[inline(always)]
    fn attend(
        &self,
        query: &[f32],
        (keys, count): (&[f32], usize),
        bias: &[f32],
        (index, head): (usize, usize),
        probabilities: &mut Vec<f32>,
    ) {
        probabilities.clear();
        let start = triangle(index) * self.heads + head;
        probabilities.extend((0..=index).map(|other| bias[start + other * self.heads]));
        probabilities.extend(
            (index + 1..count).map(|other| bias[(triangle(other) + index) * self.heads + head]),
        );
        probabilities.resize(count.next_multiple_of(LANES), f32::NEG_INFINITY);
        let scale = (self.head_width() as f32).sqrt().recip();
        add_products(probabilities, query, scale, keys);
        let maximum = largest(probabilities);
        for score in probabilities.iter_mut() {
            *score = exponential(*score - maximum);
        }
        let factor = 1.0 / sum_of(probabilities.len(), |index| probabilities[index]);
        probabilities.iter_mut().for_each(|score| *score *= factor);
    }

    /// The result of one set.
    #[inline(always)]
    fn forward_set(&self, rows: &[f32], bias: &[f32], output: &mut [f32], scratch: &mut Scratch) {
        let (channels, stride) = (self.head_width(), 3 * self.width);
        let count = rows.len() / stride;
        for head in 0..self.heads {
            self.transpose(rows, 1, head, &mut scratch.keys);
            let start = head * channels;
            for (index, row) in rows.chunks_exact(stride).enumerate() {
                let query = &row[start..start + channels];
                let probabilities = &mut scratch.probabilities;
                let keys = (&scratch.keys[..], count);
                self.attend(query, keys, bias, (index, head), probabilities);
                let output = &mut output[index * self.width + start..][..channels];
                let values = &rows[2 * self.width + start..];
                add_weighted(output, &probabilities[..count], values, stride);
            }
        }
    }

    /// The gradients of one set.
    #[inline(always)]
    fn backward_set(
        &self,
        (rows, bias, gradient): (&[f32], &[f32], &[f32]),
        for_rows: &mut [f32],
        for_bias: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let (channels, width, stride) = (self.head_width(), self.width, 3 * self.width);
        let scale = (channels as f32).sqrt().recip();
        let count = rows.len() / stride;
        for head in 0..self.heads {
            self.transpose(rows, 1, head, &mut scratch.keys);
            self.transpose(rows, 2, head, &mut scratch.values);
            let start = head * channels;
            for (index, row) in rows.chunks_exact(stride).enumerate() {
                let query = &row[start..start + channels];
                let probabilities = &mut scratch.probabilities;
                let keys = (&scratch.keys[..], count);
                self.attend(query, keys, bias, (index, head), probabilities);
                let gradient = &gradient[index * width + start..][..channels];
                let gradients = &mut scratch.gradients;
                gradients.clear();
                gradients.resize(probabilities.len(), 0.0);
                add_products(gradients, gradient, 1.0, &scratch.values);
                // Through the softmax: p · (g - average of g under p).
                for (gradient, probability) in gradients.iter_mut().zip(probabilities.iter()) {
                    *gradient *= probability;
                }
                let average = sum_of(gradients.len(), |index| gradients[index]);
                for (gradient, probability) in gradients.iter_mut().zip(probabilities.iter()) {
                    *gradient -= probability * average;
                }
                let gradients = &mut gradients[..count];
                for (other, score) in gradients.iter().enumerate() {
                    let (large, small) = (index.max(other), index.min(other));
                    for_bias[(triangle(large) + small) * self.heads + head] += score;
                }
                gradients.iter_mut().for_each(|score| *score *= scale);
                let query_gradient = &mut for_rows[index * stride + start..][..channels];
                add_weighted(query_gradient, gradients, &rows[width + start..], stride);
                let others = for_rows.chunks_exact_mut(stride);
                for ((other, score), probability) in others.zip(gradients).zip(&*probabilities) {
                    let key_gradient = &mut other[width + start..][..channels];
                    for (sum, query) in key_gradient.iter_mut().zip(query) {
                        *sum += *score * query;
                    }
                    let value_gradient = &mut other[2 * width + start..][..channels];
                    for (sum, gradient) in value_gradient.iter_mut().zip(gradient) {
                        *sum += probability * gradient;
                    }
                }
            }
        }
    }

    /// Where the pairs of each set start, `heads` values a pair.
    fn pair_starts(&self) -> Vec<usize> {
        let mut start = 0;
        let starts = self.segments.iter().map(|set| {
            let this = start;
            start += triangle(set.len()) * self.heads;
            this
        });
        starts.collect()
    }
}

impl CustomOp2 for Attention {
    fn name(&self) -> &'static str {
        "attention within sets"
    }

    fn cpu_fwd(
        &self,
        projected: &CpuStorage,
        projected_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let rows = contiguous(projected, projected_layout)?;
        let bias = contiguous(bias, bias_layout)?;
        let stride = 3 * self.width;
        let mut output = vec![0.0; self.segments.rows() * self.width];
        let sets: Vec<_> = self.segments.iter().zip(self.pair_starts()).collect();
        self.segments
            .split(&mut output, self.width)
            .into_par_iter()
            .zip(sets)
            .for_each_init(Scratch::default, |scratch, (output, (set, start))| {
                let pairs = triangle(set.len()) * self.heads;
                vectorised(
                    #[inline(always)]
                    || {
                        let rows = &rows[set.start * stride..set.end * stride];
                        self.forward_set(rows, &bias[start..start + pairs], output, scratch);
                    },
                );
            });
        let shape = Shape::from((self.segments.rows(), self.width));
        Ok((CpuStorage::F32(output), shape))
    }

    fn bwd(
        &self,
        projected: &Tensor,
        bias: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let (width, stride) = (self.width, 3 * self.width);
        let gradient = gradient.contiguous()?;
        let (rows, biases) = (Values::of(projected)?, Values::of(bias)?);
        let gradients = Values::of(&gradient)?;
        if gradients.len() != self.segments.rows() * width {
            bail!("the gradient of attention has {} values", gradients.len());
        }
        let (rows, biases, gradients) = (&rows[..], &biases[..], &gradients[..]);
        let mut for_rows = vec![0.0; rows.len()];
        let mut for_bias = vec![0.0; biases.len()];
        let sets: Vec<_> = self.segments.iter().zip(self.pair_starts()).collect();
        self.segments
            .split(&mut for_rows, stride)
            .into_par_iter()
            .zip(self.segments.split_pairs(&mut for_bias, self.heads))
            .zip(sets)
            .for_each_init(
                Scratch::default,
                |scratch, ((for_rows, for_bias), (set, start))| {
                    let operands = (
                        &rows[set.start * stride..set.end * stride],
                        &biases[start..start + for_bias.len()],
                        &gradients[set.start * width..set.end * width],
                    );
                    vectorised(
                        #[inline(always)]
                        || self.backward_set(operands, for_rows, for_bias, scratch),
                    );
                },
            );
        let device = projected.device();
        Ok((
            Some(Tensor::from_vec(for_rows, projected.shape(), device)?),
            Some(Tensor::from_vec(for_bias, bias.shape(), device)?),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;
    use crate::finite_difference::{assert_gradients, random_tensor};

    /// The definition, one value after the other.
    #[allow(clippy::needless_range_loop)] // Indices as in the definition.
    fn expected(rows: &[Vec<f32>], bias: &[Vec<f32>], heads: usize) -> Vec<Vec<f32>> {
        let width = rows[0].len() / 3;
        let channels = width / heads;
        let pair = |i: usize, j: usize| i.max(j) * (i.max(j) + 1) / 2 + i.min(j);
        let mut output = vec![vec![0.0; width]; rows.len()];
        for head in 0..heads {
            for (i, row) in rows.iter().enumerate() {
                let scores: Vec<f32> = (0..rows.len())
                    .map(|j| {
                        let product: f32 = (head * channels..(head + 1) * channels)
                            .map(|c| row[c] * rows[j][width + c])
                            .sum();
                        (product / (channels as f32).sqrt() + bias[pair(i, j)][head]).exp()
                    })
                    .collect();
                let sum: f32 = scores.iter().sum();
                for c in head * channels..(head + 1) * channels {
                    output[i][c] = (0..rows.len())
                        .map(|j| scores[j] / sum * rows[j][2 * width + c])
                        .sum();
                }
            }
        }
        output
    }

    #[test]
    fn values_follow_the_definition_and_sets_do_not_mix() {
        let segments = Segments::new([3, 0, 4, 1]);
        let projected = random_tensor(&[8, 12], 1.5, 1);
        let bias = random_tensor(&[segments.pairs(), 2], 1.0, 2);
        let found = segment_attention(&projected, &bias, &segments, 2).unwrap();
        let found = found.to_vec2::<f32>().unwrap();
        let (rows, bias) = (projected.to_vec2().unwrap(), bias.to_vec2().unwrap());
        let mut pairs = 0;
        for set in segments.iter().filter(|set| !set.is_empty()) {
            let expected = expected(&rows[set.clone()], &bias[pairs..], 2);
            pairs += triangle(set.len());
            for (found, expected) in found[set].iter().flatten().zip(expected.iter().flatten()) {
                assert!((found - expected).abs() < 1e-5, "{found} {expected}");
            }
        }
    }

    #[test]
    fn gradients_match_differences() {
        let segments = Segments::new([3, 1, 0, 4]);
        let projected = random_tensor(&[8, 12], 1.0, 3);
        let bias = random_tensor(&[segments.pairs(), 2], 1.0, 4);
        assert_gradients(&[projected, bias], 2e-3, |a| {
            segment_attention(&a[0], &a[1], &segments, 2)
        });
    }

    #[test]
    fn shapes_that_do_not_fit_are_named() {
        let segments = Segments::new([2]);
        let device = &Device::Cpu;
        let zeros = |shape: &[usize]| Tensor::zeros(shape, crate::DType::F32, device).unwrap();
        let bias = zeros(&[3, 2]);
        for (rows, bias, heads, expected) in [
            (zeros(&[3, 12]), &bias, 2, "2 rows"),
            (zeros(&[2, 12]), &bias, 3, "3 heads"),
            (zeros(&[2, 12]), &zeros(&[4, 2]), 2, "[3, 2]"),
        ] {
            let error = segment_attention(&rows, bias, &segments, heads).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
