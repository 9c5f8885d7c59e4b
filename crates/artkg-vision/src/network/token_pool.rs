use artkg_nn::{
    Tensor, add_positions, concatenate_channels, linear, mean_of_tokens, reshape, select_tokens,
};

use super::layer::Layer;
use super::layer_norm::LayerNorm;
use super::step::{listed, single, step};
use super::table::Table;
use super::transformer::{Perceptron, attend, attention_operation, attention_products};
use super::unit::{Finish, Unit};
use crate::error::Result;

/// The features of an image from its tokens, behind the last norm.
#[derive(Debug)]
pub(crate) struct TokenPool<U> {
    pub(crate) norm: LayerNorm,
    pub(crate) kind: TokenPoolKind<U>,
}

/// Which features.
#[derive(Debug)]
pub(crate) enum TokenPoolKind<U> {
    /// The first token.
    Class,
    /// The first token, then the mean of the patches, which begin behind `prefix`
    /// tokens.
    ClassBesideMean { prefix: usize },
    /// What a learned query finds in all tokens.
    Attention(AttentionPool<U>),
}

/// Attention of one learned query to all tokens, then a perceptron (Zhai et al., CVPR
/// 2022).
#[derive(Debug)]
pub(crate) struct AttentionPool<U> {
    pub(crate) name: String,
    pub(crate) heads: usize,
    /// `[1, 1, width]`.
    pub(crate) latent: Table,
    pub(crate) query: U,
    /// Key and value side by side.
    pub(crate) key_value: U,
    pub(crate) projection: U,
    pub(crate) perceptron: Perceptron<U>,
}

impl<U: Unit> TokenPool<U> {
    pub(crate) fn forward(&self, tokens: &Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        let (batch, count, width) = tokens.dims3()?;
        let class = |tokens: &Tensor| reshape(&select_tokens(tokens, 0, 1)?, &[batch, width]);
        match &self.kind {
            // Norms see one token at a time: that of the class is enough.
            TokenPoolKind::Class => self.norm.forward(&class(&single(tokens)?)?),
            TokenPoolKind::ClassBesideMean { prefix } => {
                let tokens = self.norm.forward(tokens)?;
                step(
                    POOL,
                    POOL,
                    |_| 0,
                    &[&tokens],
                    |inputs| {
                        let mean = mean_of_tokens(&select_tokens(inputs[0], *prefix, count)?)?;
                        let images = |row: &Tensor| reshape(row, &[batch, 1, 1, width]);
                        let both = [images(&class(inputs[0])?)?, images(&mean)?];
                        let joined = concatenate_channels(&both)?;
                        Ok(reshape(&joined, &[batch, 2 * width])?)
                    },
                )
            }
            TokenPoolKind::Attention(pool) => pool.forward(&self.norm.forward(tokens)?, pass),
        }
    }

    pub(crate) fn map<V>(&self, convert: &impl Fn(&U) -> Result<V>) -> Result<TokenPool<V>> {
        let kind = match &self.kind {
            TokenPoolKind::Class => TokenPoolKind::Class,
            TokenPoolKind::ClassBesideMean { prefix } => {
                TokenPoolKind::ClassBesideMean { prefix: *prefix }
            }
            TokenPoolKind::Attention(pool) => TokenPoolKind::Attention(AttentionPool {
                name: pool.name.clone(),
                heads: pool.heads,
                latent: pool.latent.copy()?,
                query: convert(&pool.query)?,
                key_value: convert(&pool.key_value)?,
                projection: convert(&pool.projection)?,
                perceptron: pool.perceptron.map(convert)?,
            }),
        };
        Ok(TokenPool {
            norm: self.norm.copy()?,
            kind,
        })
    }

    /// Appends the layers at tokens of `shape`; gives the shape of the features.
    pub(crate) fn trace(&self, shape: &[usize], layers: &mut Vec<Layer>) -> Result<Vec<usize>> {
        let width = shape.last().copied().unwrap_or_default();
        layers.push(self.norm.layer(shape));
        match &self.kind {
            TokenPoolKind::Class => Ok(vec![width]),
            TokenPoolKind::ClassBesideMean { .. } => {
                layers.push(listed(POOL, POOL, &[2 * width], 0, 0));
                Ok(vec![2 * width])
            }
            TokenPoolKind::Attention(pool) => {
                pool.trace(shape, width, layers)?;
                Ok(vec![width])
            }
        }
    }

    pub(crate) fn owns(&self, parameter: &str) -> bool {
        let in_pool = match &self.kind {
            TokenPoolKind::Attention(pool) => pool.owns(parameter),
            _ => false,
        };
        self.norm.owns(parameter) || in_pool
    }
}

/// What lists and profiles call the features of class token and patches.
const POOL: &str = "class token beside mean";

impl<U: Unit> AttentionPool<U> {
    fn forward(&self, tokens: &Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        let (batch, count, width) = tokens.dims3()?;
        let latent = reshape(self.latent.tensor(), &[1, width])?;
        let query = single(&self.query.forward(&latent, Finish::None, pass)?)?;
        let key_value = single(&self.key_value.forward(tokens, Finish::None, pass)?)?;
        // The same query for every token, as attention has one for each; all give the
        // same answer, of which one is taken. That costs what one more block's would.
        let ones = Tensor::ones((count, 1), query.dtype(), query.device())?;
        let none = Tensor::zeros(width, query.dtype(), query.device())?;
        let queries = linear(&ones, &reshape(&query, &[width, 1])?, &none)?;
        let blank = Tensor::zeros((batch, count, width), query.dtype(), query.device())?;
        let queries = add_positions(&blank, &queries)?;
        let side_by_side = concatenate_channels(&[
            reshape(&queries, &[batch, 1, count, width])?,
            reshape(&key_value, &[batch, 1, count, 2 * width])?,
        ])?;
        let projected = reshape(&side_by_side, &[batch, count, 3 * width])?;
        let attended = attend(&self.name, &projected, self.heads)?;
        let attended = reshape(&select_tokens(&attended, 0, 1)?, &[batch, width])?;
        let pooled = self.projection.forward(&attended, Finish::None, pass)?;
        self.perceptron.forward(&pooled, &pooled, pass)
    }

    fn trace(&self, shape: &[usize], width: usize, layers: &mut Vec<Layer>) -> Result<()> {
        let mut query = self.query.specification().layer(&[width])?;
        query.parameters += self.latent.parameters();
        layers.push(query);
        layers.push(self.key_value.specification().layer(shape)?);
        let operation = attention_operation(self.heads);
        let products = attention_products(shape[0], width);
        layers.push(listed(&self.name, &operation, shape, 0, products));
        layers.push(self.projection.specification().layer(&[width])?);
        self.perceptron.trace(&[width], layers)
    }

    fn owns(&self, parameter: &str) -> bool {
        let units = [&self.query, &self.key_value, &self.projection];
        self.latent.owns(parameter)
            || units
                .iter()
                .any(|unit| unit.specification().owns(parameter))
            || self.perceptron.owns(parameter)
    }
}
