use std::sync::OnceLock;

use half::bf16;

use super::winograd::{GradientTile, InputTile, OutputTile};
use super::{OuterTile, Tile, portable};
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512, avx512_bf16};

/// Computes tiles of products.
#[derive(Debug)]
pub(crate) struct Kernel<Element> {
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
    pub(super) compute: unsafe fn(&Tile<'_, Element>),
}

impl<Element> Kernel<Element> {
    /// Computes one tile.
    ///
    /// # Safety
    /// Every pointer of the tile is valid for what it says is read or written.
    pub(crate) unsafe fn compute(&self, tile: &Tile<'_, Element>) {
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

/// The fastest kernel for products that the processor can run.
pub(crate) fn kernel() -> &'static Kernel<f32> {
    static KERNEL: OnceLock<&'static Kernel<f32>> = OnceLock::new();
    // There is always the portable one.
    KERNEL.get_or_init(|| all_kernels()[0])
}

/// The fastest kernel for outer products that the processor can run.
pub(crate) fn outer_kernel() -> &'static OuterKernel {
    static KERNEL: OnceLock<&'static OuterKernel> = OnceLock::new();
    KERNEL.get_or_init(|| all_outer_kernels()[0])
}

/// The fastest kernel for Winograd's transforms that the processor can run.
pub(crate) fn winograd_kernel() -> &'static WinogradKernel {
    static KERNEL: OnceLock<&'static WinogradKernel> = OnceLock::new();
    KERNEL.get_or_init(|| all_winograd_kernels()[0])
}

/// The kernel for `bf16`, where the processor multiplies such numbers.
pub(crate) fn kernel_bf16() -> Option<&'static Kernel<bf16>> {
    #[cfg(target_arch = "x86_64")]
    if has_avx512()
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bf16")
    {
        return Some(&avx512_bf16::PRODUCT);
    }
    None
}

/// All kernels for products that the processor can run, fastest first.
pub(crate) fn all_kernels() -> Vec<&'static Kernel<f32>> {
    let mut kernels = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        kernels.extend(has_avx512().then_some(&avx512::PRODUCT));
        kernels.extend(has_avx2().then_some(&avx2::PRODUCT));
    }
    kernels.push(&portable::PRODUCT);
    kernels
}

/// All kernels for outer products that the processor can run, fastest first.
pub(crate) fn all_outer_kernels() -> Vec<&'static OuterKernel> {
    let mut kernels = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        kernels.extend(has_avx512().then_some(&avx512::OUTER));
        kernels.extend(has_avx2().then_some(&avx2::OUTER));
    }
    kernels.push(&portable::OUTER);
    kernels
}

/// All kernels for Winograd's transforms that the processor can run, fastest first.
pub(crate) fn all_winograd_kernels() -> Vec<&'static WinogradKernel> {
    let mut kernels = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        kernels.extend(has_avx512().then_some(&avx512::WINOGRAD));
        kernels.extend(has_avx2().then_some(&avx2::WINOGRAD));
    }
    kernels.push(&portable::WINOGRAD);
    kernels
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}
