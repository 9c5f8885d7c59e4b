use artkg_nn::{Resampling, Tensor, add_positions, resample_grid_bicubic, reshape, with_prefix};

use super::layer::Layer;
use super::layer_norm::LayerNorm;
use super::step::{listed, single, step};
use super::table::Table;
use super::unit::{Finish, Unit};
use crate::error::{Error, Result};

/// Images as tokens: patches, each by a linear layer, with their positions, behind
/// the class token and the registers where there are any.
#[derive(Debug)]
pub(crate) struct PatchEmbedding<U> {
    pub(crate) name: String,
    /// Pixels of a patch's side.
    pub(crate) patch: usize,
    pub(crate) projection: U,
    /// `[1, side * side, width]`.
    pub(crate) positions: Table,
    /// Patches a side of the grid that `positions` are for.
    pub(crate) side: usize,
    /// How positions for other grids are found.
    pub(crate) resampling: Resampling,
    /// What comes before the patches, `[1, tokens, width]` each: class token, registers.
    pub(crate) prefix: Vec<Table>,
    /// A norm of all tokens.
    pub(crate) norm: Option<LayerNorm>,
}

impl<U: Unit> PatchEmbedding<U> {
    pub(crate) fn forward(&self, images: &Tensor, pass: U::Pass<'_>) -> Result<Tensor> {
        let (_, height, width, _) = images.dims4()?;
        self.check((height, width))?;
        let patches = self.projection.forward(images, Finish::None, pass)?;
        let patches = single(&patches)?;
        let operation = "positions, class token";
        let tokens = step(
            &self.name,
            operation,
            |_| 0,
            &[&patches],
            |inputs| self.with_positions(inputs[0]),
        )?;
        let tokens = match &self.norm {
            Some(norm) => norm.forward(&tokens)?,
            None => tokens,
        };
        Ok(U::settled(tokens, pass))
    }

    /// Tokens of patches `[batch, rows, columns, width]`.
    fn with_positions(&self, patches: &Tensor) -> Result<Tensor> {
        let (batch, rows, columns, width) = patches.dims4()?;
        let side = self.side;
        let positions = match (rows, columns) == (side, side) {
            true => reshape(self.positions.tensor(), &[side * side, width])?,
            false => {
                let grid = reshape(self.positions.tensor(), &[side, side, width])?;
                let grid = resample_grid_bicubic(&grid, (rows, columns), self.resampling)?;
                reshape(&grid, &[rows * columns, width])?
            }
        };
        let tokens = reshape(patches, &[batch, rows * columns, width])?;
        let mut tokens = add_positions(&tokens, &positions)?;
        for table in self.prefix.iter().rev() {
            let count = table.parameters() / width;
            let prefix = reshape(table.tensor(), &[count, width])?;
            tokens = with_prefix(&tokens, &prefix)?;
        }
        Ok(tokens)
    }

    fn check(&self, (height, width): (usize, usize)) -> Result<()> {
        let fits = |side: usize| side > 0 && side.is_multiple_of(self.patch);
        match fits(height) && fits(width) {
            true => Ok(()),
            false => Err(Error::Patches(self.patch)),
        }
    }

    pub(crate) fn map<V>(&self, convert: &impl Fn(&U) -> Result<V>) -> Result<PatchEmbedding<V>> {
        Ok(PatchEmbedding {
            name: self.name.clone(),
            patch: self.patch,
            projection: convert(&self.projection)?,
            positions: self.positions.copy()?,
            side: self.side,
            resampling: self.resampling,
            prefix: self.prefix.iter().map(Table::copy).collect::<Result<_>>()?,
            norm: self.norm.as_ref().map(LayerNorm::copy).transpose()?,
        })
    }

    /// Appends the layers at images of `shape`; gives the shape of the tokens.
    pub(crate) fn trace(&self, shape: &[usize], layers: &mut Vec<Layer>) -> Result<Vec<usize>> {
        if let [height, width, _] = *shape {
            self.check((height, width))?;
        }
        let projection = self.projection.specification().layer(shape)?;
        let mut tokens = match projection.output[..] {
            [rows, columns, width] => vec![rows * columns, width],
            ref other => other.to_vec(),
        };
        layers.push(projection);
        let prefix: usize = self.prefix.iter().map(Table::parameters).sum();
        if let [count, width] = &mut tokens[..] {
            *count += prefix / *width;
        }
        let parameters = self.positions.parameters() + prefix;
        layers.push(listed(
            &self.name,
            "positions, class token",
            &tokens,
            parameters,
            0,
        ));
        layers.extend(self.norm.as_ref().map(|norm| norm.layer(&tokens)));
        Ok(tokens)
    }

    pub(crate) fn owns(&self, parameter: &str) -> bool {
        let is_norm = self.norm.as_ref().is_some_and(|norm| norm.owns(parameter));
        self.projection.specification().owns(parameter)
            || self.positions.owns(parameter)
            || self.prefix.iter().any(|table| table.owns(parameter))
            || is_norm
    }
}
