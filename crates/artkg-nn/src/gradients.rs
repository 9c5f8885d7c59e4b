use rayon::prelude::*;

use crate::optimiser::update_alone;
use crate::values::Values;
use crate::{Error, Gradients, Parameter, Result};

/// Values summed by one task.
const CHUNK: usize = 1 << 15;

/// The Euclidean norm of the gradients of all `parameters` together.
/// Parameters without a gradient do not count.
///
/// # Errors
/// [`Error::NotFinite`] naming the first parameter whose gradient is not finite.
pub fn gradient_norm(gradients: &Gradients, parameters: &[(String, Parameter)]) -> Result<f64> {
    let mut total = 0.0;
    for (name, parameter) in parameters {
        if let Some(gradient) = gradients.get(parameter.variable.as_tensor()) {
            let gradient = gradient.contiguous()?;
            total += sum_of_squares(name, &Values::of(&gradient)?)?;
        }
    }
    Ok(total.sqrt())
}

/// Checks that the gradients of all `parameters` are finite.
///
/// # Errors
/// [`Error::NotFinite`] naming the first parameter whose gradient is not finite.
pub fn check_gradients(gradients: &Gradients, parameters: &[(String, Parameter)]) -> Result<()> {
    gradient_norm(gradients, parameters).map(|_| ())
}

/// Scales the gradients of all `parameters` so that their common norm is at most
/// `max_norm` (Pascanu et al., ICML 2013), and returns the norm before.
///
/// # Errors
/// As [`gradient_norm`], and when `max_norm` is not positive.
pub fn clip_gradient_norm(
    gradients: &mut Gradients,
    parameters: &[(String, Parameter)],
    max_norm: f64,
) -> Result<f64> {
    if max_norm.is_nan() || max_norm <= 0.0 {
        return Err(Error::Argument(format!(
            "gradients are clipped to a norm above 0, got {max_norm}"
        )));
    }
    let norm = gradient_norm(gradients, parameters)?;
    // PyTorch's formula, with its guard against a norm of zero.
    let scale = (max_norm / (norm + 1e-6)) as f32;
    if scale < 1.0 {
        for (_, parameter) in parameters {
            let variable = parameter.variable.as_tensor();
            if let Some(gradient) = gradients.remove(variable) {
                let gradient = gradient.contiguous()?;
                update_alone(&gradient, |value| *value *= scale)?;
                gradients.insert(variable, gradient);
            }
        }
    }
    Ok(norm)
}

fn sum_of_squares(name: &str, values: &[f32]) -> Result<f64> {
    // Partial sums in order: the result must not depend on the threads.
    let sums: Vec<f64> = values
        .par_chunks(CHUNK)
        .map(|values| values.iter().map(|value| f64::from(*value).powi(2)).sum())
        .collect();
    let sum: f64 = sums.iter().sum();
    if sum.is_finite() {
        return Ok(sum);
    }
    Err(Error::NotFinite {
        parameter: name.into(),
        count: values.iter().filter(|value| !value.is_finite()).count(),
        total: values.len(),
    })
}
