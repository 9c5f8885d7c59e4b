//! Optimisers: rules that turn gradients into better parameters.

mod ada_grad;
mod adam;
mod group;
mod interface;
mod rms_prop;
mod rule;
mod sgd;
mod slots;
#[cfg(test)]
mod tests;

pub use ada_grad::{AdaGrad, AdaGradConfig};
pub use adam::{Adam, AdamConfig};
pub use group::ParameterGroup;
pub use interface::Optimiser;
pub use rms_prop::{RmsProp, RmsPropConfig};
pub use rule::RuleOptimiser;
pub use sgd::{Sgd, SgdConfig};
