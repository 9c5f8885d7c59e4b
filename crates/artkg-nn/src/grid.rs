use candle_core::{Shape, Tensor};

use artkg_kernels::{multiply, transposed_multiply};

use crate::checks::require_f32;
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};

/// How a grid is brought to another size, always by cubic convolution (Keys, 1981) and
/// between the centres of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Resampling {
    /// Cells of the new size share the old size evenly: CLIP, SigLIP, newer DINOv2.
    #[default]
    Even,
    /// Cells lie as if the new size were larger by this, as DINOv2 in its original
    /// form, with 0.1.
    Offset(f64),
    /// Evenly, and a smaller grid averages over more of the larger one: DINOv2 with
    /// registers, timm. A softer kernel than that of the others.
    Antialiased,
}

/// [`resample_grid_bicubic`] with [`Resampling::Even`].
///
/// # Errors
/// As there.
pub fn resize_grid_bicubic(grid: &Tensor, size: (usize, usize)) -> Result<Tensor> {
    resample_grid_bicubic(grid, size, Resampling::Even)
}

/// `grid`, `[height, width, channels]`, in the size `(height, width)` by bicubic
/// interpolation, as `torch.nn.functional.interpolate(mode="bicubic")` has it.
/// Differentiable.
///
/// # Errors
/// [`Error::Argument`] when the grid is not one, a size is 0, or the tensor is not
/// `f32`.
pub fn resample_grid_bicubic(
    grid: &Tensor,
    size: (usize, usize),
    resampling: Resampling,
) -> Result<Tensor> {
    require_f32(grid, "resizing a grid")?;
    let [height, width, channels] = *grid.dims() else {
        return Err(unfitting(grid, size));
    };
    if grid.elem_count() == 0 || size.0 == 0 || size.1 == 0 {
        return Err(unfitting(grid, size));
    }
    let operation = Resize {
        rows: Axis::new(height, size.0, resampling),
        columns: Axis::new(width, size.1, resampling),
        channels,
    };
    apply(&[grid], operation)
}

fn unfitting(grid: &Tensor, size: (usize, usize)) -> Error {
    Error::Argument(format!(
        "cannot bring a grid of shape {:?} to {}×{}: grids are [height, width, channels]",
        grid.dims(),
        size.0,
        size.1
    ))
}

/// What each cell along the new axis takes from those along the old one.
struct Axis {
    from: usize,
    to: usize,
    /// `[to, from]`.
    weights: Vec<f32>,
}

impl Axis {
    fn new(from: usize, to: usize, resampling: Resampling) -> Self {
        let mut weights = vec![0.0; to * from];
        for (cell, weights) in weights.chunks_exact_mut(from).enumerate() {
            match resampling {
                Resampling::Even => interpolate(weights, cell, from as f64 / to as f64),
                Resampling::Offset(offset) => {
                    interpolate(weights, cell, from as f64 / (to as f64 + offset));
                }
                Resampling::Antialiased => average(weights, cell, from as f64 / to as f64),
            }
        }
        Self { from, to, weights }
    }
}

/// The weights of old cells, `step` of which make a new one, in the new cell `cell`;
/// what lies outside is as at the edge.
fn interpolate(weights: &mut [f32], cell: usize, step: f64) {
    /// Of PyTorch's bicubic interpolation.
    const SHARPNESS: f64 = -0.75;

    let centre = step * (cell as f64 + 0.5) - 0.5;
    let last = weights.len() as f64 - 1.0;
    for tap in -1..=2 {
        let place = centre.floor() + f64::from(tap);
        let weight = cubic(place - centre, SHARPNESS) as f32;
        weights[place.clamp(0.0, last) as usize] += weight;
    }
}

