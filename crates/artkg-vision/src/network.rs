//! The networks' common form: stages of parts over units.

mod auxiliary;
mod inception;
mod inference;
mod layer;
mod part;
mod pool;
mod residual;
mod trainable;
mod unit;

use artkg_nn::Tensor;

use crate::{Architecture, Error, Result, Stage};

pub(crate) use auxiliary::AuxiliaryClassifier;
pub(crate) use inception::Inception;
pub(crate) use inference::InferenceNetwork;
pub use layer::Layer;
pub(crate) use part::Part;
pub(crate) use pool::{Pool, PoolKind};
pub(crate) use residual::{Gate, Residual};
pub(crate) use trainable::TrainableNetwork;
pub(crate) use unit::{FoldedUnit, Norm, TrainableUnit, Unit};

/// The parts of a network, cut into stages, over trainable or folded units.
#[derive(Debug)]
pub(crate) struct Network<U> {
    architecture: Architecture,
    /// What leads to each boundary behind the images, in order; fewer when only
    /// the front part was folded.
    stages: Vec<(Stage, Vec<Part<U>>)>,
}

impl<U: Unit> Network<U> {
    pub(crate) fn new(architecture: Architecture, stages: Vec<(Stage, Vec<Part<U>>)>) -> Self {
        Self {
            architecture,
            stages,
        }
    }

    /// The last boundary.
    fn until(&self) -> Stage {
        self.stages.last().map_or(Stage::Input, |(stage, _)| *stage)
    }

    /// Runs the parts between two boundaries that the caller has checked.
    fn run(&self, input: &Tensor, from: Stage, to: Stage, pass: U::Pass<'_>) -> Result<Tensor> {
        let mut activation = input.clone();
        for (stage, parts) in &self.stages {
            if from < *stage && *stage <= to {
                for part in parts {
                    activation = part.forward(activation, pass)?;
                }
            }
        }
        Ok(activation)
    }

    /// The same network with each unit replaced, up to `until`.
    fn map<V: Unit>(&self, until: Stage, convert: impl Fn(&U) -> Result<V>) -> Result<Network<V>> {
        self.architecture.check_stage(until)?;
        let stages = self
            .stages
            .iter()
            .filter(|(stage, _)| *stage <= until)
            .map(|(stage, parts)| {
                let parts = parts.iter().map(|part| part.map(&convert));
                Ok((*stage, parts.collect::<Result<_>>()?))
            })
            .collect::<Result<_>>()?;
        Ok(Network::new(self.architecture, stages))
    }

    /// The layers before `until` for images of `size`, and the shape of one item
    /// there.
    fn trace(&self, until: Stage, size: (usize, usize)) -> Result<(Vec<Layer>, Vec<usize>)> {
        self.architecture.check_stage(until)?;
        let mut layers = Vec::new();
        let mut shape = vec![size.0, size.1, 3];
        for (stage, parts) in &self.stages {
            if *stage <= until {
                for part in parts {
                    shape = part.trace(&shape, &mut layers).map_err(|error| {
                        Error::Input(format!(
                            "{} cannot take images of {} × {} pixels: {error}",
                            self.architecture, size.0, size.1
                        ))
                    })?;
                }
            }
        }
        Ok((layers, shape))
    }

    /// Layers with weights on the longest way through.
    fn depth(&self) -> usize {
        let parts = self.stages.iter().flat_map(|(_, parts)| parts);
        parts.map(Part::depth).sum()
    }

    /// The stage whose parts own a parameter.
    fn stage_of_parameter(&self, name: &str) -> Option<Stage> {
        let owns = |parts: &[Part<U>]| parts.iter().any(|part| part.owns(name));
        let stage = self.stages.iter().find(|(_, parts)| owns(parts));
        stage.map(|(stage, _)| *stage)
    }

    /// Checks that `input` can be the activation at `from`, and that `to` is
    /// reached from there.
    fn check(&self, input: &Tensor, from: Stage, to: Stage) -> Result<()> {
        self.architecture.check_stage(from)?;
        self.architecture.check_stage(to)?;
        if from > to {
            return Err(Error::Input(format!(
                "stage {from} comes after stage {to}: there is nothing to run between them"
            )));
        }
        if to > self.until() {
            return Err(Error::Input(format!(
                "this backbone was folded up to {} only and cannot run to {to}",
                self.until()
            )));
        }
        // The size decides neither the rank nor the channels.
        let (_, shape) = match from {
            Stage::Input => (Vec::new(), vec![0, 0, 3]),
            _ => self.trace(from, (224, 224))?,
        };
        if input.rank() != shape.len() + 1 || input.dims().last() != shape.last() {
            let expected = match shape[..] {
                [.., channels] if shape.len() > 1 => {
                    format!("[batch, height, width, {channels}]")
                }
                _ => format!("[batch, {}]", shape[0]),
            };
            return Err(Error::Input(format!(
                "the activation at {from} has shape {expected}, not {:?}",
                input.dims()
            )));
        }
        Ok(())
    }
}
