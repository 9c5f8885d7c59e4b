use std::fmt;

use artkg_nn::{DType, Device, Tensor};
use artkg_weights::{CONFIG, Hub, ModelSource, read_json};
use candle_transformers::models::bert::{BertModel, Config};
use serde::Deserialize;
use tokenizers::{Tokenizer, TruncationParams};

use crate::error::{Error, Result};
use crate::transformer::{build, tokenizer};

/// The file in which sentence-transformers keeps the longest input.
const SENTENCE_CONFIG: &str = "sentence_bert_config.json";
/// The file in which it keeps how token vectors become one.
const POOLING_CONFIG: &str = "1_Pooling/config.json";
/// Texts that are tokenized together.
const TOKENIZED_TOGETHER: usize = 1024;

/// A sentence encoder of the BERT family: the mean of the last layer's token
/// vectors, scaled to length one, as sentence-transformers has it (Reimers and
/// Gurevych, EMNLP 2019); all-MiniLM-L6-v2 is the usual one.
pub struct SentenceEncoder {
    model: BertModel,
    tokenizer: Tokenizer,
    padding: u32,
    dimension: usize,
    name: String,
}

/// What sentence-transformers writes beside the model.
#[derive(Deserialize)]
struct SentenceConfig {
    max_seq_length: Option<usize>,
}

#[derive(Deserialize)]
struct PoolingConfig {
    pooling_mode_mean_tokens: bool,
}

/// The kind of a model, whatever else its file holds.
#[derive(Deserialize)]
struct ModelType {
    model_type: Option<String>,
}

impl SentenceEncoder {
    /// Loads an encoder onto `device`.
    ///
    /// # Errors
    /// When a file of the model is missing or unreadable, when it is not of the BERT
    /// family or pools otherwise, or when its weights don't fit.
    pub fn load(source: &ModelSource, hub: &Hub, device: &Device) -> Result<Self> {
        let path = source.file(CONFIG, hub)?;
        let ModelType { model_type } = read_json(&path)?;
        if let Some(other) = model_type.filter(|kind| kind != "bert") {
            return Err(Error::ModelKind {
                path,
                kind: other,
                wanted: "bert, as sentence encoders are; \
                         hub:sentence-transformers/all-MiniLM-L6-v2 is the usual one",
            });
        }
        let config: Config = read_json(&path)?;
        if let Some(path) = source.optional_file(POOLING_CONFIG, hub)? {
            let PoolingConfig {
                pooling_mode_mean_tokens: is_mean,
            } = read_json(&path)?;
            if !is_mean {
                return Err(Error::Pooling(path));
            }
        }
        let mut longest = config.max_position_embeddings;
        if let Some(path) = source.optional_file(SENTENCE_CONFIG, hub)? {
            let SentenceConfig { max_seq_length } = read_json(&path)?;
            // Two tokens begin and end every sentence.
            longest = max_seq_length.unwrap_or(longest).clamp(3, longest.max(3));
        }
        let mut tokenizer = tokenizer(source, hub)?;
        let truncation = TruncationParams {
            max_length: longest,
            ..TruncationParams::default()
        };
        tokenizer
            .with_truncation(Some(truncation))
            .map_err(|error| Error::Tokenizer {
                model: source.to_string(),
                source: error,
            })?;
        Ok(Self {
            model: build(source.weights(hub)?, device, |parameters| {
                BertModel::load(parameters, &config)
            })?,
            tokenizer,
            padding: config.pad_token_id as u32,
            dimension: config.hidden_size,
            name: source.label(),
        })
    }

    /// The name of the model's folder or repository.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The length of the vectors.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The vectors of `texts`, in their order, each of length one. Texts of similar
    /// length go through the network together, `batch_size` at once; `progress`
    /// receives how many are done.
    ///
    /// # Errors
    /// When a text cannot be tokenized or a tensor operation fails.
    pub fn encode(
        &self,
        texts: &[&str],
        batch_size: usize,
        mut progress: impl FnMut(usize),
    ) -> Result<Vec<Vec<f32>>> {
        // Of what the tokenizer says only the tokens are kept: it is much more.
        let mut tokens: Vec<Vec<u32>> = Vec::with_capacity(texts.len());
        for texts in texts.chunks(TOKENIZED_TOGETHER) {
            let encodings = self.tokenizer.encode_batch(texts.to_vec(), true);
            let encodings = encodings.map_err(|source| Error::Tokenizer {
                model: self.name.clone(),
                source,
            })?;
            tokens.extend(encodings.iter().map(|one| one.get_ids().to_vec()));
        }
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&text| tokens[text].len());
        let mut vectors = vec![Vec::new(); texts.len()];
        let mut done = 0;
        for batch in order.chunks(batch_size.max(1)) {
            let tokens: Vec<&[u32]> = batch.iter().map(|&text| &tokens[text][..]).collect();
            let rows = self.encode_batch(&tokens)?.to_vec2()?;
            for (&text, row) in batch.iter().zip(rows) {
                vectors[text] = row;
            }
            done += batch.len();
            progress(done);
        }
        Ok(vectors)
    }

    /// The vectors `[batch, dimension]` of tokenized texts.
    fn encode_batch(&self, texts: &[&[u32]]) -> Result<Tensor> {
        let longest = texts.iter().map(|tokens| tokens.len()).max().unwrap_or(0);
        let shape = (texts.len(), longest);
        let mut ids = vec![self.padding; shape.0 * shape.1];
        let mut mask = vec![0f32; shape.0 * shape.1];
        for (row, tokens) in texts.iter().enumerate() {
            let place = row * longest..row * longest + tokens.len();
            ids[place.clone()].copy_from_slice(tokens);
            mask[place].fill(1.0);
        }
        let ids = Tensor::from_vec(ids, shape, &self.model.device)?;
        let mask = Tensor::from_vec(mask, shape, &self.model.device)?;
        let tokens = self.model.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        let mask = mask.unsqueeze(2)?.to_dtype(DType::F32)?;
        let mean = tokens
            .broadcast_mul(&mask)?
            .sum(1)?
            .broadcast_div(&mask.sum(1)?)?;
        let length = mean.sqr()?.sum_keepdim(1)?.sqrt()?;
        Ok(mean.broadcast_div(&length)?)
    }
}

impl fmt::Debug for SentenceEncoder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SentenceEncoder")
            .field("name", &self.name)
            .field("dimension", &self.dimension)
            .finish_non_exhaustive()
    }
}
