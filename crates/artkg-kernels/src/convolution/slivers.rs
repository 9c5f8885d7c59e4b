//! Operands of outer products copied to where a tile reads its values one after
//! the other, however far apart their steps lie.

use crate::vector::vectorised;

/// Values that are copied at a time: a cache line.
const LINE: usize = 16;

/// Values from one step to the next of a sliver of `count` values a step.
pub(super) fn pitch(count: usize) -> usize {
    count.next_multiple_of(LINE)
}

/// Copies `count` values of each step to `sliver`, where steps lie a `pitch` of at
/// least as many values apart, in whole lines. They come in `strips`, given by their
/// first value and their number, and lie `stride` values apart.
///
/// What is between `count` and the pitch is unspecified.
pub(super) fn pack(
    source: &[f32],
    stride: usize,
    strips: impl Iterator<Item = (usize, usize)>,
    count: usize,
    pitch: usize,
    sliver: &mut [f32],
) {
    let mut targets = sliver.chunks_exact_mut(pitch);
    vectorised(
        #[inline(always)]
        || {
            for (start, steps) in strips {
                for (step, target) in (0..steps).zip(targets.by_ref()) {
                    let values = &source[start + step * stride..];
                    match values.get(..pitch) {
                        Some(values) => {
                            let (lines, _) = values.as_chunks::<LINE>();
                            let (targets, _) = target.as_chunks_mut::<LINE>();
                            for (target, line) in targets.iter_mut().zip(lines) {
                                *target = *line;
                            }
                        }
                        // The end of the source.
                        None => target[..count].copy_from_slice(&values[..count]),
                    }
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_copied_in_their_order() {
        let source: Vec<f32> = (0..60).map(|value| value as f32).collect();
        for count in [1, 5, 16, 20] {
            let pitch = pitch(count);
            let mut sliver = vec![-1.0; 4 * pitch];
            // The last step ends with the source.
            let strips = [(3, 2), (39 - count, 1), (60 - count, 1)];
            pack(&source, 21, strips.into_iter(), count, pitch, &mut sliver);
            for (step, start) in [3, 24, 39 - count, 60 - count].into_iter().enumerate() {
                assert_eq!(
                    sliver[step * pitch..][..count],
                    source[start..start + count],
                    "{count} values, step {step}"
                );
            }
        }
    }
}
