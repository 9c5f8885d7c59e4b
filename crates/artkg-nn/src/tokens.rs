//! Sequences of tokens, `[batch, tokens, width]`, as transformers see images.

use std::ops::Range;

use candle_core::{Shape, Tensor};

use artkg_kernels::tokens as kernels;

use crate::checks::require_f32;
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};

/// `prefix`, then the patches of each item: class token and registers before the
/// patches of an image.
///
/// `patches` is `[batch, patches, width]`, `prefix` `[tokens, width]`; the result is
/// `[batch, tokens + patches, width]`. Differentiable in both.
///
/// # Errors
/// [`Error::Argument`] when the shapes do not fit or a tensor is not `f32`.
pub fn with_prefix(patches: &Tensor, prefix: &Tensor) -> Result<Tensor> {
    let [batch, tokens, width] = sizes(patches, "a prefix of tokens")?;
    require_f32(prefix, "a prefix of tokens")?;
    let Some(length) = rows_of(prefix, width) else {
        return Err(unfitting("a prefix", prefix, patches));
    };
    let operation = Prefix {
        shape: [batch, length + tokens, width],
        length: length * width,
    };
    apply(&[patches, prefix], operation)
}

/// `positions` added to the tokens of every item.
///
/// `tokens` is `[batch, tokens, width]`, `positions` `[tokens, width]`. Differentiable
/// in both.
///
/// # Errors
/// As [`with_prefix`].
pub fn add_positions(tokens: &Tensor, positions: &Tensor) -> Result<Tensor> {
    let [_, count, width] = sizes(tokens, "an addition of positions")?;
    require_f32(positions, "an addition of positions")?;
    if positions.dims() != [count, width] {
        return Err(unfitting("positions", positions, tokens));
    }
    apply(&[tokens, positions], Positions)
}

/// The tokens `from..to` of each item, `[batch, to - from, width]`. Differentiable.
///
/// # Errors
/// [`Error::Argument`] when there are no such tokens or the tensor is not `f32`.
pub fn select_tokens(tokens: &Tensor, from: usize, to: usize) -> Result<Tensor> {
    let [batch, count, width] = sizes(tokens, "a choice of tokens")?;
    if from >= to || to > count {
        return Err(Error::Argument(format!(
            "there are no tokens {from}..{to} among {count}"
        )));
    }
    let operation = Select {
        shape: [batch, to - from, width],
        length: count * width,
        range: from * width..to * width,
    };
    apply(&[tokens], operation)
}

/// The mean of each item's tokens, `[batch, width]`. Differentiable.
///
/// # Errors
/// [`Error::Argument`] when there are no tokens or the tensor is not `f32`.
pub fn mean_of_tokens(tokens: &Tensor) -> Result<Tensor> {
    let [batch, count, width] = sizes(tokens, "a mean of tokens")?;
    apply(
        &[tokens],
        Mean {
            batch,
            count,
            width,
        },
    )
}

/// Batch, tokens and width, none of the latter two 0.
fn sizes(tokens: &Tensor, operation: &str) -> Result<[usize; 3]> {
    require_f32(tokens, operation)?;
    match *tokens.dims() {
        [batch, count, width] if count > 0 && width > 0 => Ok([batch, count, width]),
        ref dims => Err(Error::Argument(format!(
            "{operation} takes [batch, tokens, width], got shape {dims:?}"
        ))),
    }
}

/// The rows of a matrix of this width.
fn rows_of(matrix: &Tensor, width: usize) -> Option<usize> {
    match *matrix.dims() {
        [rows, columns] if columns == width => Some(rows),
        _ => None,
    }
}

fn unfitting(what: &str, tensor: &Tensor, tokens: &Tensor) -> Error {
    Error::Argument(format!(
        "{what} of shape {:?} does not fit tokens of shape {:?}",
        tensor.dims(),
        tokens.dims()
    ))
}

/// Tokens before those of each item.
struct Prefix {
    shape: [usize; 3],
    /// Values of the prefix.
    length: usize,
}

impl Prefix {
    /// Values of an item of the result.
    fn whole(&self) -> usize {
        self.shape[1] * self.shape[2]
    }
}

