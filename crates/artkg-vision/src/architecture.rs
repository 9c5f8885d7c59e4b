use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::stage::Stage;
use crate::suggestion::find_by_name;
use crate::transformer_sizes::{Gating, TransformerSizes};

/// The visual networks, by their names in torchvision, timm or where they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Architecture {
    /// Krizhevsky's network of one column (2014), torchvision's AlexNet.
    AlexNet,
    /// Configuration D of Simonyan and Zisserman (ICLR 2015).
    Vgg16,
    /// The same with batch norm.
    Vgg16Bn,
    /// Configuration E of Simonyan and Zisserman.
    Vgg19,
    /// The same with batch norm.
    Vgg19Bn,
    /// Szegedy et al. (CVPR 2015) with batch norm, as in torchvision.
    GoogLeNet,
    /// He et al. (CVPR 2016), 18 layers of basic blocks.
    ResNet18,
    /// 34 layers of basic blocks.
    ResNet34,
    /// 50 layers of bottleneck blocks.
    ResNet50,
    /// 101 layers of bottleneck blocks.
    ResNet101,
    /// 152 layers of bottleneck blocks.
    ResNet152,
    /// ResNet-50 with squeeze and excitation (Hu et al., CVPR 2018), as in timm.
    SeResNet50,
    /// ResNet-101 with squeeze and excitation.
    SeResNet101,
    /// Liu et al. (CVPR 2022), 18 blocks of at most 768 channels.
    ConvNextTiny,
    /// 36 blocks of at most 768 channels.
    ConvNextSmall,
    /// 36 blocks of at most 1024 channels.
    ConvNextBase,
    /// DINOv2 (Oquab et al., 2023), ViT-S with patches of 14 pixels.
    DinoV2Small,
    /// ViT-B.
    DinoV2Base,
    /// ViT-L.
    DinoV2Large,
    /// ViT-g, with SwiGLU.
    DinoV2Giant,
    /// DINOv2's ViT-S with four registers (Darcet et al., ICLR 2024).
    DinoV2SmallReg,
    /// ViT-B with registers.
    DinoV2BaseReg,
    /// ViT-L with registers.
    DinoV2LargeReg,
    /// ViT-g with registers.
    DinoV2GiantReg,
    /// The visual tower of OpenAI's CLIP (Radford et al., ICML 2021), ViT-B with
    /// patches of 32 pixels.
    ClipBase32,
    /// ViT-B with patches of 16 pixels.
    ClipBase16,
    /// ViT-L with patches of 14 pixels.
    ClipLarge14,
    /// The visual tower of OpenCLIP (Cherti et al., CVPR 2023), ViT-B with patches of 32
    /// pixels; CLIP's with another activation.
    OpenClipBase32,
    /// ViT-B with patches of 16 pixels.
    OpenClipBase16,
    /// ViT-L with patches of 14 pixels.
    OpenClipLarge14,
    /// The visual tower of SigLIP (Zhai et al., ICCV 2023), ViT-B with patches of 16
    /// pixels.
    SigLipBase,
    /// ViT-L.
    SigLipLarge,
    /// The visual tower of SigLIP 2 (Tschannen et al., 2025) for a fixed size, ViT-B with
    /// patches of 16 pixels.
    SigLip2Base,
    /// ViT-L.
    SigLip2Large,
}

/// What architectures of one kind share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Family {
    AlexNet,
    Vgg,
    GoogLeNet,
    ResNet,
    ConvNext(ConvNextSizes),
    Transformer(TransformerSizes),
}

/// A ConvNeXt in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConvNextSizes {
    /// Channels of each stage.
    pub(crate) widths: [usize; 4],
    /// Blocks of each.
    pub(crate) depths: [usize; 4],
}

impl Architecture {
    /// All architectures, family by family.
    pub const ALL: [Self; 34] = [
        Self::AlexNet,
        Self::Vgg16,
        Self::Vgg16Bn,
        Self::Vgg19,
        Self::Vgg19Bn,
        Self::GoogLeNet,
        Self::ResNet18,
        Self::ResNet34,
        Self::ResNet50,
        Self::ResNet101,
        Self::ResNet152,
        Self::SeResNet50,
        Self::SeResNet101,
        Self::ConvNextTiny,
        Self::ConvNextSmall,
        Self::ConvNextBase,
        Self::DinoV2Small,
        Self::DinoV2Base,
        Self::DinoV2Large,
        Self::DinoV2Giant,
        Self::DinoV2SmallReg,
        Self::DinoV2BaseReg,
        Self::DinoV2LargeReg,
        Self::DinoV2GiantReg,
        Self::ClipBase32,
        Self::ClipBase16,
        Self::ClipLarge14,
        Self::OpenClipBase32,
        Self::OpenClipBase16,
        Self::OpenClipLarge14,
        Self::SigLipBase,
        Self::SigLipLarge,
        Self::SigLip2Base,
        Self::SigLip2Large,
    ];

