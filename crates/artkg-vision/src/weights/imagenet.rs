use artkg_weights::HubFile;

use crate::architecture::Architecture;
use crate::error::{Error, Result};
use crate::request::{BackboneRequest, Bottleneck};

/// The file with torchvision's first ImageNet weights of a network, or with timm's own
/// where torchvision has none.
///
/// # Errors
/// When there is none on the hub.
pub(super) fn imagenet_file(request: BackboneRequest) -> Result<HubFile> {
    if request.bottleneck == Some(Bottleneck::V1) {
        return Err(Error::NoImagenetV1(request.to_string()));
    }
    let architecture = request.architecture;
    let tag = match architecture {
        Architecture::AlexNet | Architecture::GoogLeNet => {
            return Err(Error::NotAsSafetensors(architecture.name()));
        }
        Architecture::SeResNet101 => return Err(Error::NoPublicWeights(architecture.name())),
        Architecture::SeResNet50 => "a1_in1k",
        _ => "tv_in1k",
    };
    Ok(HubFile::model(format!("timm/{architecture}.{tag}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Result<String> {
        Ok(imagenet_file(name.parse()?)?.to_string())
    }

    #[test]
    fn imagenet_weights_are_not_v1() {
        let error = file("resnet50-v1").unwrap_err();
        assert!(matches!(error, Error::NoImagenetV1(_)));
        assert!(error.to_string().contains("v1.5 variant"), "{error}");
        assert_eq!(file("resnet34").unwrap(), "timm/resnet34.tv_in1k");
    }

    #[test]
    fn networks_without_weights_on_the_hub_say_where_to_get_them() {
        for (name, expected) in [
            ("alexnet", "torchvision.models.alexnet(weights"),
            ("googlenet", "\"googlenet.safetensors\""),
            ("seresnet101", "take seresnet50"),
        ] {
            let message = file(name).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        assert_eq!(file("seresnet50").unwrap(), "timm/seresnet50.a1_in1k");
        assert_eq!(file("vgg16_bn").unwrap(), "timm/vgg16_bn.tv_in1k");
    }
}
