mod conventions;
mod file;
mod names;
mod published;
mod recognition;

use artkg_nn::ParameterStore;

use crate::backbone::Backbone;
use crate::backbone_options::BackboneOptions;
use crate::error::Result;
use crate::families::create_backbone;
use crate::request::{BackboneRequest, Bottleneck};

#[cfg(test)]
pub(crate) use names::rename;

pub use file::{LoadReport, POSITIONS, Weights, position_side};

/// Creates the backbone that `request` asks for under the names `prefix.…` of
/// `store`, and loads `weights` into it where there are any.
///
/// A variant that the request leaves open is taken from the file's metadata,
/// else it is v1.5.
///
/// # Errors
/// [`crate::Error::Weights`] when the file holds another architecture or
/// variant, or its names and shapes do not fit.
pub fn load_backbone(
    store: &ParameterStore,
    prefix: &str,
    request: BackboneRequest,
    weights: Option<&Weights>,
    options: BackboneOptions,
) -> Result<(Backbone, LoadReport)> {
    let bottleneck = match weights {
        Some(weights) => weights.bottleneck_for(request)?,
        None => request.bottleneck.unwrap_or(Bottleneck::V1_5),
    };
    let scope = match prefix {
        "" => store.root(),
        _ => store.root().sub(prefix),
    };
    let positions = weights.and_then(Weights::positions).or(options.positions);
    let options = BackboneOptions {
        positions,
        ..options
    };
    let backbone = create_backbone(&scope, request.architecture, bottleneck, options)?;
    let report = match weights {
        Some(weights) => weights.load_into(store, prefix, request.architecture)?,
        None => LoadReport::default(),
    };
    Ok((backbone, report))
}
