//! Finding copies of one picture among many, in time far below quadratic.

use std::borrow::Borrow;
use std::collections::HashMap;

use artkg_image::{ContentHash, PerceptualHash};
use rayon::prelude::*;

use crate::fingerprint::{Fingerprint, NEAR_DISTANCE};

/// How many look-alikes of one picture are examined: a collection of blank
/// pages must not take quadratic time.
const MOST_CANDIDATES: usize = 1024;

/// The copies among a list of images, by their indexes.
#[derive(Debug, Default)]
pub struct Duplicates {
    /// Groups of two or more images with the same bytes, each ascending.
    pub(crate) exact: Vec<Vec<usize>>,
    /// Pairs that look alike, the smaller index first. Of an exact group only
    /// the first image occurs.
    pub(crate) near: Vec<(usize, usize)>,
}

impl Duplicates {
    /// Compares all fingerprints; images without one are left out.
    pub fn find<F: Borrow<Fingerprint>>(fingerprints: &[Option<F>]) -> Self {
        let mut groups: HashMap<ContentHash, Vec<usize>> = HashMap::new();
        for (index, fingerprint) in fingerprints.iter().enumerate() {
            if let Some(fingerprint) = fingerprint {
                groups
                    .entry(fingerprint.borrow().content)
                    .or_default()
                    .push(index);
            }
        }
        let mut firsts: Vec<usize> = groups.values().map(|group| group[0]).collect();
        firsts.sort_unstable();
        let mut exact: Vec<Vec<usize>> = groups
            .into_values()
            .filter(|group| group.len() > 1)
            .collect();
        exact.sort_unstable();
        let representatives: Vec<(usize, &Fingerprint)> = firsts
            .iter()
            .filter_map(|&index| Some((index, fingerprints[index].as_ref()?.borrow())))
            .collect();
        Self {
            exact,
            near: near_pairs(&representatives),
        }
    }

    /// The pairs within exact groups and the near pairs, for joining.
    pub fn links(&self) -> impl Iterator<Item = (usize, usize)> {
        self.exact
            .iter()
            .flat_map(|group| group[1..].iter().map(|other| (group[0], *other)))
            .chain(self.near.iter().copied())
    }
}

fn near_pairs(images: &[(usize, &Fingerprint)]) -> Vec<(usize, usize)> {
    let hashes: Vec<u64> = images
        .iter()
        .map(|(_, fingerprint)| fingerprint.perceptual.0)
        .collect();
    let index = HashIndex::new(&hashes);
    (0..images.len())
        .into_par_iter()
        .flat_map_iter(|position| {
            let (first, fingerprint) = images[position];
            index
                .earlier_neighbours(position)
                .into_iter()
                .map(|other| images[other])
                .filter(move |(_, other)| fingerprint.resembles(other))
                .map(move |(second, _)| (second.min(first), second.max(first)))
        })
        .collect()
}

/// 64-bit hashes by their four 16-bit bands.
///
/// Hashes within distance 11 agree in at least one band up to two bits, so
/// looking up 137 patterns a band finds every one of them.
struct HashIndex<'a> {
    hashes: &'a [u64],
    flips: Vec<u16>,
    /// For each band, where the members of each pattern start.
    starts: [Vec<u32>; BANDS],
    /// For each band, positions and their hashes, sorted by pattern, then by
    /// position. Hashes stand here too, so that a look-up reads one place.
    members: [Vec<(u32, u64)>; BANDS],
}

const BANDS: usize = 4;
const BAND_BITS: usize = 16;
/// How many bits may differ within the band that finds a neighbour.
const BAND_DISTANCE: u32 = 2;
const _: () = assert!(NEAR_DISTANCE < (BAND_DISTANCE + 1) * BANDS as u32);

/// All differences of up to [`BAND_DISTANCE`] bits within a band.
fn band_flips() -> Vec<u16> {
    (0..=u16::MAX)
        .filter(|flip| flip.count_ones() <= BAND_DISTANCE)
        .collect()
}

fn band(hash: u64, band: usize) -> u16 {
    (hash >> (band * BAND_BITS)) as u16
}

