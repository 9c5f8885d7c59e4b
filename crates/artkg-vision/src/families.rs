//! How each family of networks is put together.

mod alexnet;
mod convnext;
mod googlenet;
mod resnet;
mod shared;
#[cfg(test)]
mod tests;
mod vgg;
mod vision_transformer;

use artkg_nn::{Linear, Scope};

use crate::architecture::{Architecture, Family};
use crate::backbone::Backbone;
use crate::backbone_options::BackboneOptions;
use crate::error::{Error, Result};
use crate::network::{Network, TrainableUnit};
use crate::request::Bottleneck;

/// Creates a backbone with fresh parameters in `scope`.
///
/// Filters start normal with `sqrt(2 / (kernel area * outputs))` (He et al.,
/// ICCV 2015, fan out), linear layers as PyTorch's, norms and layer scales as the
/// identity.
///
/// # Errors
/// When a parameter's name is taken, a tensor cannot be made, or a rate is
/// impossible.
pub fn create_backbone(
    scope: &Scope<'_>,
    architecture: Architecture,
    bottleneck: Bottleneck,
    options: BackboneOptions,
) -> Result<Backbone> {
    if let Some(rate) = options.dropout
        && !(0.0..1.0).contains(&rate)
    {
        return Err(Error::Dropout(rate));
    }
    if let Some(rate) = options.stochastic_depth
        && !(0.0..1.0).contains(&rate)
    {
        return Err(Error::StochasticDepth(rate));
    }
    let mut auxiliary = Vec::new();
    let stages = match architecture.family() {
        Family::AlexNet => alexnet::stages(scope, options.dropout.unwrap_or(0.5))?,
        Family::Vgg => vgg::stages(scope, architecture, options.dropout.unwrap_or(0.5))?,
        Family::GoogLeNet => {
            if let Some(classes) = options.classes.filter(|_| options.auxiliary) {
                auxiliary = googlenet::auxiliary_classifiers(
                    scope,
                    options.dropout.unwrap_or(0.7),
                    classes,
                )?;
            }
            googlenet::stages(scope, options.dropout.unwrap_or(0.2))?
        }
        Family::ResNet => resnet::stages(scope, architecture, bottleneck, options)?,
        Family::ConvNext(sizes) => convnext::stages(scope, sizes, options)?,
        Family::Transformer(sizes) => vision_transformer::stages(scope, &sizes, options)?,
    };
    let classifier = options
        .classes
        .map(|classes| {
            let scope = architecture
                .classifier_name()
                .split('.')
                .fold(scope.clone(), |scope, name| scope.sub(name));
            let linear = Linear::new(&scope, architecture.features(), classes)?;
            Ok::<_, Error>(TrainableUnit::linear(&scope, linear))
        })
        .transpose()?;
    Ok(Backbone {
        architecture,
        // One name for one network where there are no variants.
        bottleneck: if architecture.has_variants() {
            bottleneck
        } else {
            Bottleneck::V1_5
        },
        network: Network::new(architecture, stages),
        classifier,
        auxiliary,
    })
}
