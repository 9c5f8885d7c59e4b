//! ConvNeXt (Liu et al., CVPR 2022) under timm's names.

use artkg_nn::{ConvolutionShape, Initialisation, Linear, Role, Scope};

use super::shared::Stages;
use crate::architecture::ConvNextSizes;
use crate::backbone_options::BackboneOptions;
use crate::error::Result;
use crate::network::{
    ConvNext, Depthwise, LayerNorm, Part, Perceptron, Pool, PoolKind, Table, TrainableUnit,
};
use crate::stage::Stage;
use crate::transformer_sizes::Gating;

/// What norms add to variances.
const EPSILON: f32 = 1e-6;
/// Pixels of the depthwise convolutions' sides.
const KERNEL: usize = 7;
const LAYERS: [Stage; 4] = [Stage::Layer1, Stage::Layer2, Stage::Layer3, Stage::Layer4];

/// Stem, four stages, and the mean of each channel behind a last norm.
pub(super) fn stages(
    scope: &Scope<'_>,
    sizes: ConvNextSizes,
    options: BackboneOptions,
) -> Result<Stages> {
    let ConvNextSizes { widths, depths } = sizes;
    let blocks: usize = depths.iter().sum();
    let largest_rate = options.stochastic_depth.unwrap_or_default();
    let stem = scope.sub("stem");
    let mut stages = vec![(
        Stage::Stem,
        vec![
            Part::Plain(shrinking(&stem.sub(0), (3, widths[0]), 4)?),
            Part::Norm(LayerNorm::new(&stem.sub(1), widths[0], EPSILON)?),
        ],
    )];
    let mut number = 0;
    for (index, (stage, depth)) in LAYERS.into_iter().zip(depths).enumerate() {
        let scope = scope.sub("stages").sub(index);
        let width = widths[index];
        let mut parts = Vec::new();
        if index > 0 {
            let before = widths[index - 1];
            let downsample = scope.sub("downsample");
            parts.push(Part::Norm(LayerNorm::new(
                &downsample.sub(0),
                before,
                EPSILON,
            )?));
            parts.push(Part::Plain(shrinking(
                &downsample.sub(1),
                (before, width),
                2,
            )?));
        }
        for block in 0..depth {
            // Deeper blocks are left out more often.
            let drop_rate = largest_rate * number as f32 / (blocks - 1).max(1) as f32;
            let scope = scope.sub("blocks").sub(block);
            parts.push(Part::ConvNext(self::block(&scope, width, drop_rate)?));
            number += 1;
        }
        stages.push((stage, parts));
    }
    let mut pooled = vec![
        Part::Pool(Pool::new("head.global_pool", PoolKind::Global)),
        Part::Norm(LayerNorm::new(
            &scope.sub("head").sub("norm"),
            widths[3],
            EPSILON,
        )?),
    ];
    pooled.extend(options.dropout.map(Part::Dropout));
    stages.push((Stage::Pooled, pooled));
    Ok(stages)
}

/// A convolution whose windows of `side` pixels lie side by side.
fn shrinking(scope: &Scope<'_>, channels: (usize, usize), side: usize) -> Result<TrainableUnit> {
    let shape = ConvolutionShape::square(side, side, 0);
    TrainableUnit::convolution(scope, None, channels, shape, true)
}

fn block(scope: &Scope<'_>, width: usize, drop_rate: f32) -> Result<ConvNext<TrainableUnit>> {
    let hidden = 4 * width;
    let (widen, narrow) = (scope.sub("mlp").sub("fc1"), scope.sub("mlp").sub("fc2"));
    let scale = Table::new(
        scope,
        "gamma",
        &[width],
        Initialisation::Ones,
        Role::Normalisation,
    )?;
    Ok(ConvNext {
        depthwise: Depthwise::new(&scope.sub("conv_dw"), width, KERNEL)?,
        perceptron: Perceptron {
            norm: LayerNorm::new(&scope.sub("norm"), width, EPSILON)?,
            widen: TrainableUnit::linear(&widen, Linear::new(&widen, width, hidden)?),
            gating: Gating::Gelu,
            narrow: TrainableUnit::branch_end(
                &narrow,
                Linear::new(&narrow, hidden, width)?,
                drop_rate,
            ),
            scale: Some(scale),
        },
    })
}
