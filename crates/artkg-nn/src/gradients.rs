use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::parameters::Parameter;
use crate::update::update_alone;
use crate::values::Values;

pub use candle_core::backprop::GradStore as Gradients;

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
        return Err(Error::setting(
            "norm that gradients are clipped to",
            "is above 0",
            max_norm,
        ));
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

/// Adds the gradients of all `parameters` in `gradients` to those in `sums`.
///
/// # Errors
/// When two gradients of a parameter do not fit each other.
pub fn add_gradients(
    sums: &mut Gradients,
    gradients: &Gradients,
    parameters: &[(String, Parameter)],
) -> Result<()> {
    for (_, parameter) in parameters {
        let variable = parameter.variable.as_tensor();
        if let Some(gradient) = gradients.get(variable) {
            let sum = match sums.remove(variable) {
                Some(sum) => (sum + gradient)?,
                None => gradient.clone(),
            };
            sums.insert(variable, sum);
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Tensor};

    use super::*;
    use crate::initialisation::Initialisation;
    use crate::parameters::{ParameterStore, Role};

    /// Two parameters whose gradients are the given ones.
    fn gradients(first: &[f32], second: &[f32]) -> (Vec<(String, Parameter)>, Gradients) {
        let store = ParameterStore::new(0, &Device::Cpu);
        let mut loss = Tensor::zeros((), DType::F32, &Device::Cpu).unwrap();
        for (name, values) in [("first", first), ("second", second)] {
            let parameter = store
                .root()
                .parameter(name, &[values.len()], Initialisation::Zeros, Role::Weight)
                .unwrap();
            let values = Tensor::new(values, &Device::Cpu).unwrap();
            let product = parameter.as_tensor().mul(&values).unwrap();
            loss = (loss + product.sum_all().unwrap()).unwrap();
        }
        (store.trainable(), loss.backward().unwrap())
    }

    fn values(gradients: &Gradients, parameter: &Parameter) -> Vec<f32> {
        gradients
            .get(&parameter.variable)
            .unwrap()
            .to_vec1()
            .unwrap()
    }

    #[test]
    fn the_common_norm_is_clipped() {
        let (parameters, mut gradients) = gradients(&[3.0, 0.0], &[0.0, 4.0, 12.0]);
        let norm = clip_gradient_norm(&mut gradients, &parameters, 6.5).unwrap();
        assert_eq!(norm, 13.0);
        let first = values(&gradients, &parameters[0].1);
        assert!((first[0] - 1.5).abs() < 1e-6, "{first:?}");
        let norm = gradient_norm(&gradients, &parameters).unwrap();
        assert!((norm - 6.5).abs() < 1e-5, "{norm}");
    }

    #[test]
    fn small_gradients_stay() {
        let (parameters, mut gradients) = gradients(&[3.0], &[4.0]);
        assert_eq!(
            clip_gradient_norm(&mut gradients, &parameters, 10.0).unwrap(),
            5.0
        );
        assert_eq!(values(&gradients, &parameters[1].1), [4.0]);
        assert!(clip_gradient_norm(&mut gradients, &parameters, 0.0).is_err());
    }

    #[test]
    fn a_gradient_that_is_not_finite_is_named() {
        for bad in [f32::NAN, f32::INFINITY] {
            let (parameters, mut gradients) = gradients(&[1.0], &[1.0, bad, 2.0]);
            let error = gradient_norm(&gradients, &parameters)
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("second") && error.contains("1 of 3"),
                "{error}"
            );
            assert!(clip_gradient_norm(&mut gradients, &parameters, 1.0).is_err());
        }
        let (parameters, gradients) = gradients(&[1.0], &[f32::MAX; 2]);
        gradient_norm(&gradients, &parameters).unwrap();
    }

    #[test]
    fn gradients_add_up() {
        let (parameters, mut sums) = gradients(&[3.0], &[4.0]);
        let both = [&parameters[0], &parameters[1]].map(|(_, parameter)| parameter);
        // The loss of another part of the batch, in the second parameter only.
        let loss = (both[1].variable.as_tensor() * 5.0).unwrap();
        let part = loss.sum_all().unwrap().backward().unwrap();
        add_gradients(&mut sums, &part, &parameters).unwrap();
        add_gradients(&mut sums, &part, &parameters).unwrap();
        assert_eq!(values(&sums, both[0]), [3.0]);
        assert_eq!(values(&sums, both[1]), [14.0]);
    }

    #[test]
    fn parameters_without_a_gradient_do_not_count() {
        let (mut parameters, gradients) = gradients(&[3.0], &[4.0]);
        let store = ParameterStore::new(0, &Device::Cpu);
        store
            .root()
            .parameter("frozen", &[2], Initialisation::Ones, Role::Bias)
            .unwrap();
        parameters.extend(store.trainable());
        assert_eq!(gradient_norm(&gradients, &parameters).unwrap(), 5.0);
    }
}
