use artkg_nn::{ConvolutionShape, Scope};

use super::shared::{Stages, feature_pool, fully_connected};
use crate::architecture::Architecture;
use crate::error::Result;
use crate::network::{Norm, Part, Pool, PoolKind, TrainableUnit};
use crate::stage::Stage;

const BLOCKS: [Stage; 5] = [
    Stage::Block1,
    Stage::Block2,
    Stage::Block3,
    Stage::Block4,
    Stage::Block5,
];

/// The networks of Simonyan and Zisserman (ICLR 2015): five blocks of 3×3
/// convolutions, each ended by max pooling, and two fully connected layers.
pub(super) fn stages(
    scope: &Scope<'_>,
    architecture: Architecture,
    dropout: f32,
) -> Result<Stages> {
    let has_norms = matches!(architecture, Architecture::Vgg16Bn | Architecture::Vgg19Bn);
    let counts = match architecture {
        Architecture::Vgg19 | Architecture::Vgg19Bn => [2, 2, 4, 4, 4],
        _ => [2, 2, 3, 3, 3],
    };
    let features = scope.sub("features");
    // Torchvision counts ReLUs and poolings too.
    let (mut index, mut channels) = (0, 3);
    let mut stages = Vec::new();
    for ((stage, count), width) in BLOCKS.into_iter().zip(counts).zip([64, 128, 256, 512, 512]) {
        let mut parts = Vec::new();
        for _ in 0..count {
            let norm = has_norms.then(|| Norm::new(features.sub(index + 1)));
            parts.push(Part::Unit(TrainableUnit::convolution(
                &features.sub(index),
                norm.as_ref(),
                (channels, width),
                ConvolutionShape::square(3, 1, 1),
                true,
            )?));
            channels = width;
            index += if has_norms { 3 } else { 2 };
        }
        parts.push(feature_pool(index, 2));
        index += 1;
        stages.push((stage, parts));
    }
    let [fc6, fc7] = fully_connected(scope, [7, 7, 512], [0, 3])?;
    stages.push((
        Stage::Fc6,
        vec![
            Part::Pool(Pool::new("avgpool", PoolKind::Adaptive(7))),
            fc6,
            Part::Dropout(dropout),
        ],
    ));
    stages.push((Stage::Pooled, vec![fc7, Part::Dropout(dropout)]));
    Ok(stages)
}
