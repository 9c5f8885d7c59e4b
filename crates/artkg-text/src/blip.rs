//! BLIP, a captioner (Li et al., ICML 2022).

mod config;

use std::collections::HashMap;
use std::fmt;

use artkg_nn::{Device, Tensor};
use artkg_weights::{CONFIG, Hub, HubFile, ModelSource, read_json};
use candle_core::{D, Module};
use candle_transformers::models::blip::BlipForConditionalGeneration;
use tokenizers::Tokenizer;

use self::config::BlipConfig;
use crate::error::{Error, Result};
use crate::transformer::{build, tokenizer};

/// BLIP with its language model as decoder: it writes an English caption of an
/// image, word after word, each time the most probable one.
pub struct Blip {
    model: BlipForConditionalGeneration,
    tokenizer: Tokenizer,
    /// The tokens that begin and end a caption.
    ends: (u32, u32),
    image_size: usize,
    positions: usize,
    name: String,
}

impl Blip {
    /// Mean of red, green and blue on the scale 0 to 1: CLIP's.
    pub const MEAN: [f32; 3] = [0.481_454_66, 0.457_827_5, 0.408_210_73];
    /// Standard deviation of red, green and blue on the scale 0 to 1: CLIP's.
    pub const DEVIATION: [f32; 3] = [0.268_629_54, 0.261_302_6, 0.275_777_1];
    /// The usual limit of a caption's tokens.
    pub const USUAL_LENGTH: usize = 20;

    /// The published captioner: `Salesforce/blip-image-captioning-base` on the hub.
    pub fn published() -> ModelSource {
        ModelSource::Hub(HubFile::model(
            "Salesforce/blip-image-captioning-base".to_owned(),
        ))
    }

    /// Loads BLIP onto `device`.
    ///
    /// # Errors
    /// When a file of the model is missing or unreadable, when it is another kind of
    /// model, or when its weights don't fit.
    pub fn load(source: &ModelSource, hub: &Hub, device: &Device) -> Result<Self> {
        let path = source.file(CONFIG, hub)?;
        let config: BlipConfig = read_json(&path)?;
        if let Some(other) = config.other_kind() {
            return Err(Error::ModelKind {
                path,
                kind: other.to_owned(),
                wanted: "blip; hub:Salesforce/blip-image-captioning-base is the usual captioner",
            });
        }
        let tokenizer = tokenizer(source, hub)?;
        let mut weights = source.weights(hub)?;
        tie(&mut weights.tensors);
        let network = config.network();
        Ok(Self {
            model: build(weights, device, |parameters| {
                BlipForConditionalGeneration::new(&network, parameters)
            })?,
            tokenizer,
            ends: (
                config.text_config.bos_token_id,
                config.text_config.sep_token_id,
            ),
            image_size: config.vision_config.image_size,
            positions: config.text_config.max_position_embeddings,
            name: source.label(),
        })
    }

    /// The name of the model's folder or repository.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Pixels of both sides of its input, 384 in the published models: the whole
    /// picture, squeezed into a square.
    pub fn image_size(&self) -> usize {
        self.image_size
    }

    /// The captions of `images`, `[batch, height, width, 3]` with both sides
    /// [`Blip::image_size`], each of at most `longest` tokens.
    ///
    /// # Errors
    /// When `longest` is beyond what the model can count, or a tensor operation
    /// fails.
    pub fn captions(&mut self, images: &Tensor, longest: usize) -> Result<Vec<String>> {
        if longest >= self.positions {
            return Err(Error::TooLong {
                longest,
                model: self.name.clone(),
                most: self.positions - 1,
            });
        }
        let images = images.permute((0, 3, 1, 2))?.contiguous()?;
        let seen = self.model.vision_model().forward(&images)?;
        (0..seen.dim(0)?)
            .map(|image| self.caption(&seen.narrow(0, image, 1)?, longest))
            .collect()
    }

    /// The caption of an image, of which `seen` is the vision part's `[1, patches,
    /// width]`: candle's decoder takes one at a time.
    fn caption(&mut self, seen: &Tensor, longest: usize) -> Result<String> {
        let (start, end) = self.ends;
        let mut caption = Vec::new();
        let mut last = start;
        self.model.reset_kv_cache();
        while caption.len() < longest {
            let token = Tensor::new(&[[last]], seen.device())?;
            let scores = self.model.text_decoder().forward(&token, seen)?;
            last = scores.flatten_all()?.argmax(D::Minus1)?.to_scalar()?;
            if last == end {
                break;
            }
            caption.push(last);
        }
        self.tokenizer
            .decode(&caption, true)
            .map_err(|source| Error::Tokenizer {
                model: self.name.clone(),
                source,
            })
    }
}

/// Files leave out the weights of the last layer where they are those of the word
/// embeddings, or name its bias otherwise.
fn tie(tensors: &mut HashMap<String, Tensor>) {
    const HEAD: &str = "text_decoder.cls.predictions";
    for (missing, same) in [
        (
            format!("{HEAD}.decoder.weight"),
            "text_decoder.bert.embeddings.word_embeddings.weight".to_owned(),
        ),
        (format!("{HEAD}.bias"), format!("{HEAD}.decoder.bias")),
    ] {
        if !tensors.contains_key(&missing)
            && let Some(tensor) = tensors.get(&same).cloned()
        {
            tensors.insert(missing, tensor);
        }
    }
}

impl fmt::Debug for Blip {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Blip")
            .field("name", &self.name)
            .field("image_size", &self.image_size)
            .finish_non_exhaustive()
    }
}
