use artkg_image::{Preprocessing, View};
use artkg_nn::Tensor;

use crate::error::Result;

/// What says in words what is in an image, and sees nothing but the image.
pub trait Captioner {
    /// Its name, model and settings: what captions files and reports say. Two
    /// captioners of one name give the same captions.
    fn name(&self) -> &str;

    /// How pictures become its inputs.
    fn preprocessing(&self) -> &Preprocessing;

    /// The view of a picture that it sees.
    fn view(&self) -> View;

    /// The captions of `images`, `[batch, height, width, 3]`.
    ///
    /// # Errors
    /// When the network refuses the images.
    fn captions(&mut self, images: &Tensor) -> Result<Vec<String>>;
}
