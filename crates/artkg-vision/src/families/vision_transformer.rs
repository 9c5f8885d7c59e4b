//! Vision transformers (Dosovitskiy et al., ICLR 2021) under timm's names.

use artkg_nn::{ConvolutionShape, Initialisation, Linear, Role, Scope};

use super::shared::Stages;
use crate::backbone_options::BackboneOptions;
use crate::error::Result;
use crate::network::{
    Attention, AttentionPool, LayerNorm, Part, PatchEmbedding, Perceptron, Table, TokenPool,
    TokenPoolKind, TrainableUnit, Transformer,
};
use crate::stage::Stage;
use crate::transformer_sizes::{FeatureKind, Scales, TransformerSizes};

/// Of tokens and positions, as usual.
const SMALL: Initialisation = Initialisation::Normal { deviation: 0.02 };

/// The parts of a transformer. Positions are for patches only, as in timm's models
/// with `no_embed_class`: that of the class token is part of the token.
pub(super) fn stages(
    scope: &Scope<'_>,
    sizes: &TransformerSizes,
    options: BackboneOptions,
) -> Result<Stages> {
    let mut stages = vec![(
        Stage::Stem,
        vec![Part::Patches(embedding(scope, sizes, options)?)],
    )];
    let blocks = scope.sub("blocks");
    for number in 0..sizes.depth {
        // Deeper blocks are left out more often (Huang et al., ECCV 2016).
        let place = number as f32 / (sizes.depth - 1).max(1) as f32;
        let drop_rate = place * options.stochastic_depth.unwrap_or_default();
        let block = block(&blocks.sub(number), sizes, drop_rate)?;
        stages.push((Stage::Blocks(number as u8), vec![Part::Transformer(block)]));
    }
    let mut pooled = vec![Part::Tokens(pool(scope, sizes)?)];
    pooled.extend(options.dropout.map(Part::Dropout));
    stages.push((Stage::Pooled, pooled));
    Ok(stages)
}

fn embedding(
    scope: &Scope<'_>,
    sizes: &TransformerSizes,
    options: BackboneOptions,
) -> Result<PatchEmbedding<TrainableUnit>> {
    let (patch, width) = (sizes.patch, sizes.width);
    let side = options.positions.unwrap_or(sizes.side);
    let shape = [1, side * side, width];
    let token =
        |name: &str, count: usize| Table::new(scope, name, &[1, count, width], SMALL, Role::Bias);
    let mut prefix = Vec::new();
    if sizes.class_token {
        prefix.push(token("cls_token", 1)?);
    }
    if sizes.registers > 0 {
        prefix.push(token("reg_token", sizes.registers)?);
    }
    Ok(PatchEmbedding {
        name: scope.sub("patch_embed").path().to_owned(),
        patch,
        projection: TrainableUnit::convolution(
            &scope.sub("patch_embed").sub("proj"),
            None,
            (3, width),
            ConvolutionShape::square(patch, patch, 0),
            sizes.patch_bias,
        )?,
        positions: Table::new(scope, "pos_embed", &shape, SMALL, Role::Bias)?,
        side,
        resampling: sizes.resampling,
        prefix,
        norm: sizes
            .early_norm
            .then(|| LayerNorm::new(&scope.sub("norm_pre"), width, sizes.epsilon))
            .transpose()?,
    })
}

fn block(
    scope: &Scope<'_>,
    sizes: &TransformerSizes,
    drop_rate: f32,
) -> Result<Transformer<TrainableUnit>> {
    let width = sizes.width;
    let attention = scope.sub("attn");
    let projection = attention.sub("proj");
    let scale = |name: &str| -> Result<Option<Table>> {
        match sizes.scales {
            Scales::None => Ok(None),
            Scales::Learned => {
                let ones = Initialisation::Ones;
                Table::new(
                    &scope.sub(name),
                    "gamma",
                    &[width],
                    ones,
                    Role::Normalisation,
                )
                .map(Some)
            }
        }
    };
    Ok(Transformer {
        attention: Attention {
            name: attention.path().to_owned(),
            heads: sizes.heads,
            norm: LayerNorm::new(&scope.sub("norm1"), width, sizes.epsilon)?,
            query_key_value: linear(&attention.sub("qkv"), width, 3 * width)?,
            projection: TrainableUnit::branch_end(
                &projection,
                Linear::new(&projection, width, width)?,
                drop_rate,
            ),
            scale: scale("ls1")?,
        },
        perceptron: Perceptron {
            scale: scale("ls2")?,
            ..perceptron(scope, "norm2", sizes, drop_rate)?
        },
    })
}

/// `scope.mlp` behind the norm of that name.
fn perceptron(
    scope: &Scope<'_>,
    norm: &str,
    sizes: &TransformerSizes,
    drop_rate: f32,
) -> Result<Perceptron<TrainableUnit>> {
    let (width, hidden) = (sizes.width, sizes.hidden);
    let (widen, narrow) = (scope.sub("mlp").sub("fc1"), scope.sub("mlp").sub("fc2"));
    Ok(Perceptron {
        norm: LayerNorm::new(&scope.sub(norm), width, sizes.epsilon)?,
        widen: linear(&widen, width, hidden * sizes.gating.factor())?,
        gating: sizes.gating,
        narrow: TrainableUnit::branch_end(&narrow, Linear::new(&narrow, hidden, width)?, drop_rate),
        scale: None,
    })
}

fn pool(scope: &Scope<'_>, sizes: &TransformerSizes) -> Result<TokenPool<TrainableUnit>> {
    let width = sizes.width;
    Ok(TokenPool {
        norm: LayerNorm::new(&scope.sub("norm"), width, sizes.epsilon)?,
        kind: match sizes.features {
            FeatureKind::Class => TokenPoolKind::Class,
            FeatureKind::ClassBesideMean => TokenPoolKind::ClassBesideMean {
                prefix: usize::from(sizes.class_token) + sizes.registers,
            },
            FeatureKind::Attention => {
                let scope = scope.sub("attn_pool");
                TokenPoolKind::Attention(AttentionPool {
                    name: scope.path().to_owned(),
                    heads: sizes.heads,
                    latent: Table::new(&scope, "latent", &[1, 1, width], SMALL, Role::Bias)?,
                    query: linear(&scope.sub("q"), width, width)?,
                    key_value: linear(&scope.sub("kv"), width, 2 * width)?,
                    projection: linear(&scope.sub("proj"), width, width)?,
                    perceptron: perceptron(&scope, "norm", sizes, 0.0)?,
                })
            }
        },
    })
}

fn linear(scope: &Scope<'_>, inputs: usize, outputs: usize) -> Result<TrainableUnit> {
    Ok(TrainableUnit::linear(
        scope,
        Linear::new(scope, inputs, outputs)?,
    ))
}
