use crate::architecture::{Architecture, Family};
use crate::transformer_sizes::FeatureKind;

/// The images that a network's published weights learned from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inputs {
    /// Pixels of a side.
    pub side: usize,
    /// The mean of red, green and blue on the scale 0 to 1 that was taken away.
    pub mean: [f32; 3],
    /// The deviation that they were divided by.
    pub deviation: [f32; 3],
}

impl Inputs {
    /// Of ImageNet's images.
    const IMAGENET: Self = Self {
        side: 224,
        mean: [0.485, 0.456, 0.406],
        deviation: [0.229, 0.224, 0.225],
    };
    /// Of those that CLIP learned from.
    const CLIP: Self = Self {
        side: 224,
        mean: [0.481_454_66, 0.457_827_5, 0.408_210_73],
        deviation: [0.268_629_54, 0.261_302_6, 0.275_777_1],
    };
}

impl Architecture {
    /// The images that the published weights learned from.
    pub fn inputs(self) -> Inputs {
        match self.family() {
            Family::Transformer(sizes) => match sizes.features {
                FeatureKind::ClassBesideMean => Inputs::IMAGENET,
                FeatureKind::Class => Inputs::CLIP,
                FeatureKind::Attention => Inputs {
                    side: sizes.side * sizes.patch,
                    mean: [0.5; 3],
                    deviation: [0.5; 3],
                },
            },
            _ => Inputs::IMAGENET,
        }
    }

    /// Whether the published weights learned from ImageNet.
    pub fn learned_from_imagenet(self) -> bool {
        !matches!(self.family(), Family::Transformer(_))
    }
}
