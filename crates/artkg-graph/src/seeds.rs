//! Independent random streams from one seed.

use artkg_files::seeds::mix;
use rand_pcg::Pcg64Mcg;

/// What a random stream is for, so that two uses never share one.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// The order of the start nodes of a round of walks.
    Order = 1,
    /// The steps of a walk.
    Walk = 2,
    /// Windows and negatives of a walk.
    Training = 3,
    /// A node's first vector.
    Vector = 4,
    /// A relation's first vector.
    RelationVector = 5,
    /// Which triplets are held out.
    HoldOut = 6,
    /// The order of the triplets in an epoch.
    TripletOrder = 7,
    /// The negatives of a chunk of triplets.
    Negatives = 8,
}

/// The random stream number `index` of a purpose.
pub(crate) fn stream(seed: u64, purpose: Purpose, index: u64) -> Pcg64Mcg {
    let low = mix(mix(mix(seed) ^ purpose as u64) ^ index);
    let high = mix(low);
    Pcg64Mcg::new((u128::from(high) << 64) | u128::from(low))
}

/// A number below `limit` from 32 random bits (Lemire's multiplication; the bias
/// of at most `limit` / 2³² is far below what walks could show).
#[inline(always)]
pub(crate) fn below(random: u32, limit: usize) -> usize {
    ((u64::from(random) * limit as u64) >> 32) as usize
}

/// A number in [0, 1) from 32 random bits.
#[inline(always)]
pub(crate) fn fraction(random: u32) -> f32 {
    (random >> 8) as f32 * (1.0 / (1 << 24) as f32)
}
