use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Shape};
use rayon::prelude::*;

use crate::convolution::{Images, images};
use crate::precision::to_f32;
use crate::tape::{apply2, apply3};
use crate::values::{Values, contiguous};
use crate::{DType, Error, Result, Tensor};

/// Pixels that one task works on.
const CHUNK: usize = 1024;

/// Puts the channels of images of one size behind each other: `[batch, height,
/// width, channels]` of each part to the sum of their channels.
///
/// The gradient of each part is one contiguous copy; candle's own `cat` gives
/// views that every later operation walks through one value at a time.
///
/// # Errors
/// [`Error::Argument`] when there is no part, or they are not batches of images
/// of one size.
pub fn concatenate_channels(parts: &[Tensor]) -> Result<Tensor> {
    if parts.iter().any(|part| part.dtype() == DType::BF16) {
        let parts = parts.iter().map(to_f32).collect::<Result<Vec<_>>>()?;
        return concatenate_channels(&parts);
    }
    match parts {
        [] => Err(Error::Argument("there are no channels to join".to_owned())),
        [single] => Ok(single.clone()),
        [first, second] => {
            let join = Join::of(&[first, second])?;
            apply2(&first.contiguous()?, &second.contiguous()?, join)
        }
        [first, second, third] => {
            let join = Join::of(&[first, second, third])?;
            let (second, third) = (second.contiguous()?, third.contiguous()?);
            apply3(&first.contiguous()?, &second, &third, join)
        }
        // Operations have three operands at most.
        [first, second, rest @ ..] => {
            let rest = concatenate_channels(rest)?;
            concatenate_channels(&[first.clone(), second.clone(), rest])
        }
    }
}

/// The sizes of the parts.
struct Join {
    parts: Vec<Images>,
}

impl Join {
    fn of(parts: &[&Tensor]) -> Result<Self> {
        let sizes = parts
            .iter()
            .map(|part| images(part, "joining channels"))
            .collect::<Result<Vec<_>>>()?;
        let first = sizes[0];
        let fits = |size: &Images| {
            (size.batch, size.height, size.width) == (first.batch, first.height, first.width)
        };
        if let Some(position) = sizes.iter().position(|size| !fits(size)) {
            return Err(Error::Argument(format!(
                "channels of images of shapes {:?} and {:?} cannot be joined",
                parts[0].dims(),
                parts[position].dims()
            )));
        }
        Ok(Self { parts: sizes })
    }

    fn joined(&self) -> Images {
        Images {
            channels: self.parts.iter().map(|part| part.channels).sum(),
            ..self.parts[0]
        }
    }

    fn join(&self, parts: &[&[f32]]) -> (CpuStorage, Shape) {
        let joined = self.joined();
        let mut result = vec![0.0; joined.len()];
        let row = joined.channels.max(1);
        result
            .par_chunks_mut(CHUNK * row)
            .enumerate()
            .for_each(|(chunk, result)| {
                let mut start = 0;
                for (size, part) in self.parts.iter().zip(parts) {
                    let channels = size.channels;
                    let first = chunk * CHUNK * channels;
                    for (pixel, result) in result.chunks_exact_mut(row).enumerate() {
                        let from = first + pixel * channels;
                        result[start..start + channels]
                            .copy_from_slice(&part[from..from + channels]);
                    }
                    start += channels;
                }
            });
        (CpuStorage::F32(result), joined.into())
    }

    /// The gradients of those `arguments` that want one.
    fn split(
        &self,
        arguments: &[&Tensor],
        gradient: &Tensor,
    ) -> candle_core::Result<Vec<Option<Tensor>>> {
        let gradient = gradient.contiguous()?;
        let values = Values::of(&gradient)?;
        let row = self.joined().channels.max(1);
        let mut start = 0;
        let mut gradients = Vec::with_capacity(arguments.len());
        for (size, argument) in self.parts.iter().zip(arguments) {
            let range = start..start + size.channels;
            start = range.end;
            if !argument.track_op() || range.is_empty() {
                gradients.push(None);
                continue;
            }
            let mut part = vec![0.0; size.len()];
            part.par_chunks_mut(CHUNK * size.channels)
                .zip(values.par_chunks(CHUNK * row))
                .for_each(|(part, values)| {
                    let pixels = part.chunks_exact_mut(size.channels);
                    for (part, values) in pixels.zip(values.chunks_exact(row)) {
                        part.copy_from_slice(&values[range.clone()]);
                    }
                });
            gradients.push(Some(Tensor::from_vec(
                part,
                argument.shape(),
                argument.device(),
            )?));
        }
        Ok(gradients)
    }
}

