use candle_core::{CpuStorage, CustomOp3, Layout, Shape, bail};
use rayon::prelude::*;

use crate::convolution::{Images, images, require_f32};
use crate::precision::to_f32;
use crate::tape::apply3;
use crate::values::{Values, contiguous};
use crate::vector::vectorised;
use crate::{Error, Result, Tensor};

/// `relu(input · gate + residual)`: how a block with squeeze and excitation ends
/// (Hu et al., CVPR 2018).
///
/// `input` and `residual` are `[batch, height, width, channels]`, `gate` is
/// `[batch, channels]`, a factor for each channel of each image. One pass over
/// memory, forward and backward; differentiable in all three.
///
/// # Errors
/// [`Error::Argument`] when shapes or data types do not fit.
pub fn excite(input: &Tensor, gate: &Tensor, residual: &Tensor) -> Result<Tensor> {
    let (input, residual) = (&to_f32(input)?, &to_f32(residual)?);
    let sizes = images(input, "excitation")?;
    require_f32(gate, "the gate of an excitation")?;
    if gate.dims() != [sizes.batch, sizes.channels]
        || images(residual, "the residual of an excitation")? != sizes
    {
        return Err(Error::Argument(format!(
            "a gate of shape {:?} and a residual of shape {:?} do not fit an excitation of {:?}",
            gate.dims(),
            residual.dims(),
            input.dims()
        )));
    }
    let operands = (gate.contiguous()?, residual.contiguous()?);
    let input = input.contiguous()?;
    apply3(&input, &operands.0, &operands.1, Excite { sizes })
}

struct Excite {
    sizes: Images,
}

impl Excite {
    /// The number of values of one image, at least 1.
    fn image(&self) -> usize {
        (self.sizes.height * self.sizes.width * self.sizes.channels).max(1)
    }
}

impl CustomOp3 for Excite {
    fn name(&self) -> &'static str {
        "excite"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        gate: &CpuStorage,
        gate_layout: &Layout,
        residual: &CpuStorage,
        residual_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let input = contiguous(input, input_layout)?;
        let gate = contiguous(gate, gate_layout)?;
        let residual = contiguous(residual, residual_layout)?;
        let channels = self.sizes.channels;
        let row = (self.sizes.width * channels).max(1);
        let mut output = vec![0.0; input.len()];
        output
            .par_chunks_mut(row)
            .zip(input.par_chunks(row).zip(residual.par_chunks(row)))
            .enumerate()
            .for_each(|(index, (output, (input, residual)))| {
                let image = index / self.sizes.height;
                let gate = &gate[image * channels..][..channels];
                vectorised(
                    #[inline(always)]
                    || excite_row(output, input, gate, residual),
                );
            });
        Ok((CpuStorage::F32(output), self.sizes.into()))
    }

    fn bwd(
        &self,
        input: &Tensor,
        gate: &Tensor,
        residual: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let gradient = gradient.contiguous()?;
        if !(input.is_contiguous() && gate.is_contiguous() && residual.is_contiguous()) {
            bail!("the operands of an excitation are contiguous");
        }
        let (image, channels) = (self.image(), self.sizes.channels);
        let mut for_input = vec![0.0; self.sizes.len()];
        let mut for_residual = vec![0.0; self.sizes.len()];
        let mut for_gate = vec![0.0; self.sizes.batch * channels];
        {
            let (input, gate) = (Values::of(input)?, Values::of(gate)?);
            let (output, gradient) = (Values::of(output)?, Values::of(&gradient)?);
            for_input
                .par_chunks_mut(image)
                .zip(for_residual.par_chunks_mut(image))
                .zip(for_gate.par_chunks_mut(channels.max(1)))
                .enumerate()
                .for_each(|(index, ((for_input, for_residual), for_gate))| {
                    let range = index * image..(index + 1) * image;
                    let gate = &gate[index * channels..][..channels];
                    vectorised(
                        #[inline(always)]
                        || {
                            gradients_of_image(
                                [
                                    &input[range.clone()],
                                    &output[range.clone()],
                                    &gradient[range],
                                ],
                                gate,
                                [for_input, for_residual, for_gate],
                            );
                        },
                    );
                });
        }
        let tensor = |values, like: &Tensor| Tensor::from_vec(values, like.shape(), like.device());
        Ok((
            Some(tensor(for_input, input)?),
            Some(tensor(for_gate, gate)?),
            Some(tensor(for_residual, residual)?),
        ))
    }
}

#[inline(always)]
fn excite_row(output: &mut [f32], input: &[f32], gate: &[f32], residual: &[f32]) {
    let pixels = output
        .chunks_exact_mut(gate.len())
        .zip(input.chunks_exact(gate.len()))
        .zip(residual.chunks_exact(gate.len()));
    for ((output, input), residual) in pixels {
        let values = output.iter_mut().zip(input).zip(gate).zip(residual);
        for (((output, input), gate), residual) in values {
            let value = input * gate + residual;
            // NaN stays NaN.
            *output = if value < 0.0 { 0.0 } else { value };
        }
    }
}

/// From input, output and the output's gradient: the gradients of input,
/// residual and gate.
#[inline(always)]
fn gradients_of_image(
    [input, output, gradient]: [&[f32]; 3],
    gate: &[f32],
    [for_input, for_residual, for_gate]: [&mut [f32]; 3],
) {
    let channels = gate.len();
    for start in (0..input.len()).step_by(channels) {
        let pixel = start..start + channels;
        let (input, output) = (&input[pixel.clone()], &output[pixel.clone()]);
        let gradient = &gradient[pixel.clone()];
        let for_input = &mut for_input[pixel.clone()];
        let for_residual = &mut for_residual[pixel];
        for channel in 0..channels {
            let passed = if output[channel] > 0.0 {
                gradient[channel]
            } else {
                0.0
            };
            for_residual[channel] = passed;
            for_input[channel] = passed * gate[channel];
            for_gate[channel] += passed * input[channel];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    /// Operands whose sums stay away from zero, where ReLU has a kink.
    fn operands() -> [Tensor; 3] {
        let input = random_tensor(&[2, 3, 2, 4], 1.0, 1);
        let gate = random_tensor(&[2, 4], 0.4, 2);
        let residual = random_tensor(&[2, 3, 2, 4], 1.0, 3);
        let apart = residual.sign().unwrap().affine(0.6, 0.0).unwrap();
        [input, gate, (residual + apart).unwrap()]
    }

    #[test]
    fn values_follow_the_definition() {
        let [input, gate, residual] = operands();
        let wide = gate.reshape((2, 1, 1, 4)).unwrap();
        let expected = input.broadcast_mul(&wide).unwrap().add(&residual).unwrap();
        let expected = expected.relu().unwrap().flatten_all().unwrap();
        let output = excite(&input, &gate, &residual).unwrap();
        let output = output.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (output, expected) in output.iter().zip(expected.to_vec1::<f32>().unwrap()) {
            assert!((output - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn gradients_match_differences() {
        assert_gradients(&operands(), 1e-3, |a| excite(&a[0], &a[1], &a[2]));
    }

    #[test]
    fn operands_that_do_not_fit_are_refused() {
        let [input, _, residual] = operands();
        let gate = random_tensor(&[4], 1.0, 4);
        let message = excite(&input, &gate, &residual).unwrap_err().to_string();
        assert!(message.contains("[2, 3, 2, 4]"), "{message}");
        let gate = random_tensor(&[2, 4], 1.0, 4);
        assert!(excite(&input, &gate, &input.narrow(1, 0, 2).unwrap()).is_err());
    }
}
