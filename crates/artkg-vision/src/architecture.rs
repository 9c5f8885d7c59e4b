use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::stage::Stage;
use crate::suggestion::find_by_name;

/// The visual networks, by their names in torchvision or timm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// Krizhevsky's network of one column (2014), torchvision's AlexNet.
    AlexNet,
    /// Configuration D of Simonyan and Zisserman (ICLR 2015).
    Vgg16,
    /// The same with batch norm.
    #[serde(rename = "vgg16_bn")]
    Vgg16Bn,
    /// Configuration E of Simonyan and Zisserman.
    Vgg19,
    /// The same with batch norm.
    #[serde(rename = "vgg19_bn")]
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
}

/// What architectures of one kind share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    AlexNet,
    Vgg,
    GoogLeNet,
    ResNet,
}

impl Architecture {
    /// All architectures, family by family.
    pub const ALL: [Self; 13] = [
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
            Family::ResNet => &[Input, Stem, Layer1, Layer2, Layer3, Layer4, Pooled],
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
        }
    }

    /// The name of the classifier's layer among the parameters.
    pub fn classifier_name(self) -> &'static str {
        match self.family() {
            Family::AlexNet | Family::Vgg => "classifier.6",
            Family::GoogLeNet | Family::ResNet => "fc",
        }
    }

    pub(crate) fn family(self) -> Family {
        match self {
            Self::AlexNet => Family::AlexNet,
            Self::Vgg16 | Self::Vgg16Bn | Self::Vgg19 | Self::Vgg19Bn => Family::Vgg,
            Self::GoogLeNet => Family::GoogLeNet,
            _ => Family::ResNet,
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

    /// The architecture that a file's tensors belong to, by characteristic names.
    pub(crate) fn guess(has: impl Fn(&str) -> bool) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|candidate| candidate.has_names(&has))
    }

    fn has_names(self, has: &impl Fn(&str) -> bool) -> bool {
        // The last convolution or batch norm, and nothing behind it.
        let ends = |last: &str, beyond: &str| has(last) && !has(beyond);
        match self {
            Self::AlexNet => has("classifier.1.weight"),
            Self::Vgg16 => ends("features.28.bias", "features.30.bias"),
            Self::Vgg16Bn => ends("features.41.running_mean", "features.43.bias"),
            Self::Vgg19 => ends("features.34.bias", "features.36.bias"),
            Self::Vgg19Bn => has("features.50.running_mean"),
            Self::GoogLeNet => has("inception5b.branch4.1.conv.weight"),
            _ => {
                let convolution =
                    |layer: usize, block: usize| has(&format!("layer{layer}.{block}.conv1.weight"));
                let counts = self.blocks().into_iter().zip(1..);
                has("layer1.0.conv3.weight") == self.has_bottlenecks()
                    && has("layer1.0.se.fc1.weight") == self.has_excitation()
                    && counts.into_iter().all(|(count, layer)| {
                        convolution(layer, count - 1) && !convolution(layer, count)
                    })
            }
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
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
        }
        let message = Architecture::Vgg16.check_stage(Stage::Layer3).unwrap_err();
        let message = message.to_string();
        assert!(message.contains("vgg16 has no stage layer3"), "{message}");
        assert!(message.contains("block1, block2"), "{message}");
    }
}
