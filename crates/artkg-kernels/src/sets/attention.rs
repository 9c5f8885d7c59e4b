use rayon::prelude::*;

use crate::exponential::exponential;
use crate::segments::{Segments, triangle};
use crate::vector::{sum_of, vectorised};

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

/// Attention of every row to all rows of its set.
#[derive(Clone, Debug)]
pub struct Attention {
    /// The sets.
    pub segments: Segments,
    /// The number of heads.
    pub heads: usize,
    /// Columns of query, key and value each, which the heads share.
    pub width: usize,
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
        let factor = 1.0 / sum_of(probabilities, |value| value);
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
                let average = sum_of(gradients, |value| value);
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

    /// The result of rows of query, key and value side by side, with a bias for each
    /// pair and head.
    pub fn forward(&self, rows: &[f32], bias: &[f32]) -> Vec<f32> {
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
        output
    }

    /// The gradients of rows and bias.
    ///
    /// # Panics
    /// When there are not as many gradients as results.
    pub fn gradients(
        &self,
        rows: &[f32],
        biases: &[f32],
        gradients: &[f32],
    ) -> (Vec<f32>, Vec<f32>) {
        let (width, stride) = (self.width, 3 * self.width);
        assert_eq!(gradients.len(), self.segments.rows() * width);
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
        (for_rows, for_bias)
    }
}
