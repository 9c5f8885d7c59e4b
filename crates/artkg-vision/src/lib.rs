//! Visual backbones and their pretrained weights.
//!
//! A [`Backbone`] turns images into features and is cut into [`Stage`]s, so
//! that its front part can be frozen and cached. [`load_backbone`] creates one
//! from what a user asks for ([`BackboneRequest`], [`WeightSource`]) and loads
//! torchvision- or timm-named safetensors into it, checking every name, every
//! shape and the bottleneck's variant. [`Backbone::fold`] gives the faster
//! form for inference. [`Summary`] and [`profile`] tell what a network costs.

mod architecture;
mod backbone;
mod backbone_options;
mod error;
mod families;
mod inference_backbone;
mod inputs;
mod network;
mod published;
mod request;
mod stage;
mod suggestion;
mod summary;
mod transformer_sizes;
mod weights;

pub use architecture::Architecture;
pub use artkg_weights::{Hub, WeightSource};
pub use backbone::Backbone;
pub use backbone_options::BackboneOptions;
pub use error::{Error, Misfit, Result, UnknownName};
pub use families::create_backbone;
pub use inference_backbone::InferenceBackbone;
pub use inputs::Inputs;
pub use network::layer::Layer;
pub use published::Published;
pub use request::{BackboneRequest, Bottleneck};
pub use stage::Stage;
pub use summary::{Summary, images_per_second, profile};
pub use weights::{LoadReport, POSITIONS, Weights, load_backbone, position_side};
