//! What families have in common.

use artkg_nn::{Linear, Scope};

use crate::error::Result;
use crate::network::{Part, Pool, TrainableUnit};
use crate::stage::Stage;

/// The parts that lead to each boundary behind the images.
pub(super) type Stages = Vec<(Stage, Vec<Part<TrainableUnit>>)>;

/// The two fully connected layers of AlexNet and VGG, with `image` at their
/// front; they are `classifier.<first>` and `classifier.<second>`.
pub(super) fn fully_connected(
    scope: &Scope<'_>,
    image: [usize; 3],
    indices: [usize; 2],
) -> Result<[Part<TrainableUnit>; 2]> {
    let [first, second] = indices.map(|index| scope.sub("classifier").sub(index));
    Ok([
        Part::Unit(TrainableUnit::linear(
            &first,
            Linear::over_images(&first, image, 4096)?,
        )),
        Part::Unit(TrainableUnit::linear(
            &second,
            Linear::new(&second, 4096, 4096)?,
        )),
    ])
}

/// The max pooling without weights at `features.<index>`.
pub(super) fn feature_pool(index: usize, kernel: usize) -> Part<TrainableUnit> {
    Part::Pool(Pool::maximum(format!("features.{index}"), kernel, 2, 0))
}
