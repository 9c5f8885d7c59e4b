use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::hub_file::HubFile;

/// Where a network's weights come from; what users write of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WeightSource {
    /// `none`: fresh random weights.
    Random,
    /// `imagenet`: the usual weights of the network from training on ImageNet.
    Imagenet,
    /// `published`: the weights that the network's authors published, whatever they
    /// were trained on.
    Published,
    /// `hub:owner/name`, `hub:owner/name@revision`, `hub:owner/name:file`.
    Hub(HubFile),
    /// A path to a safetensors file.
    File(PathBuf),
}

impl FromStr for WeightSource {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        match text.strip_prefix("hub:") {
            Some(file) => Ok(Self::Hub(file.parse()?)),
            None => match text {
                "" => Err(Error::NoWeightsNamed),
                "none" => Ok(Self::Random),
                "imagenet" => Ok(Self::Imagenet),
                "published" => Ok(Self::Published),
                _ => Ok(Self::File(PathBuf::from(text))),
            },
        }
    }
}

impl fmt::Display for WeightSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random => formatter.write_str("none"),
            Self::Imagenet => formatter.write_str("imagenet"),
            Self::Published => formatter.write_str("published"),
            Self::Hub(file) => write!(formatter, "hub:{file}"),
            Self::File(path) => write!(formatter, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_and_written() {
        for text in [
            "none",
            "imagenet",
            "published",
            "hub:timm/resnet50.a1_in1k",
            "hub:timm/resnet50.a1_in1k@v2",
            "hub:owner/name:weights/best.safetensors",
            "weights/resnet50.safetensors",
        ] {
            assert_eq!(text.parse::<WeightSource>().unwrap().to_string(), text);
        }
        assert!("".parse::<WeightSource>().is_err());
        let message = "hub:resnet50"
            .parse::<WeightSource>()
            .unwrap_err()
            .to_string();
        assert!(message.contains("OWNER/NAME"), "{message}");
    }
}
