use candle_core::{DType, Shape, Tensor};

use artkg_kernels::{Images, channels};

use crate::checks::images;
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};
use crate::precision::to_f32;

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
        [first, second] => apply(&[first, second], Join::of(&[first, second])?),
        [first, second, third] => {
            let parts = [first, second, third];
            apply(&parts, Join::of(&parts)?)
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
}

impl Operation for Join {
    fn name(&self) -> &'static str {
        "join channels"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from(&self.joined().dims()))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(channels::join(&self.parts, operands))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let row = self.joined().channels.max(1);
        let mut start = 0;
        let gradients = self.parts.iter().enumerate().map(|(index, size)| {
            let range = start..start + size.channels;
            start = range.end;
            pass.when_wanted(index, || channels::part(pass.gradient, row, range))
        });
        Ok(gradients.collect())
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