impl Operation for Prefix {
    fn name(&self) -> &'static str {
        "prefix of tokens"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from(&self.shape))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let (patches, prefix) = (operands[0], operands[1]);
        let length = self.whole() - self.length;
        Ok(kernels::with_prefix(patches, prefix, length))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (gradient, whole) = (pass.gradient, self.whole());
        let part = |range| kernels::select(gradient, whole, range);
        Ok(vec![
            pass.when_wanted(0, || part(self.length..whole)),
            pass.when_wanted(1, || {
                kernels::sum_of_items(&part(0..self.length), self.length)
            }),
        ])
    }
}

/// Tokens plus the same positions in each item.
struct Positions;

impl Operation for Positions {
    fn name(&self) -> &'static str {
        "addition of positions"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(operands[0].clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(kernels::add_positions(operands[0], operands[1]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let length = pass.operands[1].len();
        Ok(vec![
            pass.when_wanted(0, || pass.gradient.to_vec()),
            pass.when_wanted(1, || kernels::sum_of_items(pass.gradient, length)),
        ])
    }
}

/// A range of the values of each item.
struct Select {
    shape: [usize; 3],
    /// Values of an item.
    length: usize,
    range: Range<usize>,
}

impl Operation for Select {
    fn name(&self) -> &'static str {
        "choice of tokens"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from(&self.shape))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let range = self.range.clone();
        Ok(kernels::select(operands[0], self.length, range))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let range = self.range.clone();
        Ok(vec![Some(kernels::select_gradient(
            pass.gradient,
            self.length,
            range,
        ))])
    }
}

/// The mean over the tokens of each item.
struct Mean {
    batch: usize,
    count: usize,
    width: usize,
}

impl Operation for Mean {
    fn name(&self) -> &'static str {
        "mean of tokens"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from((self.batch, self.width)))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let length = self.count * self.width;
        Ok(kernels::means(operands[0], length, self.width))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let length = self.count * self.width;
        Ok(vec![Some(kernels::means_gradient(
            pass.gradient,
            length,
            self.width,
        ))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    fn values(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn values_are_those_of_the_library() {
        let tokens = random_tensor(&[3, 5, 4], 1.0, 1);
        let prefix = random_tensor(&[2, 4], 1.0, 2);
        let repeated = prefix.unsqueeze(0).unwrap().repeat((3, 1, 1)).unwrap();
        let expected = Tensor::cat(&[&repeated, &tokens], 1).unwrap();
        let found = with_prefix(&tokens, &prefix).unwrap();
        assert_eq!(found.dims(), [3, 7, 4]);
        assert_eq!(values(&found), values(&expected));
        let found = select_tokens(&tokens, 1, 4).unwrap();
        assert_eq!(found.dims(), [3, 3, 4]);
        assert_eq!(values(&found), values(&tokens.narrow(1, 1, 3).unwrap()));
        let positions = random_tensor(&[5, 4], 1.0, 3);
        let expected = tokens.broadcast_add(&positions).unwrap();
        let found = add_positions(&tokens, &positions).unwrap();
        assert_eq!(values(&found), values(&expected));
        let found = values(&mean_of_tokens(&tokens).unwrap());
        let expected = values(&tokens.mean(1).unwrap());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    }

    #[test]
    fn gradients_match_differences() {
        let tokens = random_tensor(&[2, 4, 3], 1.0, 1);
        let positions = random_tensor(&[4, 3], 1.0, 2);
        let arguments = [tokens.clone(), random_tensor(&[2, 3], 1.0, 3)];
        assert_gradients(&arguments, 1e-3, |a| with_prefix(&a[0], &a[1]));
        let arguments = [tokens.clone(), positions];
        assert_gradients(&arguments, 1e-3, |a| add_positions(&a[0], &a[1]));
        assert_gradients(std::slice::from_ref(&tokens), 1e-3, |a| {
            select_tokens(&a[0], 1, 3)
        });
        assert_gradients(&[tokens], 1e-3, |a| mean_of_tokens(&a[0]));
    }

    #[test]
    fn unfitting_shapes_are_named() {
        let tokens = random_tensor(&[2, 4, 3], 1.0, 1);
        let other = random_tensor(&[5, 2], 1.0, 1);
        for error in [
            with_prefix(&tokens, &other).unwrap_err(),
            add_positions(&tokens, &other).unwrap_err(),
            mean_of_tokens(&other).unwrap_err(),
        ] {
            assert!(error.to_string().contains("[5, 2]"), "{error}");
        }
        let error = select_tokens(&tokens, 3, 5).unwrap_err().to_string();
        assert!(error.contains("3..5") && error.contains('4'), "{error}");
    }
}
