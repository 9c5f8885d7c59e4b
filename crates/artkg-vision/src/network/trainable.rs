use std::cell::RefCell;

use artkg_nn::{Context, Linear, Precision, Tensor, recorded};

use super::auxiliary::AuxiliaryClassifier;
use super::inference::InferenceNetwork;
use super::layer::Layer;
use super::staged::Network;
use super::unit::{TrainablePass, TrainableUnit, Unit};
use crate::architecture::Architecture;
use crate::backbone::{Backbone, InferenceBackbone};
use crate::error::{Error, Result};
use crate::request::Bottleneck;
use crate::stage::Stage;

/// A backbone whose parameters are trained.
#[derive(Debug)]
pub(crate) struct TrainableNetwork {
    pub(crate) architecture: Architecture,
    pub(crate) bottleneck: Bottleneck,
    pub(crate) network: Network<TrainableUnit>,
    pub(crate) classifier: Option<TrainableUnit>,
    pub(crate) auxiliary: Vec<AuxiliaryClassifier>,
}

impl Backbone for TrainableNetwork {
    fn architecture(&self) -> Architecture {
        self.architecture
    }

    fn bottleneck(&self) -> Bottleneck {
        self.bottleneck
    }

    fn classifier(&self) -> Option<&Linear> {
        self.classifier.as_ref().and_then(TrainableUnit::as_linear)
    }

    fn stage_of_parameter(&self, name: &str) -> Option<Stage> {
        self.network.stage_of_parameter(name)
    }

    fn boundary_shape(&self, stage: Stage, input_size: (usize, usize)) -> Result<Vec<usize>> {
        Ok(self.network.trace(stage, input_size)?.1)
    }

    fn layers(&self, input_size: (usize, usize)) -> Result<Vec<Layer>> {
        let (mut layers, shape) = self.network.trace(Stage::Pooled, input_size)?;
        if let Some(classifier) = &self.classifier {
            layers.push(classifier.specification().layer(&shape)?);
        }
        Ok(layers)
    }

    fn depth(&self) -> usize {
        // The classifier counts, also where heads take its place.
        self.network.depth() + 1
    }

    fn forward_stages(
        &self,
        input: &Tensor,
        from: Stage,
        to: Stage,
        context: &Context,
    ) -> Result<Tensor> {
        self.network.check(input, from, to)?;
        let pass = TrainablePass {
            context,
            detached: false,
            taps: None,
        };
        recorded(input, |input| self.network.run(input, from, to, pass))
    }

    fn forward_frozen(&self, images: &Tensor, until: Stage) -> Result<Tensor> {
        self.network.check(images, Stage::Input, until)?;
        let pass = TrainablePass {
            context: &Context::evaluation(),
            detached: true,
            taps: None,
        };
        let activation = self.network.run(images, Stage::Input, until, pass)?;
        Ok(activation.detach())
    }

    fn logits(
        &self,
        activation: &Tensor,
        from: Stage,
        context: &Context,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        self.network.check(activation, from, Stage::Pooled)?;
        let taps = RefCell::default();
        let pass = TrainablePass {
            context,
            detached: false,
            taps: context.is_training().then_some(&taps),
        };
        let classifier = self.classifier.as_ref();
        let classifier = classifier.ok_or(Error::NoClassifier(self.architecture.name()))?;
        let run = |activation: &Tensor| self.network.run(activation, from, Stage::Pooled, pass);
        let features = if self.auxiliary.is_empty() {
            recorded(activation, run)?
        } else {
            // Auxiliary classifiers branch off in the middle.
            run(activation)?
        };
        let logits = classifier.forward(&features, None, false, pass)?;
        let auxiliary = self
            .auxiliary
            .iter()
            .zip(taps.borrow().iter())
            .map(|(classifier, tap)| classifier.forward(tap, pass))
            .collect::<Result<_>>()?;
        Ok((logits, auxiliary))
    }

    fn fold(&self, until: Stage, precision: Precision) -> Result<Box<dyn InferenceBackbone>> {
        let network = self.network.map(until, |unit| unit.fold(precision))?;
        Ok(Box::new(InferenceNetwork { network }))
    }
}