/// As [`interpolate`], with a kernel as wide as a new cell where that is larger than
/// an old one, cut off at the edges.
fn average(weights: &mut [f32], cell: usize, step: f64) {
    /// Of PyTorch's bicubic interpolation with `antialias`.
    const SHARPNESS: f64 = -0.5;

    let centre = step * (cell as f64 + 0.5);
    let stretch = step.max(1.0);
    let reach = 2.0 * stretch;
    let first = (centre - reach + 0.5).max(0.0) as usize;
    let end = ((centre + reach + 0.5) as usize).min(weights.len());
    let taps = first..end.max(first);
    let weight = |place: usize| cubic((place as f64 + 0.5 - centre) / stretch, SHARPNESS);
    let sum: f64 = taps.clone().map(weight).sum();
    for place in taps {
        weights[place] = (weight(place) / sum) as f32;
    }
}

/// The kernel of cubic convolution at a distance from its middle.
fn cubic(distance: f64, sharpness: f64) -> f64 {
    let x = distance.abs();
    if x <= 1.0 {
        ((sharpness + 2.0) * x - (sharpness + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        ((sharpness * x - 5.0 * sharpness) * x + 8.0 * sharpness) * x - 4.0 * sharpness
    } else {
        0.0
    }
}

/// Rows, then columns, of a grid.
struct Resize {
    rows: Axis,
    columns: Axis,
    channels: usize,
}

impl Operation for Resize {
    fn name(&self) -> &'static str {
        "bicubic interpolation"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from((self.rows.to, self.columns.to, self.channels)))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let (rows, columns) = (&self.rows, &self.columns);
        let row = columns.from * self.channels;
        let tall = multiply(&rows.weights, operands[0], (rows.to, rows.from, row));
        let resized = tall.chunks_exact(row).flat_map(|row| {
            let sizes = (columns.to, columns.from, self.channels);
            multiply(&columns.weights, row, sizes)
        });
        Ok(resized.collect())
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (rows, columns) = (&self.rows, &self.columns);
        let narrow: Vec<f32> = pass
            .gradient
            .chunks_exact(columns.to * self.channels)
            .flat_map(|row| {
                let sizes = (columns.from, columns.to, self.channels);
                transposed_multiply(&columns.weights, row, sizes)
            })
            .collect();
        let sizes = (rows.from, rows.to, columns.from * self.channels);
        let gradient = transposed_multiply(&rows.weights, &narrow, sizes);
        Ok(vec![Some(gradient)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    const ALL: [Resampling; 3] = [
        Resampling::Even,
        Resampling::Offset(0.1),
        Resampling::Antialiased,
    ];

    #[test]
    fn the_same_size_and_constants_stay() {
        let grid = random_tensor(&[4, 5, 3], 1.0, 1);
        for resampling in [Resampling::Even, Resampling::Antialiased] {
            let found = resample_grid_bicubic(&grid, (4, 5), resampling).unwrap();
            let differences = (found - &grid).unwrap().abs().unwrap();
            let largest = differences.max_all().unwrap().to_scalar::<f32>().unwrap();
            assert!(largest < 1e-6, "{resampling:?}: {largest}");
        }
        for resampling in ALL {
            for size in [(3, 2), (9, 4)] {
                let found = resample_grid_bicubic(&grid.ones_like().unwrap(), size, resampling);
                let found = found.unwrap();
                assert_eq!(found.dims(), [size.0, size.1, 3]);
                for value in found.flatten_all().unwrap().to_vec1::<f32>().unwrap() {
                    assert!((value - 1.0).abs() < 1e-6, "{resampling:?}: {value}");
                }
            }
        }
    }

    #[test]
    fn gradients_match_differences() {
        for resampling in ALL {
            for size in [(2, 3), (7, 6)] {
                assert_gradients(&[random_tensor(&[4, 5, 2], 1.0, 1)], 1e-3, |a| {
                    resample_grid_bicubic(&a[0], size, resampling)
                });
            }
        }
    }

    #[test]
    fn what_is_no_grid_is_named() {
        let error = resample_grid_bicubic(&random_tensor(&[4, 5], 1.0, 1), (2, 2), ALL[0]);
        assert!(error.unwrap_err().to_string().contains("[4, 5]"));
        let error = resample_grid_bicubic(&random_tensor(&[4, 5, 1], 1.0, 1), (0, 2), ALL[0]);
        assert!(error.unwrap_err().to_string().contains("0×2"));
    }
}
