use artkg_files::seeds::derive_seed;
use candle_core::{Shape, Tensor};

use artkg_kernels::branch as kernels;

use crate::checks::require_f32;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};

/// Leaves the branch out of whole items in training, each with probability `rate`, and
/// divides that of the others by `1 - rate`, so that the expectation stays (Huang et
/// al., ECCV 2016); in evaluation returns `branch` itself.
///
/// `branch` is `[batch, ...]`.
///
/// # Errors
/// When `rate` is not in `[0, 1)` or `branch` is not `f32`.
pub fn stochastic_depth(branch: &Tensor, rate: f32, context: &Context) -> Result<Tensor> {
    if !(0.0..1.0).contains(&rate) {
        return Err(Error::setting(
            "rate of stochastic depth",
            "lies in [0, 1)",
            rate,
        ));
    }
    if !context.is_training() || rate == 0.0 {
        return Ok(branch.clone());
    }
    require_f32(branch, "stochastic depth")?;
    let items = branch.dims().first().copied().unwrap_or(1);
    let seed = context.next_seed();
    let threshold = (f64::from(rate) * 2f64.powi(64)) as u64;
    let factors = (0..items as u64).map(|item| match derive_seed(seed, item) >= threshold {
        true => 1.0 / (1.0 - rate),
        false => 0.0,
    });
    let factors: Vec<f32> = factors.collect();
    apply(&[branch], ScaleItems { factors })
}

/// Each item times its factor.
struct ScaleItems {
    factors: Vec<f32>,
}

impl ScaleItems {
    fn apply(&self, values: &[f32]) -> Vec<f32> {
        let length = values.len() / self.factors.len().max(1);
        kernels::scale_items(values, length, &self.factors)
    }
}

impl Operation for ScaleItems {
    fn name(&self) -> &'static str {
        "stochastic depth"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(operands[0].clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(self.apply(operands[0]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        Ok(vec![Some(self.apply(pass.gradient))])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    #[test]
    fn whole_items_are_left_out_and_the_mean_stays() {
        let branch = Tensor::ones((4000, 2, 3), DType::F32, &Device::Cpu).unwrap();
        let output = stochastic_depth(&branch, 0.2, &Context::training(5)).unwrap();
        let items = output.to_vec3::<f32>().unwrap();
        for item in &items {
            assert!(item.iter().flatten().all(|value| *value == item[0][0]));
            assert!(item[0][0] == 0.0 || (item[0][0] - 1.25).abs() < 1e-6);
        }
        let left_out = items.iter().filter(|item| item[0][0] == 0.0).count();
        assert!((700..900).contains(&left_out), "{left_out}");
    }

    #[test]
    fn the_seed_decides() {
        let branch = random_tensor(&[50, 2], 1.0, 1);
        let draw = |context: &Context| {
            let output = stochastic_depth(&branch, 0.5, context).unwrap();
            output.to_vec2::<f32>().unwrap()
        };
        let context = Context::training(1);
        let first = draw(&context);
        assert_ne!(first, draw(&context), "two layers of one pass");
        assert_eq!(first, draw(&Context::training(1)));
        assert_eq!(
            branch.to_vec2::<f32>().unwrap(),
            draw(&Context::evaluation())
        );
    }

    #[test]
    fn gradients_match_differences() {
        assert_gradients(&[random_tensor(&[6, 2, 3], 1.0, 1)], 1e-3, |a| {
            stochastic_depth(&a[0], 0.4, &Context::training(3))
        });
    }

    #[test]
    fn an_impossible_rate_is_refused() {
        let branch = random_tensor(&[2, 2], 1.0, 1);
        for rate in [-0.1, 1.0, f32::NAN] {
            let error = stochastic_depth(&branch, rate, &Context::evaluation());
            assert!(error.unwrap_err().to_string().contains("[0, 1)"));
        }
    }
}
