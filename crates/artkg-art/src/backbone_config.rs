use std::path::PathBuf;

use artkg_model::Mode;
use artkg_vision::{Architecture, BackboneRequest, Stage};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// The visual network of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackboneConfig {
    /// The architecture, such as `resnet50` or `resnet50-v1`.
    pub name: BackboneRequest,
    /// Pretrained weights: a safetensors file, or `hub:<repository>`, or
    /// `imagenet`; random when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// The boundary up to which nothing is trained: `input` trains everything,
    /// `pooled` only the heads; between them the network's own stages, such as
    /// `layer3` of a ResNet or `block4` of a VGG. When not given, `pooled` for
    /// systems on a network that stays as it is, else `input`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeze: Option<Stage>,
    /// The rate of the dropout before the heads and before fully connected
    /// layers; the network's published one when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout: Option<f32>,
    /// The factor by which each stage of the network learns slower than the next; none
    /// does when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer_decay: Option<f64>,
    /// How often the last block of a transformer or ConvNeXt is left out for an image
    /// in training, and those before it less often; none is when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stochastic_depth: Option<f32>,
    /// With a frozen part: whether each training image is also seen mirrored.
    /// (Without one, images are augmented as in the paper.)
    pub mirror: bool,
    /// Where the activations of the frozen part are kept.
    pub cache: PathBuf,
}

impl Default for BackboneConfig {
    fn default() -> Self {
        Self {
            name: Architecture::ResNet50.into(),
            weights: None,
            freeze: None,
            dropout: None,
            layer_decay: None,
            stochastic_depth: None,
            mirror: true,
            cache: PathBuf::from("cache"),
        }
    }
}

impl BackboneConfig {
    /// The boundary up to which a system of the kind `mode` trains nothing.
    pub fn frozen(&self, mode: Mode) -> Stage {
        let usual = match mode.keeps_backbone() {
            true => Stage::Pooled,
            false => Stage::Input,
        };
        self.freeze.unwrap_or(usual)
    }

    /// Checks the network of a system of the kind `mode`.
    ///
    /// # Errors
    /// The first setting that makes no sense.
    pub(crate) fn check(&self, mode: Mode) -> Result<(), Fault> {
        let freeze = self.frozen(mode);
        if mode == Mode::Pretrained && freeze != Stage::Pooled {
            return Err(Fault::PretrainedTrains { frozen: freeze });
        }
        if let Some(dropout) = self.dropout {
            Fault::unless_share("dropout", dropout.into())?;
        }
        if let Some(rate) = self.stochastic_depth {
            Fault::unless_share("stochastic_depth", rate.into())?;
        }
        if let Some(decay) = self.layer_decay
            && !(decay > 0.0 && decay <= 1.0)
        {
            return Err(Fault::LayerDecay(decay));
        }
        let architecture = self.name.architecture;
        architecture
            .check_stage(freeze)
            .map_err(|source| Fault::NoBoundary {
                freeze,
                source: Box::new(source),
            })?;
        match freeze > Stage::Input && self.weights.is_none() {
            true => Err(Fault::RandomFrozen { freeze }),
            false => Ok(()),
        }
    }
}
