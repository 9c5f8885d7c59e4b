//! How each family of networks is put together.

mod alexnet;
mod googlenet;
mod resnet;
mod vgg;

use artkg_nn::{Linear, Scope};

use crate::architecture::Family;
use crate::network::{Network, Part, Pool, TrainableNetwork, TrainableUnit};
use crate::{Architecture, BackboneOptions, Bottleneck, Error, Result, Stage};

type Stages = Vec<(Stage, Vec<Part<TrainableUnit>>)>;

/// Creates a network with fresh parameters in `scope`.
pub(crate) fn create(
    scope: &Scope<'_>,
    architecture: Architecture,
    bottleneck: Bottleneck,
    options: BackboneOptions,
) -> Result<TrainableNetwork> {
    if let Some(rate) = options.dropout
        && !(0.0..1.0).contains(&rate)
    {
        return Err(Error::Input(format!(
            "a dropout rate of {rate}: must be 0 or more and less than 1"
        )));
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
    Ok(TrainableNetwork {
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

/// The two fully connected layers of AlexNet and VGG, with `image` at their
/// front; they are `classifier.<first>` and `classifier.<second>`.
fn fully_connected(
    scope: &Scope<'_>,
    image: [usize; 3],
    indices: [usize; 2],
) -> Result<[Part<TrainableUnit>; 2]> {
    let [first, second] = indices.map(|index| scope.sub("classifier").sub(index));
    Ok([
        Part::Unit(TrainableUnit::linear(
            &first,
            Linear::over_images(&first, image, 4096)?,
        )),
        Part::Unit(TrainableUnit::linear(
            &second,
            Linear::new(&second, 4096, 4096)?,
        )),
    ])
}

/// The max pooling without weights at `features.<index>`.
fn feature_pool(index: usize, kernel: usize) -> Part<TrainableUnit> {
    Part::Pool(Pool::maximum(format!("features.{index}"), kernel, 2, 0))
}
