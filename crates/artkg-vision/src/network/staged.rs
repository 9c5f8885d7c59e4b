use artkg_nn::Tensor;

use super::layer::Layer;
use super::part::Part;
use super::unit::Unit;
use crate::architecture::Architecture;
use crate::error::{Error, Result};
use crate::stage::Stage;

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
    pub(crate) fn until(&self) -> Stage {
        self.stages.last().map_or(Stage::Input, |(stage, _)| *stage)
    }

    /// Runs the parts between two boundaries that the caller has checked.
    pub(crate) fn run(
        &self,
        input: &Tensor,
        from: Stage,
        to: Stage,
        pass: U::Pass<'_>,
    ) -> Result<Tensor> {
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
    pub(crate) fn map<V: Unit>(
        &self,
        until: Stage,
        convert: impl Fn(&U) -> Result<V>,
    ) -> Result<Network<V>> {
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
    pub(crate) fn trace(
        &self,
        until: Stage,
        size: (usize, usize),
    ) -> Result<(Vec<Layer>, Vec<usize>)> {
        self.architecture.check_stage(until)?;
        let mut layers = Vec::new();
        let mut shape = vec![size.0, size.1, 3];
        for (stage, parts) in &self.stages {
            if *stage <= until {
                for part in parts {
                    shape = part
                        .trace(&shape, &mut layers)
                        .map_err(|error| Error::ImageSize {
                            architecture: self.architecture.name(),
                            size,
                            source: Box::new(error),
                        })?;
                }
            }
        }
        Ok((layers, shape))
    }

    /// Layers with weights on the longest way through.
    pub(crate) fn depth(&self) -> usize {
        let parts = self.stages.iter().flat_map(|(_, parts)| parts);
        parts.map(Part::depth).sum()
    }

    /// The stage whose parts own a parameter.
    pub(crate) fn stage_of_parameter(&self, name: &str) -> Option<Stage> {
        let owns = |parts: &[Part<U>]| parts.iter().any(|part| part.owns(name));
        let stage = self.stages.iter().find(|(_, parts)| owns(parts));
        stage.map(|(stage, _)| *stage)
    }

    /// Checks that `input` can be the activation at `from`, and that `to` is
    /// reached from there.
    pub(crate) fn check(&self, input: &Tensor, from: Stage, to: Stage) -> Result<()> {
        self.architecture.check_stage(from)?;
        self.architecture.check_stage(to)?;
        if from > to {
            return Err(Error::Order {
                from: from.name(),
                to: to.name(),
            });
        }
        if to > self.until() {
            return Err(Error::Folded {
                until: self.until().name(),
                to: to.name(),
            });
        }
        // The size decides neither the rank nor the channels.
        let (_, shape) = match from {
            Stage::Input => (Vec::new(), vec![0, 0, 3]),
            _ => self.trace(from, (224, 224))?,
        };
        if input.rank() != shape.len() + 1 || input.dims().last() != shape.last() {
            return Err(Error::ActivationShape {
                stage: from.name(),
                expected: shape,
                found: input.dims().to_vec(),
            });
        }
        Ok(())
    }
}