impl<'a> HashIndex<'a> {
    fn new(hashes: &'a [u64]) -> Self {
        let mut starts: [Vec<u32>; BANDS] = Default::default();
        let mut members: [Vec<(u32, u64)>; BANDS] = Default::default();
        for number in 0..BANDS {
            let mut offsets = vec![0_u32; (1 << BAND_BITS) + 1];
            for hash in hashes {
                offsets[usize::from(band(*hash, number)) + 1] += 1;
            }
            for pattern in 0..1 << BAND_BITS {
                offsets[pattern + 1] += offsets[pattern];
            }
            let mut next = offsets.clone();
            let mut sorted = vec![(0, 0); hashes.len()];
            for (position, hash) in hashes.iter().enumerate() {
                let slot = &mut next[usize::from(band(*hash, number))];
                sorted[*slot as usize] = (position as u32, *hash);
                *slot += 1;
            }
            starts[number] = offsets;
            members[number] = sorted;
        }
        Self {
            hashes,
            flips: band_flips(),
            starts,
            members,
        }
    }

    /// Positions before `position` whose hash is within [`NEAR_DISTANCE`], at
    /// most [`MOST_CANDIDATES`].
    fn earlier_neighbours(&self, position: usize) -> Vec<usize> {
        let hash = self.hashes[position];
        let mut found = Vec::new();
        for number in 0..BANDS {
            let pattern = band(hash, number);
            for flip in &self.flips {
                for &(other, other_hash) in self.members(number, pattern ^ flip) {
                    let other = other as usize;
                    if other >= position || found.len() >= MOST_CANDIDATES {
                        break;
                    }
                    if PerceptualHash(hash).distance(PerceptualHash(other_hash)) > NEAR_DISTANCE {
                        continue;
                    }
                    let seen = (0..number).any(|earlier| {
                        (band(other_hash, earlier) ^ band(hash, earlier)).count_ones()
                            <= BAND_DISTANCE
                    });
                    if !seen {
                        found.push(other);
                    }
                }
            }
        }
        found
    }

    fn members(&self, number: usize, pattern: u16) -> &[(u32, u64)] {
        let start = self.starts[number][usize::from(pattern)] as usize;
        let end = self.starts[number][usize::from(pattern) + 1] as usize;
        &self.members[number][start..end]
    }
}

/// Sets that can be joined (union-find with path halving).
pub(crate) struct Sets {
    parents: Vec<usize>,
}

impl Sets {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            parents: (0..count).collect(),
        }
    }

    /// The smallest member of the set of `item`.
    pub(crate) fn root(&mut self, mut item: usize) -> usize {
        while self.parents[item] != item {
            self.parents[item] = self.parents[self.parents[item]];
            item = self.parents[item];
        }
        item
    }

    pub(crate) fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.root(left), self.root(right));
        self.parents[left.max(right)] = left.min(right);
    }
}

#[cfg(test)]
mod tests {
    use artkg_files::seeds::mix;

    use super::*;

    /// The generator's output of that number from the seed 0.
    fn mixed(counter: u64) -> u64 {
        mix(counter.wrapping_sub(1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    #[test]
    fn the_index_finds_what_comparing_all_pairs_finds() {
        let mut hashes: Vec<u64> = (0..400).map(mixed).collect();
        for count in 0..400_u64 {
            let mut hash = hashes[count as usize];
            for flip in 0..mixed(count + 1000) % 14 {
                hash ^= 1 << (mixed(1000 * count + flip) % 64);
            }
            hashes.push(hash);
        }
        let index = HashIndex::new(&hashes);
        let mut pairs = 0;
        for position in 0..hashes.len() {
            let mut found = index.earlier_neighbours(position);
            found.sort_unstable();
            let expected: Vec<usize> = (0..position)
                .filter(|other| (hashes[*other] ^ hashes[position]).count_ones() <= NEAR_DISTANCE)
                .collect();
            pairs += expected.len();
            assert_eq!(found, expected, "position {position}");
        }
        assert!(pairs > 200, "the test has pairs to find: {pairs}");
    }

    #[test]
    fn sets_join() {
        let mut sets = Sets::new(5);
        sets.join(4, 2);
        sets.join(2, 1);
        assert_eq!([0, 1, 2, 3, 4].map(|item| sets.root(item)), [0, 1, 1, 3, 1]);
    }
}
