use artkg_nn::{ConvolutionShape, Scope};

use super::shared::{Stages, feature_pool, fully_connected};
use crate::error::Result;
use crate::network::{Part, Pool, PoolKind, TrainableUnit};
use crate::stage::Stage;

/// The network of Krizhevsky, "One weird trick for parallelizing convolutional
/// neural networks" (2014), as in torchvision: one column, no local response
/// normalisation.
pub(super) fn stages(scope: &Scope<'_>, dropout: f32) -> Result<Stages> {
    let convolution = |index: usize, channels, shape| {
        let scope = scope.sub("features").sub(index);
        TrainableUnit::convolution(&scope, None, channels, shape, true).map(Part::Unit)
    };
    let square = ConvolutionShape::square;
    let [fc6, fc7] = fully_connected(scope, [6, 6, 256], [1, 4])?;
    Ok(vec![
        (
            Stage::Block1,
            vec![
                convolution(0, (3, 64), square(11, 4, 2))?,
                feature_pool(2, 3),
            ],
        ),
        (
            Stage::Block2,
            vec![
                convolution(3, (64, 192), square(5, 1, 2))?,
                feature_pool(5, 3),
            ],
        ),
        (
            Stage::Block3,
            vec![convolution(6, (192, 384), square(3, 1, 1))?],
        ),
        (
            Stage::Block4,
            vec![convolution(8, (384, 256), square(3, 1, 1))?],
        ),
        (
            Stage::Block5,
            vec![
                convolution(10, (256, 256), square(3, 1, 1))?,
                feature_pool(12, 3),
            ],
        ),
        (
            Stage::Fc6,
            vec![
                Part::Pool(Pool::new("avgpool", PoolKind::Adaptive(6))),
                Part::Dropout(dropout),
                fc6,
            ],
        ),
        (Stage::Pooled, vec![Part::Dropout(dropout), fc7]),
    ])
}
