use artkg_nn::{Context, DType, Gradients, Parameter, add_gradients, backward};

use crate::error::BoxError;
use crate::trainable::{Loss, Trainable};

/// The gradients of a batch and what is recorded of its loss.
pub(crate) struct BatchGradients {
    pub(crate) gradients: Gradients,
    pub(crate) loss: f64,
    pub(crate) parts: Vec<(String, f64)>,
    pub(crate) examples: usize,
}

/// Runs a batch forward and backward, in `accumulate` micro-batches one after
/// the other: no more than one of them has its activations in memory. Losses,
/// parts and gradients of `parameters` add up to those of the whole batch.
pub(crate) fn batch_gradients<T: Trainable>(
    model: &T,
    batch: &T::Batch,
    accumulate: usize,
    context: &Context,
    parameters: &[(String, Parameter)],
) -> Result<BatchGradients, BoxError> {
    if accumulate <= 1 {
        return one(model.loss(batch, context)?);
    }
    let mut sum: Option<BatchGradients> = None;
    for micro_batch in model.split(batch, accumulate)? {
        let next = one(model.loss(&micro_batch, context)?)?;
        match &mut sum {
            None => sum = Some(next),
            Some(sum) => sum.add(&next, parameters)?,
        }
    }
    sum.ok_or_else(|| "the model has split a batch into nothing".into())
}

/// Runs backward, after which nothing holds the activations.
fn one(loss: Loss) -> Result<BatchGradients, BoxError> {
    Ok(BatchGradients {
        loss: f64::from(loss.total.to_dtype(DType::F32)?.to_scalar::<f32>()?),
        gradients: backward(&loss.total)?,
        parts: loss.parts,
        examples: loss.examples,
    })
}

impl BatchGradients {
    fn add(&mut self, other: &Self, parameters: &[(String, Parameter)]) -> Result<(), BoxError> {
        add_gradients(&mut self.gradients, &other.gradients, parameters)?;
        self.loss += other.loss;
        self.examples += other.examples;
        for (name, value) in &other.parts {
            match self.parts.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += value,
                None => self.parts.push((name.clone(), *value)),
            }
        }
        Ok(())
    }
}
