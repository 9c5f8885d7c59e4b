use artkg_image::Preprocessing;
use artkg_vision::Architecture;
use serde::{Deserialize, Serialize};

/// What is said of how images become inputs; the rest is as the network learned it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreprocessingSettings {
    /// Pixels of the shorter side after resizing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resize: Option<usize>,
    /// Pixels of both sides of the crop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop: Option<usize>,
    /// Mean of red, green and blue on the scale 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<[f32; 3]>,
    /// Standard deviation of red, green and blue on the scale 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<[f32; 3]>,
}

impl PreprocessingSettings {
    /// The preprocessing for a network.
    pub fn of(self, architecture: Architecture) -> Preprocessing {
        let usual = usual(architecture);
        Preprocessing {
            resize: self.resize.unwrap_or(usual.resize),
            crop: self.crop.unwrap_or(usual.crop),
            mean: self.mean.unwrap_or(usual.mean),
            deviation: self.deviation.unwrap_or(usual.deviation),
        }
    }
}

impl From<Preprocessing> for PreprocessingSettings {
    fn from(complete: Preprocessing) -> Self {
        Self {
            resize: Some(complete.resize),
            crop: Some(complete.crop),
            mean: Some(complete.mean),
            deviation: Some(complete.deviation),
        }
    }
}

/// What a network learned from: the middle seven eighths of its pictures, in its sizes
/// and colours.
fn usual(architecture: Architecture) -> Preprocessing {
    let inputs = architecture.inputs();
    Preprocessing {
        resize: inputs.side * 8 / 7,
        crop: inputs.side,
        mean: inputs.mean,
        deviation: inputs.deviation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_the_networks() {
        let nothing = PreprocessingSettings::default();
        let resnet = nothing.clone().of(Architecture::ResNet50);
        assert_eq!(resnet, Preprocessing::default());
        let small = PreprocessingSettings {
            crop: Some(112),
            ..nothing
        };
        let siglip = small.of(Architecture::SigLipBase);
        assert_eq!((siglip.resize, siglip.crop), (256, 112));
        assert_eq!((siglip.mean, siglip.deviation), ([0.5; 3], [0.5; 3]));
        let complete = PreprocessingSettings::from(siglip.clone());
        assert_eq!(complete.of(Architecture::ResNet50), siglip);
    }
}
