mod inference;
mod network;
mod unit;

use artkg_nn::{Context, ConvolutionShape, Linear, Scope, Tensor, recorded};

use crate::backbone::{Backbone, BackboneOptions, InferenceBackbone, check_input};
use crate::{Architecture, Bottleneck, Result, Stage};

pub use inference::InferenceResNet;
use network::{Block, Network};
use unit::{TrainablePass, TrainableUnit};

/// A residual network (He et al., CVPR 2016) with torchvision's parameter names.
///
/// Filters start normal with `sqrt(2 / (kernel area * outputs))` (He et al.,
/// ICCV 2015, fan out), batch norms as the identity.
#[derive(Debug)]
pub struct ResNet {
    architecture: Architecture,
    bottleneck: Bottleneck,
    network: Network<TrainableUnit>,
    classifier: Option<Linear>,
}

impl ResNet {
    /// A network without classifier and with fresh parameters in `scope`.
    ///
    /// # Errors
    /// When a parameter's name is taken or a tensor cannot be made.
    pub fn new(
        scope: &Scope<'_>,
        architecture: Architecture,
        bottleneck: Bottleneck,
    ) -> Result<Self> {
        Self::with_options(scope, architecture, bottleneck, BackboneOptions::default())
    }

    /// A network with options and fresh parameters in `scope`.
    ///
    /// # Errors
    /// As [`ResNet::new`].
    pub fn with_options(
        scope: &Scope<'_>,
        architecture: Architecture,
        bottleneck: Bottleneck,
        options: BackboneOptions,
    ) -> Result<Self> {
        let stem = TrainableUnit::new(
            &scope.sub("conv1"),
            &scope.sub("bn1"),
            (3, 64),
            ConvolutionShape::square(7, 2, 3),
        )?;
        let builder = BlockBuilder {
            architecture,
            bottleneck,
            zero_init_residual: options.zero_init_residual,
        };
        let mut channels = 64;
        let mut layers = Vec::with_capacity(4);
        for (index, count) in architecture.blocks().into_iter().enumerate() {
            let layer = scope.sub(format_args!("layer{}", index + 1));
            let width = 64 << index;
            let mut blocks = Vec::with_capacity(count);
            for block in 0..count {
                let stride = if block == 0 && index > 0 { 2 } else { 1 };
                blocks.push(builder.build(&layer.sub(block), channels, width, stride)?);
                channels = width * architecture.expansion();
            }
            layers.push(blocks);
        }
        let classifier = options
            .classes
            .map(|classes| Linear::new(&scope.sub("fc"), channels, classes))
            .transpose()?;
        Ok(Self {
            architecture,
            // Basic blocks have no variant: one name for one network.
            bottleneck: if architecture.has_bottlenecks() {
                bottleneck
            } else {
                Bottleneck::V1_5
            },
            network: Network { stem, layers },
            classifier,
        })
    }

    fn check(&self, input: &Tensor, from: Stage, to: Stage) -> Result<()> {
        check_input(
            input,
            channels_at(self.architecture, from),
            from,
            to,
            Stage::Pooled,
        )
    }
}

impl Backbone for ResNet {
    fn architecture(&self) -> Architecture {
        self.architecture
    }

    fn bottleneck(&self) -> Bottleneck {
        self.bottleneck
    }

    fn classifier(&self) -> Option<&Linear> {
        self.classifier.as_ref()
    }

    fn boundary_shape(&self, stage: Stage, input_size: (usize, usize)) -> Vec<usize> {
        let channels = channels_at(self.architecture, stage);
        let halvings = match stage {
            Stage::Input => 0,
            Stage::Stem | Stage::Layer1 => 2,
            Stage::Layer2 => 3,
            Stage::Layer3 => 4,
            Stage::Layer4 => 5,
            Stage::Pooled => return vec![channels],
        };
        // Each padded convolution or pooling of stride 2 halves, rounding up.
        let halve = |size: usize| (0..halvings).fold(size, |size, _| size.div_ceil(2));
        vec![halve(input_size.0), halve(input_size.1), channels]
    }

    fn forward_stages(
        &self,
        input: &Tensor,
        from: Stage,
        to: Stage,
        context: &Context,
    ) -> Result<Tensor> {
        self.check(input, from, to)?;
        let pass = TrainablePass {
            context,
            detached: false,
        };
        recorded(input, |input| self.network.run(input, from, to, pass))
    }

    fn forward_frozen(&self, images: &Tensor, until: Stage) -> Result<Tensor> {
        self.check(images, Stage::Input, until)?;
        let pass = TrainablePass {
            context: &Context::evaluation(),
            detached: true,
        };
        let activation = self.network.run(images, Stage::Input, until, pass)?;
        Ok(activation.detach())
    }

    fn fold(&self, until: Stage) -> Result<Box<dyn InferenceBackbone>> {
        Ok(Box::new(InferenceResNet::new(self, until)?))
    }
}

/// The number of channels at a boundary.
fn channels_at(architecture: Architecture, stage: Stage) -> usize {
    let expansion = architecture.expansion();
    match stage {
        Stage::Input => 3,
        Stage::Stem => 64,
        Stage::Layer1 => 64 * expansion,
        Stage::Layer2 => 128 * expansion,
        Stage::Layer3 => 256 * expansion,
        Stage::Layer4 | Stage::Pooled => 512 * expansion,
    }
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
    ) -> Result<Block<TrainableUnit>> {
        let outputs = width * self.architecture.expansion();
        let unit = |index: usize, from: usize, to: usize, shape: ConvolutionShape| {
            TrainableUnit::new(
                &scope.sub(format_args!("conv{index}")),
                &scope.sub(format_args!("bn{index}")),
                (from, to),
                shape,
            )
        };
        let one = |stride| ConvolutionShape::square(1, stride, 0);
        let three = |stride| ConvolutionShape::square(3, stride, 1);
        let units = if self.architecture.has_bottlenecks() {
            let (first, second) = match self.bottleneck {
                Bottleneck::V1 => (stride, 1),
                Bottleneck::V1_5 => (1, stride),
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
                TrainableUnit::new(
                    &downsample.sub(0),
                    &downsample.sub(1),
                    (channels, outputs),
                    one(stride),
                )
            })
            .transpose()?;
        Ok(Block { units, downsample })
    }
}
