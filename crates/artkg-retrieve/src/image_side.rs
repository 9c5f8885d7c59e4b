use artkg_infer::SplitScores;
use artkg_measure::probabilities;
use artkg_model::ModelDescription;
use artkg_vocabulary::Vocabulary;

use crate::error::{Error, Result};

/// The visual side of artworks: features of length one, then the predicted
/// probabilities of the attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ImageSide {
    pub(crate) ids: Vec<String>,
    pub(crate) width: usize,
    /// `[artworks, width]`, row by row.
    pub(crate) values: Vec<f32>,
}

impl ImageSide {
    /// A model's output for a split: the probabilities of the `chosen` heads.
    ///
    /// # Errors
    /// When a tensor operation fails, or the features were not kept.
    pub(crate) fn new(
        description: &ModelDescription,
        chosen: &[Vocabulary],
        scores: &SplitScores,
    ) -> Result<Self> {
        let heads: Vec<(usize, Vec<f32>)> = description
            .vocabularies
            .iter()
            .enumerate()
            .filter(|(_, vocabulary)| chosen.contains(vocabulary))
            .map(|(head, vocabulary)| {
                let classes = vocabulary.len();
                let temperature = description.temperatures[head];
                let values = probabilities(&scores.logits[head], classes, temperature);
                (classes, values)
            })
            .collect();
        let vectors = scores.features.as_ref().ok_or(Error::NoFeatures)?;
        let (artworks, features) = vectors.dims2()?;
        let rows: Vec<f32> = vectors.flatten_all()?.to_vec1()?;
        let width = features + heads.iter().map(|(classes, _)| classes).sum::<usize>();
        let mut values = Vec::with_capacity(artworks * width);
        for (artwork, row) in rows.chunks_exact(features).enumerate() {
            let length = row.iter().map(|value| value * value).sum::<f32>().sqrt();
            let length = length.max(f32::MIN_POSITIVE);
            values.extend(row.iter().map(|value| value / length));
            for (classes, head) in &heads {
                values.extend_from_slice(&head[artwork * classes..(artwork + 1) * classes]);
            }
        }
        Ok(Self {
            ids: scores.ids.clone(),
            width,
            values,
        })
    }

    /// The values of one artwork.
    pub(crate) fn row(&self, artwork: usize) -> &[f32] {
        &self.values[artwork * self.width..(artwork + 1) * self.width]
    }
}