impl CustomOp2 for Join {
    fn name(&self) -> &'static str {
        "join channels"
    }

    fn cpu_fwd(
        &self,
        first: &CpuStorage,
        first_layout: &Layout,
        second: &CpuStorage,
        second_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let first = contiguous(first, first_layout)?;
        Ok(self.join(&[first, contiguous(second, second_layout)?]))
    }

    fn bwd(
        &self,
        first: &Tensor,
        second: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let mut gradients = self.split(&[first, second], gradient)?.into_iter();
        Ok((gradients.next().flatten(), gradients.next().flatten()))
    }
}

impl CustomOp3 for Join {
    fn name(&self) -> &'static str {
        "join channels"
    }

    fn cpu_fwd(
        &self,
        first: &CpuStorage,
        first_layout: &Layout,
        second: &CpuStorage,
        second_layout: &Layout,
        third: &CpuStorage,
        third_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let first = contiguous(first, first_layout)?;
        let second = contiguous(second, second_layout)?;
        Ok(self.join(&[first, second, contiguous(third, third_layout)?]))
    }

    fn bwd(
        &self,
        first: &Tensor,
        second: &Tensor,
        third: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let mut gradients = self.split(&[first, second, third], gradient)?.into_iter();
        let mut next = || gradients.next().flatten();
        Ok((next(), next(), next()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    fn parts(channels: &[usize]) -> Vec<Tensor> {
        let part = |(seed, &channels): (usize, &usize)| {
            random_tensor(&[2, 3, 2, channels], 1.0, seed as u64)
        };
        channels.iter().enumerate().map(part).collect()
    }

    #[test]
    fn values_are_those_of_cat() {
        for channels in [
            &[3][..],
            &[3, 1],
            &[2, 5, 1],
            &[1, 2, 3, 4],
            &[1, 1, 2, 2, 3],
        ] {
            let parts = parts(channels);
            let joined = concatenate_channels(&parts).unwrap();
            let expected = Tensor::cat(&parts, 3).unwrap();
            let flat = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert_eq!(joined.dims(), expected.dims());
            assert_eq!(flat(&joined), flat(&expected));
        }
    }

    #[test]
    fn gradients_match_differences() {
        for channels in [&[3, 1][..], &[2, 5, 1], &[1, 2, 3, 4]] {
            assert_gradients(&parts(channels), 1e-3, concatenate_channels);
        }
    }

    #[test]
    fn many_pixels_keep_their_order() {
        let wide = random_tensor(&[1, 50, 60, 3], 1.0, 1);
        let narrow = random_tensor(&[1, 50, 60, 1], 1.0, 2);
        let joined = concatenate_channels(&[wide.clone(), narrow.clone()]).unwrap();
        let pixel = |tensor: &Tensor| {
            let pixel = tensor.get(0).and_then(|image| image.get(41)?.get(17));
            pixel.unwrap().to_vec1::<f32>().unwrap()
        };
        assert_eq!(pixel(&joined)[..3], pixel(&wide));
        assert_eq!(pixel(&joined)[3..], pixel(&narrow));
    }

    #[test]
    fn images_of_different_sizes_are_refused() {
        let parts = [
            random_tensor(&[2, 3, 2, 1], 1.0, 1),
            random_tensor(&[2, 2, 3, 1], 1.0, 2),
        ];
        let message = concatenate_channels(&parts).unwrap_err().to_string();
        assert!(message.contains("[2, 2, 3, 1]"), "{message}");
        assert!(concatenate_channels(&[]).is_err());
    }
}
