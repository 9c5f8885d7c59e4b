use super::range::YearRange;

/// A stretch of a century or decade: parts `from` to `to` of `of`.
#[derive(Clone, Copy)]
pub(super) struct Part {
    from: i32,
    to: i32,
    of: i32,
}

impl Part {
    pub(super) const EARLY: Self = Self::new(0, 1, 3);
    pub(super) const MIDDLE: Self = Self::new(1, 2, 3);
    pub(super) const LATE: Self = Self::new(2, 3, 3);

    pub(super) const fn new(from: i32, to: i32, of: i32) -> Self {
        Self { from, to, of }
    }

    /// The years of it in `years` from `from`.
    pub(super) fn slice(self, from: i32, years: i32) -> YearRange {
        YearRange {
            from: from + years * self.from / self.of,
            to: from + years * self.to / self.of - 1,
        }
    }
}
