//! Where the trained part of a network gets its inputs from.

use std::path::Path;
use std::sync::Arc;

use artkg_image::{Preprocessing, View};
use artkg_model::Predictor;
use artkg_nn::Precision;
use artkg_session::Session;
use artkg_vision::{InferenceBackbone, Stage};

use crate::error::Result;
use crate::examples::Example;
use crate::extraction::Extraction;
use crate::frozen_part::FrozenPart;
use crate::source::{ActivationSource, Batch, ImageSource, Source};

/// Some examples and where their inputs come from.
pub struct ExampleSet {
    /// The examples whose inputs there are.
    pub examples: Vec<Example>,
    /// Their inputs.
    pub source: Source,
    /// A sentence for each image that could not be used; those that are found when
    /// batches are made are known to the source.
    failures: Vec<String>,
}

impl ExampleSet {
    /// Examples whose inputs are their images.
    pub fn images(
        examples: Vec<Example>,
        preprocessing: &Preprocessing,
        session: &Session,
    ) -> Self {
        Self {
            examples,
            source: Source::Images(ImageSource::new(preprocessing.clone(), session.clone())),
            failures: Vec::new(),
        }
    }

    /// The batches of all examples in their order, as evaluation sees them.
    pub fn batches(&self, batch_size: usize) -> impl Iterator<Item = Result<Batch>> + '_ {
        let views: Vec<(usize, View)> = (0..self.examples.len())
            .map(|index| (index, View::Evaluate))
            .collect();
        self.source.batches(&self.examples, &views, batch_size)
    }

    /// A sentence for each image that could not be used so far.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = self.failures.clone();
        failures.extend(self.source.failures());
        failures
    }
}

/// A network with a part that stays as it is, and how images reach it.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The part whose activations are the inputs.
    pub part: &'a FrozenPart,
    /// A network with this part.
    pub network: &'a InferenceBackbone,
    /// In what the network multiplies.
    pub precision: Precision,
    /// How images become inputs.
    pub preprocessing: &'a Preprocessing,
    /// The folder for activations.
    pub cache: &'a Path,
}

impl<'a> Inputs<'a> {
    /// Those of a model whose `part` is frozen.
    pub fn of_model(predictor: &'a Predictor, part: &'a FrozenPart, cache: &'a Path) -> Self {
        Self {
            part,
            network: predictor.backbone(),
            precision: predictor.precision(),
            preprocessing: &predictor.description().preprocessing,
            cache,
        }
    }

    /// Sets of examples, each with whether mirrored views of it are needed: with their
    /// images where nothing is frozen, else with activations, which are extracted first
    /// where they are not cached. Examples whose image cannot be used are then left out,
    /// and the session's observer is told. `None` when that was interrupted.
    ///
    /// # Errors
    /// When the cache cannot be written or the network fails.
    pub fn open<const SETS: usize>(
        &self,
        sets: [(Vec<Example>, bool); SETS],
        session: &Session,
    ) -> Result<Option<[ExampleSet; SETS]>> {
        if self.part.stage == Stage::Input {
            return Ok(Some(sets.map(|(examples, _)| {
                ExampleSet::images(examples, self.preprocessing, session)
            })));
        }
        let sizes = sets.each_ref().map(|(examples, _)| examples.len());
        let mirrored: Vec<bool> = sets
            .iter()
            .flat_map(|(examples, mirrored)| examples.iter().map(|_| *mirrored))
            .collect();
        let all: Vec<Example> = sets
            .into_iter()
            .flat_map(|(examples, _)| examples)
            .collect();
        let extraction = Extraction {
            part: self.part,
            network: self.network,
            precision: self.precision,
            preprocessing: self.preprocessing,
        };
        let extracted = extraction.run(self.cache, &all, |example| mirrored[example], session)?;
        if extracted.interrupted {
            return Ok(None);
        }
        let cache = Arc::new(extracted.cache);
        let mut all = all.into_iter().zip(extracted.keys);
        Ok(Some(sizes.map(|size| {
            let (mut examples, mut all_keys, mut failures) = (Vec::new(), Vec::new(), Vec::new());
            for (example, keys) in all.by_ref().take(size) {
                match keys {
                    Ok(keys) => {
                        examples.push(example);
                        all_keys.push(keys);
                    }
                    Err(message) => {
                        session.left_out(&message);
                        failures.push(message);
                    }
                }
            }
            let source = ActivationSource::new(
                Arc::clone(&cache),
                all_keys,
                self.part.shape.clone(),
                session.device().clone(),
            );
            ExampleSet {
                examples,
                source: Source::Activations(source),
                failures,
            }
        })))
    }
}
