//! Where the trained part of a network gets its inputs from.

use std::path::Path;
use std::sync::Arc;

use artkg_image::Preprocessing;
use artkg_nn::ParameterStore;
use artkg_train::StopFlag;
use artkg_vision::{Backbone, Stage};

use artkg_model::StoredModel;

use crate::error::Result;
use crate::examples::Example;
use crate::extraction::Extraction;
use crate::source::{ActivationSource, ImageSource, OnFailure, Source};

/// How the inputs of several networks are opened.
pub struct Opening<'a> {
    /// How images become inputs.
    pub preprocessing: &'a Preprocessing,
    /// The folder for activations of frozen parts.
    pub cache: &'a Path,
    /// Threads that decode images.
    pub threads: usize,
    /// Ends the work early.
    pub stop: &'a StopFlag,
    /// Receives images that cannot be used, once each.
    pub on_failure: &'a OnFailure,
}

impl Opening<'_> {
    /// Of a network that is frozen up to `frozen`.
    pub fn inputs<'a>(
        &'a self,
        backbone: &'a dyn Backbone,
        store: &'a ParameterStore,
        frozen: Stage,
    ) -> Inputs<'a> {
        Inputs {
            backbone,
            store,
            frozen,
            preprocessing: self.preprocessing,
            cache: self.cache,
            threads: self.threads,
            stop: self.stop,
            on_failure: self.on_failure,
        }
    }

    /// Of a trained model.
    pub fn inputs_of<'a>(&'a self, stored: &'a StoredModel) -> Inputs<'a> {
        let frozen = stored.description.frozen;
        self.inputs(stored.model.backbone(), &stored.store, frozen)
    }
}

/// A network with a frozen part and how images reach it.
pub struct Inputs<'a> {
    /// The network.
    pub backbone: &'a dyn Backbone,
    /// Its parameters.
    pub store: &'a ParameterStore,
    /// Where the frozen part ends.
    pub frozen: Stage,
    /// How images become inputs.
    pub preprocessing: &'a Preprocessing,
    /// The folder for activations of frozen parts.
    pub cache: &'a Path,
    /// Threads that decode images.
    pub threads: usize,
    /// Ends the work early.
    pub stop: &'a StopFlag,
    /// Receives images that cannot be used, once each.
    pub on_failure: &'a OnFailure,
}

/// Some examples and where their inputs come from.
pub struct ExampleSet {
    /// The examples whose inputs there are.
    pub examples: Vec<Example>,
    /// Their inputs.
    pub source: Source,
}

impl Inputs<'_> {
    /// The sets of examples, each with whether mirrored views of it are needed:
    /// from images where nothing is frozen, else from activations, which are
    /// extracted first where they are not cached. Examples whose image cannot be
    /// used are then left out. `None` when that was interrupted.
    ///
    /// # Errors
    /// When the cache cannot be written or the network fails.
    pub fn open<const SETS: usize>(
        &self,
        sets: [(Vec<Example>, bool); SETS],
        on_extraction: &mut dyn FnMut(usize, usize),
    ) -> Result<Option<[ExampleSet; SETS]>> {
        if self.frozen == Stage::Input {
            return Ok(Some(sets.map(|(examples, _)| ExampleSet {
                examples,
                source: Source::Images(ImageSource::new(
                    self.preprocessing.clone(),
                    self.threads,
                    Arc::clone(self.on_failure),
                )),
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
            backbone: self.backbone,
            store: self.store,
            frozen: self.frozen,
            preprocessing: self.preprocessing,
            threads: self.threads,
        };
        let extracted = extraction.run(
            self.cache,
            &all,
            |example| mirrored[example],
            self.stop,
            on_extraction,
        )?;
        if extracted.interrupted {
            return Ok(None);
        }
        let side = self.preprocessing.crop;
        let shape = self.backbone.boundary_shape(self.frozen, (side, side))?;
        let cache = Arc::new(extracted.cache);
        let mut all = all.into_iter().zip(extracted.keys);
        Ok(Some(sizes.map(|size| {
            let (mut examples, mut all_keys) = (Vec::new(), Vec::new());
            for (example, keys) in all.by_ref().take(size) {
                match keys {
                    Ok(keys) => {
                        examples.push(example);
                        all_keys.push(keys);
                    }
                    Err(message) => (self.on_failure)(&message),
                }
            }
            let cache = Arc::clone(&cache);
            ExampleSet {
                examples,
                source: Source::Activations(ActivationSource::new(cache, all_keys, shape.clone())),
            }
        })))
    }
}
