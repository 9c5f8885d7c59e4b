//! Batches of sets of any size: the rows of all sets behind each other, without
//! padding, and where each set ends. What masks would hide is never computed.

use std::ops::Range;
use std::sync::Arc;

/// Where each set of a batch ends among the rows of all of them.
#[derive(Clone, Debug)]
pub struct Segments {
    /// One more than there are sets, from 0.
    ends: Arc<[usize]>,
}

impl Segments {
    /// Sets of these numbers of rows; 0 is allowed.
    pub fn new(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut end = 0;
        let ends = std::iter::once(0).chain(lengths.into_iter().map(|length| {
            end += length;
            end
        }));
        Self {
            ends: ends.collect(),
        }
    }

    /// The number of sets.
    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// Whether there is no set.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of rows of all sets.
    pub fn rows(&self) -> usize {
        self.ends[self.len()]
    }

    /// The rows of each set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        self.ends.windows(2).map(|ends| ends[0]..ends[1])
    }

    /// The number of unordered pairs of rows within sets, each row with itself
    /// included.
    pub fn pairs(&self) -> usize {
        self.iter().map(|set| triangle(set.len())).sum()
    }

    /// Cuts `values`, `width` of them a row, into the parts of the sets.
    pub(crate) fn split<'a>(&self, mut values: &'a mut [f32], width: usize) -> Vec<&'a mut [f32]> {
        let parts = self.iter().map(|set| {
            let rest = std::mem::take(&mut values);
            let (part, rest) = rest.split_at_mut(set.len() * width);
            values = rest;
            part
        });
        parts.collect()
    }

    /// Cuts `values`, `width` of them a pair, into the parts of the sets.
    pub(crate) fn split_pairs<'a>(
        &self,
        mut values: &'a mut [f32],
        width: usize,
    ) -> Vec<&'a mut [f32]> {
        let parts = self.iter().map(|set| {
            let rest = std::mem::take(&mut values);
            let (part, rest) = rest.split_at_mut(triangle(set.len()) * width);
            values = rest;
            part
        });
        parts.collect()
    }
}

/// The number of unordered pairs of `count` things, each with itself included.
pub(crate) fn triangle(count: usize) -> usize {
    count * (count + 1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_lie_behind_each_other() {
        let segments = Segments::new([2, 0, 3]);
        assert_eq!(
            (segments.len(), segments.rows(), segments.pairs()),
            (3, 5, 9)
        );
        assert_eq!(segments.iter().collect::<Vec<_>>(), [0..2, 2..2, 2..5]);
        let mut values: Vec<f32> = (0..10).map(|value| value as f32).collect();
        let parts = segments.split(&mut values, 2);
        assert_eq!(parts[2], [4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
        assert!(Segments::new([]).is_empty());
    }
}
