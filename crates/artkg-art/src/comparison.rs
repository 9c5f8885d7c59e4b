//! Comparison of systems: is a difference more than chance, how well do
//! classes separate in a space of vectors, and a map to look at.

mod bootstrap;
mod clusters;
mod map;
mod mcnemar;
mod spread;

pub use bootstrap::{PairedDifference, paired_bootstrap};
pub use clusters::davies_bouldin;
pub use map::{class_map, tsne};
pub use mcnemar::{McNemar, mcnemar};
pub use spread::Spread;
