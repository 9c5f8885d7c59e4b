use artkg_model::{Predictor, SideDescription, StoredModel};
use artkg_nn::Precision;
use artkg_text::Captions;

use crate::error::Result;

/// Images that go through a network together.
pub(crate) const BATCH_SIZE: usize = 32;

/// The model as it is asked, with the captions of the artworks where it reads them.
pub(crate) fn predictor_with(
    stored: &StoredModel,
    captions: Option<&Captions>,
) -> Result<Predictor> {
    let predictor = Predictor::new(stored, Precision::F32)?;
    Ok(match (&stored.description.side, captions) {
        (Some(SideDescription::Captions { .. }), Some(captions)) => {
            predictor.with_captions(captions)?
        }
        _ => predictor,
    })
}
