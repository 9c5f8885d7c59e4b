use artkg_nn::Resampling;

/// A vision transformer in figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TransformerSizes {
    /// Channels of a token.
    pub(crate) width: usize,
    /// Blocks.
    pub(crate) depth: usize,
    /// Heads of attention.
    pub(crate) heads: usize,
    /// Width inside of a perceptron.
    pub(crate) hidden: usize,
    /// What stands in its middle.
    pub(crate) gating: Gating,
    /// Pixels of a patch's side.
    pub(crate) patch: usize,
    /// Whether the patches' layer has a bias.
    pub(crate) patch_bias: bool,
    /// Patches a side that the published positions are for.
    pub(crate) side: usize,
    /// How positions for other sizes are found.
    pub(crate) resampling: Resampling,
    /// Whether a class token goes before the patches.
    pub(crate) class_token: bool,
    /// Tokens between class and patches that belong to no place (Darcet et al., ICLR
    /// 2024).
    pub(crate) registers: usize,
    /// Whether tokens are normalised before the first block.
    pub(crate) early_norm: bool,
    /// The layer scales.
    pub(crate) scales: Scales,
    /// What norms add to variances.
    pub(crate) epsilon: f32,
    /// What becomes of the tokens in the end.
    pub(crate) features: FeatureKind,
}

/// Factors of channels at the end of branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scales {
    /// There are none.
    None,
    /// They are parameters.
    Learned,
}

/// The features of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FeatureKind {
    /// The class token.
    Class,
    /// The class token, then the mean of the patches.
    ClassBesideMean,
    /// What a learned query finds.
    Attention,
}

impl TransformerSizes {
    /// DINOv2 (Oquab et al., 2023) of a width, depth and registers. Positions are
    /// resampled as in Meta's code.
    pub(crate) fn dinov2(width: usize, depth: usize, registers: usize) -> Self {
        Self {
            // As in Meta's models: a head for every 64 channels.
            heads: width / 64,
            resampling: match registers {
                0 => Resampling::Offset(0.1),
                _ => Resampling::Antialiased,
            },
            class_token: true,
            registers,
            scales: Scales::Learned,
            features: FeatureKind::ClassBesideMean,
            ..Self::plain(width, depth, 14, 518)
        }
    }

    /// [`TransformerSizes::dinov2`] with SwiGLU, as the giant one has it.
    pub(crate) fn gated_dinov2(width: usize, depth: usize, registers: usize) -> Self {
        Self {
            // Two thirds of four widths, rounded up to a multiple of eight.
            hidden: (width * 8 / 3).next_multiple_of(8),
            gating: Gating::SwiGlu,
            ..Self::dinov2(width, depth, registers)
        }
    }

    /// The visual tower of CLIP (Radford et al., ICML 2021), `gating` telling OpenAI's
    /// from those of OpenCLIP.
    pub(crate) fn clip(width: usize, depth: usize, patch: usize, gating: Gating) -> Self {
        Self {
            gating,
            patch_bias: false,
            class_token: true,
            early_norm: true,
            epsilon: 1e-5,
            features: FeatureKind::Class,
            ..Self::plain(width, depth, patch, 224)
        }
    }

    /// The visual tower of SigLIP (Zhai et al., ICCV 2023) and SigLIP 2 (Tschannen et
    /// al., 2025).
    pub(crate) fn siglip(width: usize, depth: usize, size: usize) -> Self {
        Self {
            features: FeatureKind::Attention,
            ..Self::plain(width, depth, 16, size)
        }
    }

    /// Trained on images of `size` pixels.
    fn plain(width: usize, depth: usize, patch: usize, size: usize) -> Self {
        Self {
            width,
            depth,
            heads: width / 64,
            hidden: 4 * width,
            gating: Gating::Gelu,
            patch,
            patch_bias: true,
            side: size / patch,
            resampling: Resampling::Even,
            class_token: false,
            registers: 0,
            early_norm: false,
            scales: Scales::None,
            epsilon: 1e-6,
            features: FeatureKind::Class,
        }
    }

    /// The number of features.
    pub(crate) fn feature_count(&self) -> usize {
        match self.features {
            FeatureKind::ClassBesideMean => 2 * self.width,
            FeatureKind::Class | FeatureKind::Attention => self.width,
        }
    }
}

/// What stands between the two layers of a transformer's perceptron.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gating {
    /// `x Φ(x)`.
    Gelu,
    /// `x σ(1.702 x)`.
    QuickGelu,
    /// Half of the values through `x σ(x)`, times the other half.
    SwiGlu,
}

impl Gating {
    /// Values before it for each behind it.
    pub(crate) fn factor(self) -> usize {
        match self {
            Self::Gelu | Self::QuickGelu => 1,
            Self::SwiGlu => 2,
        }
    }
}
