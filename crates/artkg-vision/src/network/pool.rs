use artkg_nn::profile::{self, Description};
use artkg_nn::{
    ConvolutionShape, Tensor, adaptive_average_pool, global_average_pool, max_pool,
    max_pool_rounding_up, rounded_up_size,
};

use super::layer::{Layer, describe_window};
use crate::error::Result;

/// A pooling layer.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    name: String,
    kind: PoolKind,
}

/// What a pooling layer does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PoolKind {
    /// The largest value of square windows.
    Maximum {
        window: ConvolutionShape,
        /// Whether a last window may reach beyond the image.
        rounding_up: bool,
    },
    /// Means over this many rows and columns of windows.
    Adaptive(usize),
    /// The mean of each channel, `[batch, channels]`.
    Global,
}

impl Pool {
    pub(crate) fn new(name: impl Into<String>, kind: PoolKind) -> Self {
        Self {
            name: name.into(),
            kind,
        }
    }

    /// The largest value of square windows.
    pub(crate) fn maximum(
        name: impl Into<String>,
        kernel: usize,
        stride: usize,
        padding: usize,
    ) -> Self {
        let window = ConvolutionShape::square(kernel, stride, padding);
        Self::new(
            name,
            PoolKind::Maximum {
                window,
                rounding_up: false,
            },
        )
    }

    /// [`Pool::maximum`] without padding, where a last window may reach beyond
    /// the image.
    pub(crate) fn maximum_rounding_up(
        name: impl Into<String>,
        kernel: usize,
        stride: usize,
    ) -> Self {
        let window = ConvolutionShape::square(kernel, stride, 0);
        Self::new(
            name,
            PoolKind::Maximum {
                window,
                rounding_up: true,
            },
        )
    }

    pub(crate) fn forward(&self, input: &Tensor) -> Result<Tensor> {
        let describe = |_: &Tensor| Description {
            name: self.name.clone(),
            operation: self.operation(),
            multiply_adds: 0,
        };
        profile::layer(describe, &[input], |inputs| {
            let input = inputs[0];
            Ok(match self.kind {
                PoolKind::Maximum {
                    window,
                    rounding_up,
                } => {
                    let pool = if rounding_up {
                        max_pool_rounding_up
                    } else {
                        max_pool
                    };
                    pool(input, window.kernel.0, window.stride.0, window.padding.0)?
                }
                PoolKind::Adaptive(side) => adaptive_average_pool(input, (side, side))?,
                PoolKind::Global => global_average_pool(input)?,
            })
        })
    }

    /// The layer at an input of `shape`.
    pub(crate) fn layer(&self, shape: &[usize]) -> Result<Layer> {
        let &[height, width, channels] = shape else {
            // Features have nothing left to pool.
            return Ok(self.with_output(shape.to_vec()));
        };
        let size = (height, width);
        Ok(self.with_output(match self.kind {
            PoolKind::Maximum {
                window,
                rounding_up,
            } => {
                let (height, width) = if rounding_up {
                    rounded_up_size(window, size)?
                } else {
                    window.output_size(size)?
                };
                vec![height, width, channels]
            }
            PoolKind::Adaptive(side) => vec![side, side, channels],
            PoolKind::Global => vec![channels],
        }))
    }

    fn with_output(&self, output: Vec<usize>) -> Layer {
        Layer {
            name: self.name.clone(),
            operation: self.operation(),
            output,
            parameters: 0,
            multiply_adds: 0,
        }
    }

    fn operation(&self) -> String {
        match self.kind {
            PoolKind::Maximum { window, .. } => format!("max pool {}", describe_window(window)),
            PoolKind::Adaptive(side) => format!("average pool to {side}×{side}"),
            PoolKind::Global => "average pool".to_owned(),
        }
    }
}
