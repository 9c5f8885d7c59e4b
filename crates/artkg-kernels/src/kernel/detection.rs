use std::sync::OnceLock;

use half::bf16;

use super::microkernel::{DepthwiseKernel, Kernel, OuterKernel, WinogradKernel};
use super::portable;
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512, avx512_bf16, avx512_bf16_wide};

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

/// The fastest kernel for convolutions of each channel by itself that the processor can
/// run.
pub(crate) fn depthwise_kernel() -> &'static DepthwiseKernel {
    static KERNEL: OnceLock<&'static DepthwiseKernel> = OnceLock::new();
    KERNEL.get_or_init(|| all_depthwise_kernels()[0])
}

/// The kernel for `bf16`, where the processor multiplies such numbers.
pub(crate) fn kernel_bf16() -> Option<&'static Kernel<bf16>> {
    #[cfg(target_arch = "x86_64")]
    if has_avx512_bf16() {
        return Some(&avx512_bf16::PRODUCT);
    }
    None
}

/// The kernel for `bf16` that writes its sums as they are, where there is one.
pub(crate) fn kernel_bf16_wide() -> Option<&'static Kernel<bf16, f32>> {
    #[cfg(target_arch = "x86_64")]
    if has_avx512_bf16() {
        return Some(&avx512_bf16_wide::PRODUCT);
    }
    None
}

/// Whether the processor multiplies `bf16`.
pub fn has_bf16() -> bool {
    kernel_bf16().is_some()
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

/// All kernels for convolutions of each channel by itself that the processor can run,
/// fastest first.
pub(crate) fn all_depthwise_kernels() -> Vec<&'static DepthwiseKernel> {
    let mut kernels = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        kernels.extend(has_avx512().then_some(&avx512::DEPTHWISE));
        kernels.extend(has_avx2().then_some(&avx2::DEPTHWISE));
    }
    kernels.push(&portable::DEPTHWISE);
    kernels
}

#[cfg(target_arch = "x86_64")]
fn has_avx512_bf16() -> bool {
    has_avx512()
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bf16")
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}
