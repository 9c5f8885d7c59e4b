use artkg_weights::HubFile;

use crate::architecture::Architecture;
use crate::error::{Error, Result};
use crate::request::{BackboneRequest, Bottleneck};

/// The file with the weights that the authors of a network published: those of
/// [`imagenet_file`], and where the network learned from other images theirs.
///
/// # Errors
/// As [`imagenet_file`].
pub(super) fn published_file(request: BackboneRequest) -> Result<HubFile> {
    let repository = match request.architecture {
        Architecture::DinoV2Small => "facebook/dinov2-small",
        Architecture::DinoV2Base => "facebook/dinov2-base",
        Architecture::DinoV2Large => "facebook/dinov2-large",
        Architecture::DinoV2Giant => "facebook/dinov2-giant",
        Architecture::DinoV2SmallReg => "facebook/dinov2-with-registers-small",
        Architecture::DinoV2BaseReg => "facebook/dinov2-with-registers-base",
        Architecture::DinoV2LargeReg => "facebook/dinov2-with-registers-large",
        Architecture::DinoV2GiantReg => "facebook/dinov2-with-registers-giant",
        Architecture::ClipBase32 => "openai/clip-vit-base-patch32",
        Architecture::ClipBase16 => "openai/clip-vit-base-patch16",
        Architecture::ClipLarge14 => "openai/clip-vit-large-patch14",
        Architecture::OpenClipBase32 => "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        Architecture::OpenClipBase16 => "laion/CLIP-ViT-B-16-laion2B-s34B-b88K",
        Architecture::OpenClipLarge14 => "laion/CLIP-ViT-L-14-laion2B-s32B-b82K",
        Architecture::SigLipBase => "google/siglip-base-patch16-224",
        Architecture::SigLipLarge => "google/siglip-large-patch16-256",
        Architecture::SigLip2Base => "google/siglip2-base-patch16-224",
        Architecture::SigLip2Large => "google/siglip2-large-patch16-256",
        _ => return imagenet_file(request),
    };
    Ok(HubFile::model(repository.to_owned()))
}

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
        Architecture::ConvNextTiny | Architecture::ConvNextSmall | Architecture::ConvNextBase => {
            "fb_in1k"
        }
        _ if !architecture.learned_from_imagenet() => {
            return Err(Error::NotOfImagenet(architecture.name()));
        }
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
        assert_eq!(file("convnext_tiny").unwrap(), "timm/convnext_tiny.fb_in1k");
        let error = file("dinov2_vits14").unwrap_err();
        assert!(matches!(error, Error::NotOfImagenet("dinov2_vits14")));
        assert_eq!(file("vgg16_bn").unwrap(), "timm/vgg16_bn.tv_in1k");
    }

    #[test]
    fn published_weights_are_those_of_the_authors() {
        for architecture in Architecture::ALL {
            let file = published_file(architecture.into());
            let is_there = !matches!(architecture.name(), "alexnet" | "googlenet" | "seresnet101");
            assert_eq!(file.is_ok(), is_there, "{architecture}");
        }
        let file = published_file(Architecture::DinoV2Small.into()).unwrap();
        assert_eq!(file.to_string(), "facebook/dinov2-small");
        let same = published_file(Architecture::ResNet50.into()).unwrap();
        assert_eq!(same.to_string(), "timm/resnet50.tv_in1k");
    }
}
