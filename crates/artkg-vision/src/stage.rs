use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::suggestion::find_by_name;

/// A boundary inside a backbone: the point right after the part it is named for.
///
/// All backbones share these names; which of them one has, and in which order,
/// says [`crate::Architecture::stages`]. Within a backbone stages are ordered,
/// so `parameter_stage <= frozen` reads as it should. Sizes below are for
/// images of 224 × 224 pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Stage {
    /// The images themselves, `[batch, height, width, 3]`.
    Input,
    /// After the first convolutions and max poolings of a ResNet (56 × 56) or
    /// GoogLeNet (28 × 28), a ConvNeXt's first convolution and norm (56 × 56), a
    /// transformer's patches, positions and class token, `[batch, tokens, width]`.
    Stem,
    /// After a ResNet's `layer1` or a ConvNeXt's first stage, 56 × 56.
    Layer1,
    /// After `layer2`, 28 × 28.
    Layer2,
    /// After `layer3`, 14 × 14.
    Layer3,
    /// After `layer4`, 7 × 7.
    Layer4,
    /// After GoogLeNet's `inception3b` and its max pooling, 14 × 14.
    Inception3,
    /// After `inception4e` and its max pooling, 7 × 7.
    Inception4,
    /// After `inception5b`, 7 × 7.
    Inception5,
    /// After a VGG's first block of convolutions and its max pooling, 112 × 112;
    /// after AlexNet's first convolution and its, 27 × 27.
    Block1,
    /// After the second, 56 × 56 or 13 × 13.
    Block2,
    /// After the third, 28 × 28 or 13 × 13.
    Block3,
    /// After the fourth, 14 × 14 or 13 × 13.
    Block4,
    /// After the fifth, 7 × 7 or 6 × 6.
    Block5,
    /// After the first fully connected layer of AlexNet or a VGG, `[batch, 4096]`.
    Fc6,
    /// After a transformer's block of this number, counted from 0, `[batch, tokens,
    /// width]`.
    Blocks(u8),
    /// The features, `[batch, features]`: what the network gives its classifier.
    /// For ResNets, GoogLeNet and ConvNeXts the mean of each channel, for AlexNet and
    /// VGGs the output of the second fully connected layer (`fc7`), for transformers
    /// what their family takes of the tokens.
    Pooled,
}

/// The names of transformers' boundaries, of the deepest one's 40 blocks.
const BLOCKS: [&str; 40] = [
    "blocks.0",
    "blocks.1",
    "blocks.2",
    "blocks.3",
    "blocks.4",
    "blocks.5",
    "blocks.6",
    "blocks.7",
    "blocks.8",
    "blocks.9",
    "blocks.10",
    "blocks.11",
    "blocks.12",
    "blocks.13",
    "blocks.14",
    "blocks.15",
    "blocks.16",
    "blocks.17",
    "blocks.18",
    "blocks.19",
    "blocks.20",
    "blocks.21",
    "blocks.22",
    "blocks.23",
    "blocks.24",
    "blocks.25",
    "blocks.26",
    "blocks.27",
    "blocks.28",
    "blocks.29",
    "blocks.30",
    "blocks.31",
    "blocks.32",
    "blocks.33",
    "blocks.34",
    "blocks.35",
    "blocks.36",
    "blocks.37",
    "blocks.38",
    "blocks.39",
];

impl Stage {
    /// All boundaries of all backbones.
    pub const ALL: [Self; 16 + BLOCKS.len()] = {
        let plain = [
            Self::Input,
            Self::Stem,
            Self::Layer1,
            Self::Layer2,
            Self::Layer3,
            Self::Layer4,
            Self::Inception3,
            Self::Inception4,
            Self::Inception5,
            Self::Block1,
            Self::Block2,
            Self::Block3,
            Self::Block4,
            Self::Block5,
            Self::Fc6,
        ];
        let mut all = [Self::Pooled; 16 + BLOCKS.len()];
        let mut index = 0;
        while index + 1 < all.len() {
            all[index] = match index < plain.len() {
                true => plain[index],
                false => Self::Blocks((index - plain.len()) as u8),
            };
            index += 1;
        }
        all
    };

    /// The name, as users write it: `layer3`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Stem => "stem",
            Self::Layer1 => "layer1",
            Self::Layer2 => "layer2",
            Self::Layer3 => "layer3",
            Self::Layer4 => "layer4",
            Self::Inception3 => "inception3",
            Self::Inception4 => "inception4",
            Self::Inception5 => "inception5",
            Self::Block1 => "block1",
            Self::Block2 => "block2",
            Self::Block3 => "block3",
            Self::Block4 => "block4",
            Self::Block5 => "block5",
            Self::Fc6 => "fc6",
            Self::Blocks(number) => BLOCKS[usize::from(number) % BLOCKS.len()],
            Self::Pooled => "pooled",
        }
    }
}

impl From<Stage> for &'static str {
    fn from(stage: Stage) -> Self {
        stage.name()
    }
}

impl TryFrom<String> for Stage {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
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
        find_by_name("stage", text, Self::ALL, Self::name).map_err(|error| match error {
            Error::UnknownName(mut unknown) => {
                // One word for forty.
                unknown.known.retain(|name| !BLOCKS.contains(name));
                unknown.known.push("blocks.0 to blocks.39");
                Error::UnknownName(unknown)
            }
            other => other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_ordered_and_named() {
        assert!(Stage::ALL.is_sorted());
        for stage in Stage::ALL {
            assert_eq!(stage.name().parse::<Stage>().unwrap(), stage);
        }
        let message = "layer5".parse::<Stage>().unwrap_err().to_string();
        assert!(message.contains("did you mean layer"), "{message}");
        let message = "blocks.40".parse::<Stage>().unwrap_err().to_string();
        assert!(
            message.ends_with("pooled, blocks.0 to blocks.39"),
            "{message}"
        );
        assert_eq!("blocks.11".parse::<Stage>().unwrap(), Stage::Blocks(11));
        let json = serde_json::to_string(&Stage::Blocks(3)).unwrap();
        assert_eq!(json, "\"blocks.3\"");
    }
}
