//! From the number of rows and columns of a tile to the code compiled for them.

/// Defines `PRODUCT`, the kernel for products with the given vectors: a function
/// for each number of rows, compiled with the given target features.
macro_rules! product_kernel {
    ($lanes:ty, $name:literal, [$($rows:literal)*], [$($feature:meta)?]) => {
        /// The kernel for products.
        pub(super) const PRODUCT: $crate::kernel::microkernel::Kernel<
            <$lanes as Lanes>::Element,
            <$lanes as Lanes>::Result,
        > =
            $crate::kernel::microkernel::Kernel {
                name: $name,
                rows: [$($rows),*].len(),
                columns: 2 * <$lanes>::LANES,
                depth: <$lanes>::DEPTH,
                compute: product,
            };

        $(#[$feature])?
        unsafe fn product_tile<const ROWS: usize, const VECTORS: usize>(
            tile: &$crate::kernel::tile::Tile<'_, <$lanes as Lanes>::Element, <$lanes as Lanes>::Result>,
        ) {
            // SAFETY: as the caller promises.
            unsafe {
                $crate::kernel::tile::compute::<$lanes, ROWS, VECTORS>(tile, 2 * <$lanes>::LANES)
            }
        }

        unsafe fn product(
            tile: &$crate::kernel::tile::Tile<'_, <$lanes as Lanes>::Element, <$lanes as Lanes>::Result>,
        ) {
            // SAFETY: as the caller promises.
            unsafe {
                match (tile.starts.len(), tile.columns > <$lanes>::LANES) {
                    $(
                        ($rows, false) => product_tile::<$rows, 1>(tile),
                        ($rows, true) => product_tile::<$rows, 2>(tile),
                    )*
                    _ => unreachable!("a tile has between one row and the kernel's most"),
                }
            }
        }
    };
}
pub(super) use product_kernel;

/// Defines `OUTER`, the kernel for sums of outer products, in the same way.
macro_rules! outer_kernel {
    ($lanes:ty, $name:literal, [$($rows:literal)*], [$($feature:meta)?]) => {
        /// The kernel for sums of outer products.
        pub(super) const OUTER: $crate::kernel::microkernel::OuterKernel = $crate::kernel::microkernel::OuterKernel {
            name: $name,
            rows: [$($rows),*].len(),
            columns: 2 * <$lanes>::LANES,
            accumulate: outer,
        };

        $(#[$feature])?
        unsafe fn outer_tile<const ROWS: usize, const VECTORS: usize>(
            tile: &$crate::kernel::outer::OuterTile<'_>,
        ) {
            // SAFETY: as the caller promises.
            unsafe {
                $crate::kernel::outer::accumulate::<$lanes, <$lanes as Lanes>::Vector, ROWS, VECTORS>(
                    tile,
                )
            }
        }

        unsafe fn outer(tile: &$crate::kernel::outer::OuterTile<'_>) {
            // SAFETY: as the caller promises.
            unsafe {
                match (tile.rows, tile.columns > <$lanes>::LANES) {
                    $(
                        ($rows, false) => outer_tile::<$rows, 1>(tile),
                        ($rows, true) => outer_tile::<$rows, 2>(tile),
                    )*
                    _ => unreachable!("a tile has between one row and the kernel's most"),
                }
            }
        }
    };
}
pub(super) use outer_kernel;

/// Defines `WINOGRAD`, the transforms of Winograd's convolution, in the same way.
macro_rules! winograd_kernel {
    ($lanes:ty, $name:literal, [$($feature:meta)?]) => {
        /// The transforms of Winograd's convolution.
        pub(super) const WINOGRAD: $crate::kernel::microkernel::WinogradKernel =
            $crate::kernel::microkernel::WinogradKernel {
                name: $name,
                input: winograd_input,
                output: winograd_output,
                gradient: winograd_gradient,
            };

        $(#[$feature])?
        unsafe fn winograd_gradient(tile: &$crate::kernel::winograd::GradientTile) {
            // SAFETY: as the caller promises.
            unsafe {
                $crate::kernel::winograd::transform_gradient::<$lanes, <$lanes as Lanes>::Vector>(
                    tile,
                )
            }
        }

        $(#[$feature])?
        unsafe fn winograd_input(tile: &$crate::kernel::winograd::InputTile) {
            // SAFETY: as the caller promises.
            unsafe {
                $crate::kernel::winograd::transform_input::<$lanes, <$lanes as Lanes>::Vector>(tile)
            }
        }

        $(#[$feature])?
        unsafe fn winograd_output(tile: &$crate::kernel::winograd::OutputTile) {
            // SAFETY: as the caller promises.
            unsafe {
                $crate::kernel::winograd::transform_output::<$lanes, <$lanes as Lanes>::Vector>(
                    tile,
                )
            }
        }
    };
}
pub(super) use winograd_kernel;

/// Defines `DEPTHWISE`, the kernel for convolutions of each channel by itself, with a
/// function for each number of results side by side.
macro_rules! depthwise_kernel {
    ($lanes:ty, $name:literal, [$($feature:meta)?]) => {
        $crate::kernel::dispatch::depthwise_kernel! {
            $lanes, $name, [1 2 3 4 5 6 7 8], [$($feature)?]
        }
    };
    ($lanes:ty, $name:literal, [$($count:literal)*], [$($feature:meta)?]) => {
        /// The kernel for convolutions of each channel by itself.
        pub(super) const DEPTHWISE: $crate::kernel::microkernel::DepthwiseKernel =
            $crate::kernel::microkernel::DepthwiseKernel {
                name: $name,
                lanes: <$lanes>::LANES,
                most: [$($count),*].len(),
                convolve: depthwise,
                correlate: depthwise_gradient,
            };

        $(#[$feature])?
        unsafe fn depthwise_tile<const COLUMNS: usize>(
            tile: &$crate::kernel::depthwise::DepthwiseTile,
        ) {
            // SAFETY: as the caller promises.
            unsafe {
                $crate::kernel::depthwise::convolve::<$lanes, <$lanes as Lanes>::Vector, COLUMNS>(
                    tile,
                )
            }
        }

        unsafe fn depthwise(tile: &$crate::kernel::depthwise::DepthwiseTile) {
            // SAFETY: as the caller promises.
            unsafe {
                match tile.columns {
                    $($count => depthwise_tile::<$count>(tile),)*
                    _ => unreachable!("a tile has between one result and the kernel's most"),
                }
            }
        }

        $(#[$feature])?
        unsafe fn depthwise_gradient_tile<const POSITIONS: usize>(
            tile: &$crate::kernel::depthwise::DepthwiseGradientTile,
        ) {
            // SAFETY: as the caller promises.
            unsafe {
                $crate::kernel::depthwise::correlate::<$lanes, <$lanes as Lanes>::Vector, POSITIONS>(
                    tile,
                )
            }
        }

        unsafe fn depthwise_gradient(tile: &$crate::kernel::depthwise::DepthwiseGradientTile) {
            // SAFETY: as the caller promises.
            unsafe {
                match tile.positions {
                    $($count => depthwise_gradient_tile::<$count>(tile),)*
                    _ => unreachable!("a tile has between one position and the kernel's most"),
                }
            }
        }
    };
}
pub(super) use depthwise_kernel;
