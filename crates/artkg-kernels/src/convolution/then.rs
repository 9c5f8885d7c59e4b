use std::ops::Range;

use crate::gelu::gelu;
use crate::kernel::Element;
use crate::sigmoid::{QUICK_GELU, gated};
use crate::vector::vectorised;

/// What becomes of results while they are in the level 1 cache.
#[derive(Clone, Copy, Debug)]
pub enum Then<'a, E> {
    /// They stay.
    Nothing,
    /// `x Φ(x)`, see [`crate::gelu`].
    Gelu,
    /// `x σ(1.702 x)`.
    QuickGelu,
    /// `residual + scale ⊙ x`.
    AddScaled {
        /// Laid out like the output.
        residual: &'a [E],
        /// A factor for each column.
        scale: &'a [f32],
    },
}

/// Changes `columns` of the rows that start at `targets` in `output`.
///
/// # Safety
/// These values are written, and nobody else uses them.
pub(super) unsafe fn apply<E: Element>(
    then: Then<'_, E>,
    output: *mut E,
    targets: &[usize],
    columns: Range<usize>,
) {
    if matches!(then, Then::Nothing) {
        return;
    }
    vectorised(
        #[inline(always)]
        || {
            for target in targets {
                // SAFETY: as the caller promises.
                let row = unsafe {
                    let first = output.add(target + columns.start);
                    std::slice::from_raw_parts_mut(first, columns.len())
                };
                match then {
                    Then::Nothing => {}
                    Then::Gelu => change(row, gelu),
                    Then::QuickGelu => change(
                        row,
                        #[inline(always)]
                        |value| gated(value, QUICK_GELU),
                    ),
                    Then::AddScaled { residual, scale } => {
                        let residual = &residual[target + columns.start..][..row.len()];
                        let scale = &scale[columns.clone()];
                        for (value, (residual, scale)) in
                            row.iter_mut().zip(residual.iter().zip(scale))
                        {
                            let sum = scale * value.to_f32() + residual.to_f32();
                            *value = E::from_f32(sum);
                        }
                    }
                }
            }
        },
    );
}

#[inline(always)]
fn change<E: Element>(row: &mut [E], function: impl Fn(f32) -> f32) {
    for value in row {
        *value = E::from_f32(function(value.to_f32()));
    }
}
