use artkg_nn::{ConvolutionShape, Scope};

use super::shared::Stages;
use crate::architecture::Architecture;
use crate::backbone_options::BackboneOptions;
use crate::error::Result;
use crate::network::{Gate, Norm, Part, Pool, PoolKind, Residual, TrainableUnit};
use crate::request::Bottleneck;
use crate::stage::Stage;

const LAYERS: [Stage; 4] = [Stage::Layer1, Stage::Layer2, Stage::Layer3, Stage::Layer4];

/// A residual network (He et al., CVPR 2016), with or without squeeze and
/// excitation (Hu et al., CVPR 2018), under torchvision's and timm's names.
pub(super) fn stages(
    scope: &Scope<'_>,
    architecture: Architecture,
    bottleneck: Bottleneck,
    options: BackboneOptions,
) -> Result<Stages> {
    let stem = TrainableUnit::convolution(
        &scope.sub("conv1"),
        Some(&Norm::new(scope.sub("bn1"))),
        (3, 64),
        ConvolutionShape::square(7, 2, 3),
        false,
    )?;
    let pool = Pool::maximum("maxpool", 3, 2, 1);
    let mut stages = vec![(Stage::Stem, vec![Part::Unit(stem), Part::Pool(pool)])];
    let builder = BlockBuilder {
        architecture,
        bottleneck,
        zero_init_residual: options.zero_init_residual,
    };
    let mut channels = 64;
    for (index, (stage, count)) in LAYERS.into_iter().zip(architecture.blocks()).enumerate() {
        let layer = scope.sub(stage);
        let width = 64 << index;
        let mut blocks = Vec::with_capacity(count);
        for block in 0..count {
            let stride = if block == 0 && index > 0 { 2 } else { 1 };
            let block = builder.build(&layer.sub(block), channels, width, stride)?;
            blocks.push(Part::Residual(block));
            channels = width * architecture.expansion();
        }
        stages.push((stage, blocks));
    }
    let mut pooled = vec![Part::Pool(Pool::new("avgpool", PoolKind::Global))];
    pooled.extend(options.dropout.map(Part::Dropout));
    stages.push((Stage::Pooled, pooled));
    Ok(stages)
}

/// What all blocks of a network have in common.
struct BlockBuilder {
    architecture: Architecture,
    bottleneck: Bottleneck,
    zero_init_residual: bool,
}

impl BlockBuilder {
    /// A block from `channels` to `width * expansion` channels.
    fn build(
        &self,
        scope: &Scope<'_>,
        channels: usize,
        width: usize,
        stride: usize,
    ) -> Result<Residual<TrainableUnit>> {
        let outputs = width * self.architecture.expansion();
        let unit = |index: usize, from: usize, to: usize, shape: ConvolutionShape| {
            TrainableUnit::convolution(
                &scope.sub(format_args!("conv{index}")),
                Some(&Norm::new(scope.sub(format_args!("bn{index}")))),
                (from, to),
                shape,
                false,
            )
        };
        let one = |stride| ConvolutionShape::square(1, stride, 0);
        let three = |stride| ConvolutionShape::square(3, stride, 1);
        let units = if self.architecture.has_bottlenecks() {
            let (first, second) = match self.bottleneck {
                Bottleneck::V1 if self.architecture.has_variants() => (stride, 1),
                _ => (1, stride),
            };
            vec![
                unit(1, channels, width, one(first))?,
                unit(2, width, width, three(second))?,
                unit(3, width, outputs, one(1))?,
            ]
        } else {
            vec![
                unit(1, channels, width, three(stride))?,
                unit(2, width, width, three(1))?,
            ]
        };
        if self.zero_init_residual
            && let Some(last) = units.last()
        {
            last.start_at_zero()?;
        }
        let downsample = (stride != 1 || channels != outputs)
            .then(|| {
                let downsample = scope.sub("downsample");
                TrainableUnit::convolution(
                    &downsample.sub(0),
                    Some(&Norm::new(downsample.sub(1))),
                    (channels, outputs),
                    one(stride),
                    false,
                )
            })
            .transpose()?;
        let gate = self
            .architecture
            .has_excitation()
            .then(|| gate(&scope.sub("se"), outputs))
            .transpose()?;
        Ok(Residual {
            units,
            downsample,
            gate,
        })
    }
}

/// Squeeze and excitation over a sixteenth of the channels.
fn gate(scope: &Scope<'_>, channels: usize) -> Result<Gate<TrainableUnit>> {
    const REDUCTION: usize = 16;
    let unit = |name: &str, from, to| {
        let shape = ConvolutionShape::square(1, 1, 0);
        TrainableUnit::convolution(&scope.sub(name), None, (from, to), shape, true)
    };
    let narrow = channels / REDUCTION;
    Ok(Gate {
        squeeze: unit("fc1", channels, narrow)?,
        excite: unit("fc2", narrow, channels)?,
    })
}
