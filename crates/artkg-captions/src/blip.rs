use artkg_image::{Preprocessing, View};
use artkg_nn::{Device, Tensor};
use artkg_text::{Blip, ModelSource};
use artkg_vision::Hub;

use crate::captioner::Captioner;
use crate::error::Result;

/// BLIP: a sentence about the image.
#[derive(Debug)]
pub struct BlipCaptioner {
    blip: Blip,
    name: String,
    preprocessing: Preprocessing,
    longest: usize,
}

impl BlipCaptioner {
    /// Loads BLIP onto `device`, for captions of at most `longest` tokens.
    ///
    /// # Errors
    /// As [`Blip::load`].
    pub fn load(source: &ModelSource, longest: usize, hub: &Hub, device: &Device) -> Result<Self> {
        let blip = Blip::load(source, hub, device)?;
        Ok(Self {
            name: format!("blip ({}, at most {longest} tokens)", blip.name()),
            preprocessing: Preprocessing {
                resize: blip.image_size(),
                crop: blip.image_size(),
                mean: Blip::MEAN,
                deviation: Blip::DEVIATION,
            },
            blip,
            longest,
        })
    }
}

impl Captioner for BlipCaptioner {
    fn name(&self) -> &str {
        &self.name
    }

    fn preprocessing(&self) -> &Preprocessing {
        &self.preprocessing
    }

    fn view(&self) -> View {
        View::Whole
    }

    fn captions(&mut self, images: &Tensor) -> Result<Vec<String>> {
        Ok(self.blip.captions(images, self.longest)?)
    }
}
