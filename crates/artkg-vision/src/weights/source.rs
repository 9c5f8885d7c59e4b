use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use artkg_hub::{Hub, HubFile};

use super::Weights;
use crate::{Architecture, BackboneRequest, Bottleneck, Error, Result};

/// Where a backbone's weights come from; what users write after `--weights`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WeightSource {
    /// `none`: fresh random weights.
    Random,
    /// `imagenet`: ImageNet weights from timm's repositories, torchvision's where
    /// they are there.
    Imagenet,
    /// `hub:owner/name`, `hub:owner/name@revision`, `hub:owner/name:file`.
    Hub(HubFile),
    /// A path to a safetensors file.
    File(PathBuf),
}

impl WeightSource {
    /// Finds the file, downloading it where needed, and opens it; `None` for
    /// random weights.
    ///
    /// # Errors
    /// [`Error::Hub`] when the file is not available, [`Error::Weights`] when it
    /// can't be read or is known not to be what `request` asks for.
    pub fn open(&self, request: BackboneRequest, hub: &Hub) -> Result<Option<Weights>> {
        let path = match self {
            Self::Random => return Ok(None),
            Self::File(path) => path.clone(),
            Self::Hub(file) => fetch(hub, file)?,
            Self::Imagenet => {
                if request.bottleneck == Some(Bottleneck::V1) {
                    return Err(Error::Hub(format!(
                        "the ImageNet weights on the hub are of the v1.5 variant, not {request}: ask \
                         for {} or pass a file of v1 weights with --weights PATH",
                        request.architecture
                    )));
                }
                fetch(hub, &imagenet_file(request.architecture)?)?
            }
        };
        Weights::open(&path).map(Some)
    }
}

fn fetch(hub: &Hub, file: &HubFile) -> Result<PathBuf> {
    hub.fetch(file)
        .map_err(|error| Error::Hub(format!("{error} and pass --weights PATH")))
}

/// The file with torchvision's first ImageNet weights of an architecture, or
/// with timm's own where torchvision has none.
fn imagenet_file(architecture: Architecture) -> Result<HubFile> {
    let tag = match architecture {
        Architecture::AlexNet | Architecture::GoogLeNet => {
            return Err(Error::Hub(format!(
                "torchvision's weights of {architecture} are not on the hub as safetensors; save \
                 them with Python (`safetensors.torch.save_file(torchvision.models.{architecture}\
                 (weights=\"IMAGENET1K_V1\").state_dict(), \"{architecture}.safetensors\")`) and \
                 pass --weights {architecture}.safetensors"
            )));
        }
        Architecture::SeResNet101 => {
            return Err(Error::Hub(format!(
                "there are no public weights of {architecture} for this form of the network; take \
                 seresnet50, or pass a file with --weights PATH"
            )));
        }
        Architecture::SeResNet50 => "a1_in1k",
        _ => "tv_in1k",
    };
    Ok(HubFile::model(format!("timm/{architecture}.{tag}")))
}

impl FromStr for WeightSource {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        match text.strip_prefix("hub:") {
            Some(file) => match file.parse() {
                Ok(file) => Ok(Self::Hub(file)),
                Err(error) => Err(Error::Unknown(error.to_string())),
            },
            None => match text {
                "" => Err(Error::Unknown(
                    "the weights are an empty text; write imagenet, none, hub:OWNER/NAME or a path"
                        .into(),
                )),
                "none" => Ok(Self::Random),
                "imagenet" => Ok(Self::Imagenet),
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

    #[test]
    fn imagenet_weights_are_not_v1() {
        let hub = Hub::new(PathBuf::from("nowhere")).offline(true);
        let request: BackboneRequest = "resnet50-v1".parse().unwrap();
        let message = WeightSource::Imagenet
            .open(request, &hub)
            .unwrap_err()
            .to_string();
        assert!(message.contains("v1.5 variant"), "{message}");
        let request: BackboneRequest = "resnet34".parse().unwrap();
        let message = WeightSource::Imagenet
            .open(request, &hub)
            .unwrap_err()
            .to_string();
        assert!(message.contains("timm/resnet34.tv_in1k"), "{message}");
    }

    #[test]
    fn networks_without_weights_on_the_hub_say_where_to_get_them() {
        let hub = Hub::new(PathBuf::from("nowhere")).offline(true);
        for (name, expected) in [
            ("alexnet", "torchvision.models.alexnet(weights"),
            ("googlenet", "--weights googlenet.safetensors"),
            ("seresnet101", "take seresnet50"),
            ("seresnet50", "timm/seresnet50.a1_in1k"),
            ("vgg16_bn", "timm/vgg16_bn.tv_in1k"),
        ] {
            let request: BackboneRequest = name.parse().unwrap();
            let message = WeightSource::Imagenet.open(request, &hub).unwrap_err();
            let message = message.to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
