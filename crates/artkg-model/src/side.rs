//! What a classifier sees of an artwork besides its image.

use std::collections::HashMap;

use artkg_nn::{Device, Tensor};
use artkg_text::{Captions, WordVocabulary};

use crate::error::Result;

/// The values beside the image, by artwork.
#[derive(Clone, Debug, PartialEq)]
pub struct SideValues {
    /// How many numbers each has.
    width: usize,
    rows: HashMap<String, SideRow>,
}

/// The values of one artwork.
#[derive(Clone, Debug, PartialEq)]
pub enum SideRow {
    /// All of them.
    Dense(Vec<f32>),
    /// The places of ones among zeros.
    MultiHot(Vec<u32>),
}

impl SideValues {
    /// Rows of `width` numbers by the artworks' ids.
    pub fn new(width: usize, rows: HashMap<String, SideRow>) -> Self {
        Self { width, rows }
    }

    /// The values of artworks as `[batch, width]` on a device; zeros where there are none.
    ///
    /// # Errors
    /// When the tensor cannot be made.
    pub fn tensor<'a>(
        &self,
        ids: impl ExactSizeIterator<Item = &'a str>,
        device: &Device,
    ) -> Result<Tensor> {
        let rows = ids.len();
        let mut values = vec![0.0; rows * self.width];
        for (values, id) in values.chunks_exact_mut(self.width).zip(ids) {
            if let Some(row) = self.rows.get(id) {
                row.write(values);
            }
        }
        Ok(Tensor::from_vec(values, (rows, self.width), device)?)
    }
}

impl SideRow {
    /// Writes the row over zeros.
    pub fn write(&self, values: &mut [f32]) {
        match self {
            Self::Dense(row) => values.copy_from_slice(row),
            Self::MultiHot(ones) => ones.iter().for_each(|&one| values[one as usize] = 1.0),
        }
    }
}

/// The captions of a corpus as multi-hot vectors of the vocabulary's words.
pub fn caption_values(captions: &Captions, vocabulary: &WordVocabulary) -> SideValues {
    let rows = captions.iter().map(|caption| {
        let ones = vocabulary.multi_hot(&caption.text);
        (caption.id.clone(), SideRow::MultiHot(ones))
    });
    SideValues::new(vocabulary.len(), rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_order_asked_for() {
        let rows = HashMap::from([
            ("dense".to_owned(), SideRow::Dense(vec![0.5, 0.25, 0.25])),
            ("words".to_owned(), SideRow::MultiHot(vec![0, 2])),
        ]);
        let side = SideValues::new(3, rows);
        let tensor = side
            .tensor(["words", "none", "dense"].into_iter(), &Device::Cpu)
            .unwrap();
        assert_eq!(
            tensor.to_vec2::<f32>().unwrap(),
            [[1.0, 0.0, 1.0], [0.0; 3], [0.5, 0.25, 0.25]]
        );
    }
}
