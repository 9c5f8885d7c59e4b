use std::path::Path;

use artkg_files::checksum::Checksum;
use artkg_nn::Device;

use crate::dataset::Dataset;
use crate::error::Result;
use crate::event::Events;
use crate::model_file::{ModelDescription, load_model};
use crate::models::Tagger;
use crate::probabilities::probabilities;

/// Events that go through the network together: few enough for the values of
/// their tracks and pairs to stay in the processor's cache.
const TOGETHER: usize = 24;

/// A trained tagger, ready for events.
#[derive(Debug)]
pub struct Predictor {
    description: ModelDescription,
    tagger: Tagger,
    checksum: Checksum,
    device: Device,
}

impl Predictor {
    /// Reads a model file onto `device`.
    ///
    /// # Errors
    /// When the file is damaged, no flavour tagger, or of another version.
    pub fn load(path: &Path, device: &Device) -> Result<Self> {
        let (description, tagger, checksum) = load_model(path, device)?;
        Ok(Self {
            description,
            tagger,
            checksum,
            device: device.clone(),
        })
    }

    /// What the model file says.
    pub fn description(&self) -> &ModelDescription {
        &self.description
    }

    /// The checksum of the model file.
    pub fn checksum(&self) -> &Checksum {
        &self.checksum
    }

    pub(crate) fn tagger(&self) -> &Tagger {
        &self.tagger
    }

    /// The class probabilities of each event, row by row.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn probabilities(&self, events: &Events) -> Result<Vec<f32>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let preparation = &self.description.preparation;
        let wants = self.description.model.wants();
        let rows = preparation.prepare(events, wants);
        let labels = vec![0; events.len()];
        let pairs = preparation.pairs.clone();
        let dataset = Dataset::new(rows, labels, pairs, wants, &self.device);
        let all: Vec<usize> = (0..dataset.len()).collect();
        let mut found = Vec::with_capacity(events.len() * self.description.classes.len());
        for together in all.chunks(TOGETHER) {
            found.extend(probabilities(&self.tagger, &dataset.inputs(together)?)?);
        }
        Ok(found)
    }
}
