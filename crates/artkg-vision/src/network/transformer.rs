use artkg_nn::{Tensor, attention, swiglu};

use super::layer::Layer;
use super::layer_norm::LayerNorm;
use super::step::{listed, single, step};
use super::table::Table;
use super::unit::{Finish, Unit};
use crate::error::Result;
use crate::transformer_sizes::Gating;

/// Attention, then a perceptron for each token, both behind a norm and beside a
/// shortcut (Dosovitskiy et al., ICLR 2021; Touvron et al., ICCV 2021, for the scales).
#[derive(Debug)]
pub(crate) struct Transformer<U> {
    pub(crate) attention: Attention<U>,
    pub(crate) perceptron: Perceptron<U>,
}

/// The first half of a block.
#[derive(Debug)]
pub(crate) struct Attention<U> {
    pub(crate) name: String,
    pub(crate) heads: usize,
    pub(crate) norm: LayerNorm,
    /// Query, key and value side by side.
    pub(crate) query_key_value: U,
    pub(crate) projection: U,
    /// The layer scale.
    pub(crate) scale: Option<Table>,
}

/// The second half of a block.
#[derive(Debug)]
pub(crate) struct Perceptron<U> {
    pub(crate) norm: LayerNorm,
    pub(crate) widen: U,
    pub(crate) gating: Gating,
    pub(crate) narrow: U,
    /// The layer scale.
    pub(crate) scale: Option<Table>,
}

impl<U: Unit> Transformer<U> {
    pub(crate) fn forward(&self, tokens: &Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        let tokens = self.attention.forward(tokens, pass)?;
        self.perceptron.forward(&tokens, &tokens, pass)
    }

    pub(crate) fn map<V>(&self, convert: &impl Fn(&U) -> Result<V>) -> Result<Transformer<V>> {
        let (attention, perceptron) = (&self.attention, &self.perceptron);
        Ok(Transformer {
            attention: Attention {
                name: attention.name.clone(),
                heads: attention.heads,
                norm: attention.norm.copy()?,
                query_key_value: convert(&attention.query_key_value)?,
                projection: convert(&attention.projection)?,
                scale: attention.scale.as_ref().map(Table::copy).transpose()?,
            },
            perceptron: perceptron.map(convert)?,
        })
    }

    /// Appends the block's layers at tokens of `shape`, which it keeps.
    pub(crate) fn trace(&self, shape: &[usize], layers: &mut Vec<Layer>) -> Result<Vec<usize>> {
        let attention = &self.attention;
        layers.push(attention.norm.layer(shape));
        layers.push(attention.query_key_value.specification().layer(shape)?);
        let products = match *shape {
            [tokens, width] => attention_products(tokens, width),
            _ => 0,
        };
        let operation = attention.operation();
        layers.push(listed(&attention.name, &operation, shape, 0, products));
        let mut projection = attention.projection.specification().layer(shape)?;
        projection.parameters += attention.scale.as_ref().map_or(0, Table::parameters);
        layers.push(projection);
        self.perceptron.trace(shape, layers)?;
        Ok(shape.to_vec())
    }

    pub(crate) fn owns(&self, parameter: &str) -> bool {
        let attention = &self.attention;
        let units = [&attention.query_key_value, &attention.projection];
        let is_scale = |scale: &Option<Table>| scale.as_ref().is_some_and(|s| s.owns(parameter));
        attention.norm.owns(parameter)
            || units
                .iter()
                .any(|unit| unit.specification().owns(parameter))
            || is_scale(&attention.scale)
            || self.perceptron.owns(parameter)
    }
}

impl<U: Unit> Attention<U> {
    fn forward(&self, tokens: &Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        let normed = self.norm.forward(tokens)?;
        let projected = self.query_key_value.forward(&normed, Finish::None, pass)?;
        let attended = attend(&self.name, &projected, self.heads)?;
        let finish = Finish::AddScaled {
            residual: tokens,
            scale: self.scale.as_ref().map(Table::tensor),
        };
        self.projection.forward(&attended, finish, pass)
    }

    fn operation(&self) -> String {
        attention_operation(self.heads)
    }
}

impl<U: Unit> Perceptron<U> {
    /// `shortcut` with what the perceptron makes of `input`.
    pub(crate) fn forward(
        &self,
        input: &Tensor,
        shortcut: &Tensor,
        pass: U::Pass<'_>,
    ) -> Result<Tensor> {
        let normed = self.norm.forward(input)?;
        let finish = match self.gating {
            Gating::Gelu => Finish::Gelu,
            Gating::QuickGelu => Finish::QuickGelu,
            Gating::SwiGlu => Finish::None,
        };
        let mut hidden = self.widen.forward(&normed, finish, pass)?;
        if self.gating == Gating::SwiGlu {
            let wide = single(&hidden)?;
            let name = &self.widen.specification().name;
            hidden = step(
                name,
                "SwiGLU",
                |_| 0,
                &[&wide],
                |inputs| Ok(swiglu(inputs[0])?),
            )?;
        }
        let finish = Finish::AddScaled {
            residual: shortcut,
            scale: self.scale.as_ref().map(Table::tensor),
        };
        self.narrow.forward(&hidden, finish, pass)
    }

    pub(crate) fn map<V>(&self, convert: &impl Fn(&U) -> Result<V>) -> Result<Perceptron<V>> {
        Ok(Perceptron {
            norm: self.norm.copy()?,
            widen: convert(&self.widen)?,
            gating: self.gating,
            narrow: convert(&self.narrow)?,
            scale: self.scale.as_ref().map(Table::copy).transpose()?,
        })
    }

    /// Appends the layers at an input of `shape`, which they keep.
    pub(crate) fn trace(&self, shape: &[usize], layers: &mut Vec<Layer>) -> Result<()> {
        layers.push(self.norm.layer(shape));
        let widen = self.widen.specification().layer(shape)?;
        let mut hidden = widen.output.clone();
        layers.push(widen);
        if let Some(width) = hidden.last_mut() {
            *width /= self.gating.factor();
        }
        let mut narrow = self.narrow.specification().layer(&hidden)?;
        narrow.parameters += self.scale.as_ref().map_or(0, Table::parameters);
        layers.push(narrow);
        Ok(())
    }

    pub(crate) fn owns(&self, parameter: &str) -> bool {
        let units = [&self.widen, &self.narrow];
        self.norm.owns(parameter)
            || units
                .iter()
                .any(|unit| unit.specification().owns(parameter))
            || self
                .scale
                .as_ref()
                .is_some_and(|scale| scale.owns(parameter))
    }
}

/// Attention over `projected` `[batch, tokens, 3 * width]`.
pub(super) fn attend(name: &str, projected: &Tensor, heads: usize) -> Result<Tensor> {
    let multiply_adds = |output: &Tensor| match *output.dims() {
        [batch, tokens, width] => batch as u64 * attention_products(tokens, width),
        _ => 0,
    };
    let operation = attention_operation(heads);
    step(name, &operation, multiply_adds, &[projected], |inputs| {
        Ok(attention(inputs[0], heads)?)
    })
}

/// What lists and profiles call it.
pub(super) fn attention_operation(heads: usize) -> String {
    format!("attention, {heads} heads")
}

/// Multiply-adds of the products of queries and keys and of weights and values.
pub(super) fn attention_products(tokens: usize, width: usize) -> u64 {
    2 * (tokens * tokens * width) as u64
}