    /// The name, as in torchvision and timm: `resnet50`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AlexNet => "alexnet",
            Self::Vgg16 => "vgg16",
            Self::Vgg16Bn => "vgg16_bn",
            Self::Vgg19 => "vgg19",
            Self::Vgg19Bn => "vgg19_bn",
            Self::GoogLeNet => "googlenet",
            Self::ResNet18 => "resnet18",
            Self::ResNet34 => "resnet34",
            Self::ResNet50 => "resnet50",
            Self::ResNet101 => "resnet101",
            Self::ResNet152 => "resnet152",
            Self::SeResNet50 => "seresnet50",
            Self::SeResNet101 => "seresnet101",
            Self::ConvNextTiny => "convnext_tiny",
            Self::ConvNextSmall => "convnext_small",
            Self::ConvNextBase => "convnext_base",
            Self::DinoV2Small => "dinov2_vits14",
            Self::DinoV2Base => "dinov2_vitb14",
            Self::DinoV2Large => "dinov2_vitl14",
            Self::DinoV2Giant => "dinov2_vitg14",
            Self::DinoV2SmallReg => "dinov2_vits14_reg",
            Self::DinoV2BaseReg => "dinov2_vitb14_reg",
            Self::DinoV2LargeReg => "dinov2_vitl14_reg",
            Self::DinoV2GiantReg => "dinov2_vitg14_reg",
            Self::ClipBase32 => "clip_vitb32",
            Self::ClipBase16 => "clip_vitb16",
            Self::ClipLarge14 => "clip_vitl14",
            Self::OpenClipBase32 => "openclip_vitb32",
            Self::OpenClipBase16 => "openclip_vitb16",
            Self::OpenClipLarge14 => "openclip_vitl14",
            Self::SigLipBase => "siglip_base",
            Self::SigLipLarge => "siglip_large",
            Self::SigLip2Base => "siglip2_base",
            Self::SigLip2Large => "siglip2_large",
        }
    }

    /// The boundaries inside the network, from the images to the features.
    pub fn stages(self) -> &'static [Stage] {
        use Stage::{
            Block1, Block2, Block3, Block4, Block5, Fc6, Inception3, Inception4, Inception5, Input,
            Layer1, Layer2, Layer3, Layer4, Pooled, Stem,
        };
        match self.family() {
            Family::AlexNet | Family::Vgg => {
                &[Input, Block1, Block2, Block3, Block4, Block5, Fc6, Pooled]
            }
            Family::GoogLeNet => &[Input, Stem, Inception3, Inception4, Inception5, Pooled],
            Family::ResNet | Family::ConvNext(_) => {
                &[Input, Stem, Layer1, Layer2, Layer3, Layer4, Pooled]
            }
            Family::Transformer(sizes) => transformer_stages(sizes.depth),
        }
    }

    /// Checks that the network has this boundary.
    ///
    /// # Errors
    /// [`Error::NoStage`] naming the boundaries that it has.
    pub fn check_stage(self, stage: Stage) -> Result<()> {
        if self.stages().contains(&stage) {
            return Ok(());
        }
        Err(Error::NoStage {
            architecture: self.name(),
            stage: stage.name(),
            known: self.stages().iter().map(|stage| stage.name()).collect(),
        })
    }

    /// Whether the network exists in both variants of [`crate::Bottleneck`].
    pub fn has_variants(self) -> bool {
        matches!(self, Self::ResNet50 | Self::ResNet101 | Self::ResNet152)
    }

    /// The width of the pooled features.
    pub fn features(self) -> usize {
        match self.family() {
            Family::AlexNet | Family::Vgg => 4096,
            Family::GoogLeNet => 1024,
            Family::ResNet => 512 * self.expansion(),
            Family::ConvNext(sizes) => sizes.widths[3],
            Family::Transformer(sizes) => sizes.feature_count(),
        }
    }

    /// The name of the classifier's layer among the parameters.
    pub fn classifier_name(self) -> &'static str {
        match self.family() {
            Family::AlexNet | Family::Vgg => "classifier.6",
            Family::GoogLeNet | Family::ResNet => "fc",
            Family::ConvNext(_) => "head.fc",
            Family::Transformer(_) => "head",
        }
    }

    pub(crate) fn family(self) -> Family {
        use Family::Transformer;
        use Gating::{Gelu, QuickGelu};
        type Sizes = TransformerSizes;
        /// As many registers as all of Meta's models with any have.
        const REGISTERS: usize = 4;
        let convnext = |widths, depths| Family::ConvNext(ConvNextSizes { widths, depths });
        match self {
            Self::AlexNet => Family::AlexNet,
            Self::Vgg16 | Self::Vgg16Bn | Self::Vgg19 | Self::Vgg19Bn => Family::Vgg,
            Self::GoogLeNet => Family::GoogLeNet,
            Self::ResNet18
            | Self::ResNet34
            | Self::ResNet50
            | Self::ResNet101
            | Self::ResNet152
            | Self::SeResNet50
            | Self::SeResNet101 => Family::ResNet,
            Self::ConvNextTiny => convnext([96, 192, 384, 768], [3, 3, 9, 3]),
            Self::ConvNextSmall => convnext([96, 192, 384, 768], [3, 3, 27, 3]),
            Self::ConvNextBase => convnext([128, 256, 512, 1024], [3, 3, 27, 3]),
            Self::DinoV2Small => Transformer(Sizes::dinov2(384, 12, 0)),
            Self::DinoV2Base => Transformer(Sizes::dinov2(768, 12, 0)),
            Self::DinoV2Large => Transformer(Sizes::dinov2(1024, 24, 0)),
            Self::DinoV2Giant => Transformer(Sizes::gated_dinov2(1536, 40, 0)),
            Self::DinoV2SmallReg => Transformer(Sizes::dinov2(384, 12, REGISTERS)),
            Self::DinoV2BaseReg => Transformer(Sizes::dinov2(768, 12, REGISTERS)),
            Self::DinoV2LargeReg => Transformer(Sizes::dinov2(1024, 24, REGISTERS)),
            Self::DinoV2GiantReg => Transformer(Sizes::gated_dinov2(1536, 40, REGISTERS)),
            Self::ClipBase32 => Transformer(Sizes::clip(768, 12, 32, QuickGelu)),
            Self::ClipBase16 => Transformer(Sizes::clip(768, 12, 16, QuickGelu)),
            Self::ClipLarge14 => Transformer(Sizes::clip(1024, 24, 14, QuickGelu)),
            Self::OpenClipBase32 => Transformer(Sizes::clip(768, 12, 32, Gelu)),
            Self::OpenClipBase16 => Transformer(Sizes::clip(768, 12, 16, Gelu)),
            Self::OpenClipLarge14 => Transformer(Sizes::clip(1024, 24, 14, Gelu)),
            Self::SigLipBase | Self::SigLip2Base => Transformer(Sizes::siglip(768, 12, 224)),
            Self::SigLipLarge | Self::SigLip2Large => Transformer(Sizes::siglip(1024, 24, 256)),
        }
    }

    /// The number of residual blocks in `layer1` to `layer4`, for ResNets.
    pub(crate) fn blocks(self) -> [usize; 4] {
        match self {
            Self::ResNet18 => [2, 2, 2, 2],
            Self::ResNet101 | Self::SeResNet101 => [3, 4, 23, 3],
            Self::ResNet152 => [3, 8, 36, 3],
            _ => [3, 4, 6, 3],
        }
    }

    /// Whether a ResNet's blocks are bottlenecks (1×1, 3×3, 1×1) and not pairs
    /// of 3×3.
    pub(crate) fn has_bottlenecks(self) -> bool {
        !matches!(self, Self::ResNet18 | Self::ResNet34)
    }

    /// Whether a ResNet's blocks weigh their channels.
    pub(crate) fn has_excitation(self) -> bool {
        matches!(self, Self::SeResNet50 | Self::SeResNet101)
    }

    /// The factor from a residual block's inner width to its output's.
    pub(crate) fn expansion(self) -> usize {
        if self.has_bottlenecks() { 4 } else { 1 }
    }
}

