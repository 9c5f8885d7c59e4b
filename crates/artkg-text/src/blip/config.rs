use candle_nn::Activation;
use candle_transformers::models::{blip, blip_text};
use serde::Deserialize;

/// BLIP's `config.json`; what it leaves out has transformers' defaults.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BlipConfig {
    pub(super) text_config: TextConfig,
    pub(super) vision_config: VisionConfig,
    model_type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct TextConfig {
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    projection_dim: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    pub(super) max_position_embeddings: usize,
    hidden_act: Activation,
    layer_norm_eps: f64,
    /// The token that a caption begins with.
    pub(super) bos_token_id: u32,
    /// The token that ends it.
    pub(super) sep_token_id: u32,
}

impl Default for TextConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30524,
            hidden_size: 768,
            intermediate_size: 3072,
            projection_dim: 768,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 512,
            hidden_act: Activation::Gelu,
            layer_norm_eps: 1e-12,
            bos_token_id: 30522,
            sep_token_id: 102,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(default)]
pub(super) struct VisionConfig {
    hidden_size: usize,
    intermediate_size: usize,
    projection_dim: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    pub(super) image_size: usize,
    patch_size: usize,
    hidden_act: Activation,
    layer_norm_eps: f64,
}

impl Default for VisionConfig {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            intermediate_size: 3072,
            projection_dim: 512,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            image_size: 384,
            patch_size: 16,
            hidden_act: Activation::Gelu,
            layer_norm_eps: 1e-5,
        }
    }
}

impl BlipConfig {
    /// The kind of model where it is not BLIP.
    pub(super) fn other_kind(&self) -> Option<&str> {
        self.model_type.as_deref().filter(|kind| *kind != "blip")
    }

    /// What the network is built from.
    pub(super) fn network(&self) -> blip::Config {
        let (text, vision) = (&self.text_config, &self.vision_config);
        blip::Config {
            text_config: blip_text::Config {
                vocab_size: text.vocab_size,
                hidden_size: text.hidden_size,
                // transformers takes it from the vision part whatever the file says.
                encoder_hidden_size: vision.hidden_size,
                intermediate_size: text.intermediate_size,
                projection_dim: text.projection_dim,
                num_hidden_layers: text.num_hidden_layers,
                num_attention_heads: text.num_attention_heads,
                max_position_embeddings: text.max_position_embeddings,
                hidden_act: text.hidden_act,
                layer_norm_eps: text.layer_norm_eps,
                is_decoder: true,
            },
            vision_config: blip::VisionConfig {
                hidden_size: vision.hidden_size,
                intermediate_size: vision.intermediate_size,
                projection_dim: vision.projection_dim,
                num_hidden_layers: vision.num_hidden_layers,
                num_attention_heads: vision.num_attention_heads,
                image_size: vision.image_size,
                patch_size: vision.patch_size,
                hidden_act: vision.hidden_act,
                layer_norm_eps: vision.layer_norm_eps,
            },
            // Of the retrieval model's projections; captioning has none.
            projection_dim: vision.projection_dim,
            image_text_hidden_size: text.hidden_size,
        }
    }
}
