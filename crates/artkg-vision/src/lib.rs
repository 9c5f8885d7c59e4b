//! Visual backbones and their pretrained weights.
//!
//! A [`Backbone`] turns images into features and is cut into [`Stage`]s, so
//! that its front part can be frozen and cached. [`load_backbone`] creates one
//! from what a user asks for ([`BackboneRequest`], [`WeightSource`]) and loads
//! torchvision- or timm-named safetensors into it, checking every name, every
//! shape and the bottleneck's variant. [`Backbone::fold`] gives the faster
//! form for inference.

mod architecture;
mod backbone;
mod error;
mod resnet;
mod stage;
mod suggestion;
mod weights;

pub use architecture::{Architecture, BackboneRequest, Bottleneck};
pub use backbone::{Backbone, BackboneOptions, InferenceBackbone, create_backbone};
pub use error::{Error, Result};
pub use resnet::{InferenceResNet, ResNet};
pub use stage::Stage;
pub use weights::{Hub, HubFile, LoadReport, WeightSource, Weights, load_backbone};
