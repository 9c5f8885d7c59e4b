use super::depthwise::{DepthwiseGradientTile, DepthwiseTile};
use super::outer::OuterTile;
use super::tile::Tile;
use super::winograd::{GradientTile, InputTile, OutputTile};

/// Computes tiles of products.
#[derive(Debug)]
pub(crate) struct Kernel<Element, Result = Element> {
    /// The instruction set.
    #[cfg_attr(not(test), expect(dead_code, reason = "for messages of tests"))]
    pub(crate) name: &'static str,
    /// Most rows of a tile.
    pub(crate) rows: usize,
    /// Columns of a panel, and most of a tile.
    pub(crate) columns: usize,
    /// Elements that one step of the reduction takes.
    pub(crate) depth: usize,
    /// Computes one tile; see [`Tile`] for what must hold.
    pub(super) compute: unsafe fn(&Tile<'_, Element, Result>),
}

impl<Element, Result> Kernel<Element, Result> {
    /// Computes one tile.
    ///
    /// # Safety
    /// Every pointer of the tile is valid for what it says is read or written.
    pub(crate) unsafe fn compute(&self, tile: &Tile<'_, Element, Result>) {
        // SAFETY: kernels are handed out only where the processor has their
        // instructions; the caller promises the rest.
        unsafe { (self.compute)(tile) }
    }
}

/// Adds up tiles of outer products.
#[derive(Debug)]
pub(crate) struct OuterKernel {
    /// The instruction set.
    #[cfg_attr(not(test), expect(dead_code, reason = "for messages of tests"))]
    pub(crate) name: &'static str,
    /// Most rows of a tile.
    pub(crate) rows: usize,
    /// Most columns of a tile.
    pub(crate) columns: usize,
    /// Adds one tile; see [`OuterTile`] for what must hold.
    pub(super) accumulate: unsafe fn(&OuterTile<'_>),
}

impl OuterKernel {
    /// Adds one tile to its output.
    ///
    /// # Safety
    /// Every pointer of the tile is valid for what it says is read or written.
    pub(crate) unsafe fn accumulate(&self, tile: &OuterTile<'_>) {
        // SAFETY: as for [`Kernel::compute`].
        unsafe { (self.accumulate)(tile) }
    }
}

/// Transforms tiles for Winograd's convolution.
#[derive(Debug)]
pub(crate) struct WinogradKernel {
    /// The instruction set.
    #[cfg_attr(not(test), expect(dead_code, reason = "for messages of tests"))]
    pub(crate) name: &'static str,
    /// Transforms one input tile.
    pub(super) input: unsafe fn(&InputTile),
    /// Transforms one output tile.
    pub(super) output: unsafe fn(&OutputTile),
    /// Transforms one tile of the output's gradient.
    pub(super) gradient: unsafe fn(&GradientTile),
}

impl WinogradKernel {
    /// Transforms one input tile.
    ///
    /// # Safety
    /// Every pointer of the tile is valid for what it says is read or written.
    pub(crate) unsafe fn transform_input(&self, tile: &InputTile) {
        // SAFETY: as for [`Kernel::compute`].
        unsafe { (self.input)(tile) }
    }

    /// Transforms one tile of the output's gradient.
    ///
    /// # Safety
    /// As for [`WinogradKernel::transform_input`].
    pub(crate) unsafe fn transform_gradient(&self, tile: &GradientTile) {
        // SAFETY: as for [`Kernel::compute`].
        unsafe { (self.gradient)(tile) }
    }

    /// Transforms one output tile.
    ///
    /// # Safety
    /// As for [`WinogradKernel::transform_input`]; of the bias, whole vectors.
    pub(crate) unsafe fn transform_output(&self, tile: &OutputTile) {
        // SAFETY: as for [`Kernel::compute`].
        unsafe { (self.output)(tile) }
    }
}

/// Computes convolutions of each channel by itself.
#[derive(Debug)]
pub(crate) struct DepthwiseKernel {
    /// The instruction set.
    #[cfg_attr(not(test), expect(dead_code, reason = "for messages of tests"))]
    pub(crate) name: &'static str,
    /// Channels of a tile.
    pub(crate) lanes: usize,
    /// Most results, or positions, of a tile.
    pub(crate) most: usize,
    /// Computes one tile.
    pub(super) convolve: unsafe fn(&DepthwiseTile),
    /// Adds to the sums of one tile.
    pub(super) correlate: unsafe fn(&DepthwiseGradientTile),
}

impl DepthwiseKernel {
    /// Computes one tile.
    ///
    /// # Safety
    /// Every pointer of the tile is valid for whole vectors of what it says is read, and
    /// for the channels that it says are written.
    pub(crate) unsafe fn convolve(&self, tile: &DepthwiseTile) {
        // SAFETY: as for [`Kernel::compute`].
        unsafe { (self.convolve)(tile) }
    }

    /// Adds to the sums of one tile.
    ///
    /// # Safety
    /// Every pointer of the tile is valid for whole vectors of what it says is read or
    /// written.
    pub(crate) unsafe fn correlate(&self, tile: &DepthwiseGradientTile) {
        // SAFETY: as for [`Kernel::compute`].
        unsafe { (self.correlate)(tile) }
    }
}
