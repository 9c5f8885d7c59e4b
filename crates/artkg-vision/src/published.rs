use serde::Serialize;

use crate::architecture::Architecture;
use crate::request::Bottleneck;

/// Errors on the validation images of ImageNet (ILSVRC 2012), one centre crop of
/// 224 pixels, in percent, as others report them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Published {
    /// How often the class with the highest score was wrong.
    pub top1_error: f64,
    /// How often none of the five highest was right.
    pub top5_error: f64,
    /// Who measured it, on which weights.
    pub source: &'static str,
}

/// Of the weights `IMAGENET1K_V1`; torchvision gives accuracies.
const TORCHVISION: &str = "torchvision, IMAGENET1K_V1";
/// Of Microsoft's own Caffe models.
const HE: &str = "He et al., deep-residual-networks (Caffe)";
/// As the authors report; timm's files were trained otherwise and have errors of
/// their own.
const HU: &str = "Hu et al., CVPR 2018, table 2";

impl Architecture {
    /// The published error of the architecture in this variant; `None` for networks
    /// that were not trained to tell ImageNet's classes.
    pub fn published(self, bottleneck: Bottleneck) -> Option<Published> {
        let torchvision = |top1: f64, top5: f64| Published {
            top1_error: 100.0 - top1,
            top5_error: 100.0 - top5,
            source: TORCHVISION,
        };
        let errors = |top1_error: f64, top5_error: f64, source| Published {
            top1_error,
            top5_error,
            source,
        };
        if bottleneck == Bottleneck::V1 {
            match self {
                Self::ResNet50 => return Some(errors(24.7, 7.8, HE)),
                Self::ResNet101 => return Some(errors(23.6, 7.1, HE)),
                Self::ResNet152 => return Some(errors(23.0, 6.7, HE)),
                _ => {}
            }
        }
        Some(match self {
            Self::AlexNet => torchvision(56.522, 79.066),
            Self::Vgg16 => torchvision(71.592, 90.382),
            Self::Vgg16Bn => torchvision(73.360, 91.516),
            Self::Vgg19 => torchvision(72.376, 90.876),
            Self::Vgg19Bn => torchvision(74.218, 91.842),
            Self::GoogLeNet => torchvision(69.778, 89.530),
            Self::ResNet18 => torchvision(69.758, 89.078),
            Self::ResNet34 => torchvision(73.314, 91.420),
            Self::ResNet50 => torchvision(76.130, 92.862),
            Self::ResNet101 => torchvision(77.374, 93.546),
            Self::ResNet152 => torchvision(78.312, 94.046),
            Self::SeResNet50 => errors(23.29, 6.62, HU),
            Self::SeResNet101 => errors(22.38, 6.07, HU),
            Self::ConvNextTiny => torchvision(82.520, 96.146),
            Self::ConvNextSmall => torchvision(83.616, 96.650),
            Self::ConvNextBase => torchvision(84.062, 96.870),
            _ => return None,
        })
    }
}
