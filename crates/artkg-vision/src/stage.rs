use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::suggestion::find_by_name;
use crate::{Error, Result};

/// A boundary inside a backbone: the point right after the part it is named for.
///
/// Stages are ordered, so `parameter_stage <= frozen` reads as it should.
/// Backbones of other families map their resolution levels onto the same
/// boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The images themselves, `[batch, height, width, 3]`.
    Input,
    /// After the first convolution and max pooling, a quarter of the input's size.
    Stem,
    /// After `layer1`, a quarter of the input's size.
    Layer1,
    /// After `layer2`, an eighth.
    Layer2,
    /// After `layer3`, a sixteenth.
    Layer3,
    /// After `layer4`, a thirty-second.
    Layer4,
    /// After global average pooling: the features, `[batch, features]`.
    Pooled,
}

impl Stage {
    /// All boundaries, from the images to the features.
    pub const ALL: [Self; 7] = [
        Self::Input,
        Self::Stem,
        Self::Layer1,
        Self::Layer2,
        Self::Layer3,
        Self::Layer4,
        Self::Pooled,
    ];

    /// The name, as users write it: `layer3`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Stem => "stem",
            Self::Layer1 => "layer1",
            Self::Layer2 => "layer2",
            Self::Layer3 => "layer3",
            Self::Layer4 => "layer4",
            Self::Pooled => "pooled",
        }
    }

    /// The boundary that the parameter `name` (without prefix) comes before;
    /// `None` for the classifier and for names of no backbone.
    pub fn of_parameter(name: &str) -> Option<Self> {
        match name.split('.').next()? {
            "conv1" | "bn1" => Some(Self::Stem),
            "layer1" => Some(Self::Layer1),
            "layer2" => Some(Self::Layer2),
            "layer3" => Some(Self::Layer3),
            "layer4" => Some(Self::Layer4),
            _ => None,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Stage {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        find_by_name("stage", text, Self::ALL, Self::name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_ordered_and_named() {
        assert!(Stage::Input < Stage::Stem && Stage::Layer4 < Stage::Pooled);
        for stage in Stage::ALL {
            assert_eq!(stage.name().parse::<Stage>().unwrap(), stage);
        }
        let message = "layer5".parse::<Stage>().unwrap_err().to_string();
        assert!(message.contains("did you mean layer"), "{message}");
    }

    #[test]
    fn parameters_belong_to_stages() {
        assert_eq!(Stage::of_parameter("bn1.weight"), Some(Stage::Stem));
        assert_eq!(
            Stage::of_parameter("layer3.0.conv1.weight"),
            Some(Stage::Layer3)
        );
        assert_eq!(Stage::of_parameter("fc.weight"), None);
    }
}
