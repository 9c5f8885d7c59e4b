use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::architecture::Architecture;
use crate::error::{Error, Result};

/// Which convolution of a downsampling bottleneck block has the stride.
///
/// Weights of one variant load into the other without complaint and give worse
/// results, so the variant is part of a backbone and of its file's metadata.
/// Networks without variants (see [`Architecture::has_variants`]) count as
/// [`Bottleneck::V1_5`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Bottleneck {
    /// On the first 1×1, as published; Caffe and Keras weights.
    #[serde(rename = "v1")]
    V1,
    /// On the 3×3; torchvision and timm weights.
    #[default]
    #[serde(rename = "v1.5")]
    V1_5,
}

impl Bottleneck {
    /// `v1` or `v1.5`.
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1_5 => "v1.5",
        }
    }
}

impl fmt::Display for Bottleneck {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Bottleneck {
    type Err = Error;

    /// Reads `v1`, `v1.5` (also `v1_5`, `v1b`, timm's old name), and nothing else.
    fn from_str(text: &str) -> Result<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "v1" => Ok(Self::V1),
            "v1.5" | "v1_5" | "v1b" => Ok(Self::V1_5),
            _ => Err(Error::UnknownVariant(text.to_owned())),
        }
    }
}

/// What a user asks for: `resnet50`, `resnet50-v1` or `resnet50-v1.5`.
///
/// Without a variant, the weight file's metadata decides, and v1.5 where it
/// says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BackboneRequest {
    /// The architecture.
    pub architecture: Architecture,
    /// The variant, when the user cares.
    pub bottleneck: Option<Bottleneck>,
}

impl fmt::Display for BackboneRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bottleneck {
            Some(bottleneck) => write!(formatter, "{}-{bottleneck}", self.architecture),
            None => write!(formatter, "{}", self.architecture),
        }
    }
}

impl FromStr for BackboneRequest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, variant) = match text.trim().split_once('-') {
            Some((name, variant)) => (name, Some(variant)),
            None => (text, None),
        };
        let architecture: Architecture = name.parse()?;
        let bottleneck = variant.map(str::parse).transpose()?;
        if bottleneck.is_some() && !architecture.has_variants() {
            return Err(Error::NoVariants {
                architecture: architecture.name(),
                asked: text.to_owned(),
            });
        }
        Ok(Self {
            architecture,
            bottleneck,
        })
    }
}

impl TryFrom<String> for BackboneRequest {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<BackboneRequest> for String {
    fn from(request: BackboneRequest) -> Self {
        request.to_string()
    }
}

impl From<Architecture> for BackboneRequest {
    fn from(architecture: Architecture) -> Self {
        Self {
            architecture,
            bottleneck: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<BackboneRequest> {
        text.parse()
    }

    #[test]
    fn names_and_variants_are_read() {
        let request = parse("ResNet50").unwrap();
        assert_eq!(request.architecture, Architecture::ResNet50);
        assert_eq!(request.bottleneck, None);
        assert_eq!(
            parse("resnet101-v1").unwrap().bottleneck,
            Some(Bottleneck::V1)
        );
        assert_eq!(
            parse("resnet50-v1.5").unwrap().bottleneck,
            Some(Bottleneck::V1_5)
        );
        for text in ["resnet18", "resnet50-v1", "resnet152-v1.5"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn unknown_names_get_a_suggestion() {
        let message = parse("resent50").unwrap_err().to_string();
        assert!(message.contains("did you mean resnet50?"), "{message}");
        let message = parse("resnet50-v2").unwrap_err().to_string();
        assert!(message.contains("\"v2\""), "{message}");
        for (text, name) in [
            ("resnet18-v1", "resnet18"),
            ("seresnet50-v1.5", "seresnet50"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(
                message.contains(&format!("say {name} instead")),
                "{message}"
            );
        }
    }

    #[test]
    fn requests_travel_as_text() {
        let request = parse("resnet50-v1").unwrap();
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(text, "\"resnet50-v1\"");
        assert_eq!(
            serde_json::from_str::<BackboneRequest>(&text).unwrap(),
            request
        );
    }
}
