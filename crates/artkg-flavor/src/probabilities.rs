use artkg_nn::Context;

use crate::error::Result;
use crate::inputs::Inputs;
use crate::models::Tagger;

/// The class probabilities of a batch, row by row.
pub(crate) fn probabilities(tagger: &Tagger, inputs: &Inputs) -> Result<Vec<f32>> {
    let logits = tagger.forward(inputs, &Context::evaluation())?;
    let (_, classes) = logits.dims2()?;
    let mut values = logits.flatten_all()?.to_vec1::<f32>()?;
    for row in values.chunks_exact_mut(classes) {
        let maximum = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        row.iter_mut()
            .for_each(|value| *value = (*value - maximum).exp());
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|value| *value /= sum);
    }
    Ok(values)
}

/// The most probable class.
pub(crate) fn best_class(row: &[f32]) -> usize {
    (1..row.len()).fold(
        0,
        |best, class| if row[class] > row[best] { class } else { best },
    )
}
