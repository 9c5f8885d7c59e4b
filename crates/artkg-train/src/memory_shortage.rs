use artkg_files::{Amount, MemorySize};

/// A run that would not fit into memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemoryShortage {
    /// There is a limit, and nothing to measure whether it holds.
    #[error("the run would need an unknown amount of memory, but memory_limit is {limit}")]
    Unmeasured {
        /// The limit.
        limit: MemorySize,
    },
    /// A resumed run, which keeps its micro-batches, would exceed the limit.
    #[error("the run would need {needed} of memory, but memory_limit is {limit}")]
    Resumed {
        /// What it takes.
        needed: Amount,
        /// The limit.
        limit: MemorySize,
    },
    /// One example at a time would exceed the limit.
    #[error("the run would need at least {least} of memory, but memory_limit is {limit}")]
    Limit {
        /// What one example at a time takes.
        least: Amount,
        /// The limit.
        limit: MemorySize,
    },
    /// The machine has not enough.
    #[error("the run would need {needed} of memory, but {free} are free on this machine")]
    Machine {
        /// What it takes.
        needed: Amount,
        /// What there is.
        free: Amount,
        /// The number of micro-batches that would fit, and what those take.
        fitting: Option<(usize, Amount)>,
    },
}