/// The boundaries of a transformer of `depth` blocks.
fn transformer_stages(depth: usize) -> &'static [Stage] {
    /// Images, stem and features beside `COUNT - 3` blocks.
    const fn stages<const COUNT: usize>() -> [Stage; COUNT] {
        let mut stages = [Stage::Pooled; COUNT];
        stages[0] = Stage::Input;
        stages[1] = Stage::Stem;
        let mut block = 0;
        while block + 3 < COUNT {
            stages[block + 2] = Stage::Blocks(block as u8);
            block += 1;
        }
        stages
    }
    static BASE: [Stage; 15] = stages();
    static LARGE: [Stage; 27] = stages();
    static GIANT: [Stage; 43] = stages();
    match depth {
        ..=12 => &BASE,
        13..=24 => &LARGE,
        _ => &GIANT,
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl From<Architecture> for &'static str {
    fn from(architecture: Architecture) -> Self {
        architecture.name()
    }
}

impl TryFrom<String> for Architecture {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl FromStr for Architecture {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        find_by_name("backbone", text, Self::ALL, Self::name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_in_text_and_files() {
        for architecture in Architecture::ALL {
            let name = architecture.name();
            assert_eq!(name.parse::<Architecture>().unwrap(), architecture);
            let json = serde_json::to_string(&architecture).unwrap();
            assert_eq!(json, format!("\"{name}\""));
        }
    }

    #[test]
    fn stages_run_from_images_to_features_in_order() {
        for architecture in Architecture::ALL {
            let stages = architecture.stages();
            assert_eq!(stages.first(), Some(&Stage::Input));
            assert_eq!(stages.last(), Some(&Stage::Pooled));
            assert!(stages.is_sorted());
            if let Family::Transformer(sizes) = architecture.family() {
                assert_eq!(stages.len(), sizes.depth + 3, "{architecture}");
            }
        }
        let message = Architecture::Vgg16.check_stage(Stage::Layer3).unwrap_err();
        let message = message.to_string();
        assert!(message.contains("vgg16 has no stage layer3"), "{message}");
        assert!(message.contains("block1, block2"), "{message}");
    }
}
