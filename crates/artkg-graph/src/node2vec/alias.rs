//! Draws from a fixed distribution in constant time (A. J. Walker's alias
//! method in M. D. Vose's form, 1991).

use rand::Rng;

use crate::seeds::below;

/// A distribution over 0, 1, 2, …
pub(super) struct AliasTable {
    places: Vec<Place>,
}

#[derive(Clone, Copy)]
struct Place {
    /// The place itself is drawn when 32 random bits are below this.
    threshold: u32,
    /// What is drawn otherwise.
    alias: u32,
}

impl AliasTable {
    /// The distribution in proportion to `weights`: at least one is positive,
    /// none negative.
    pub(super) fn new(weights: &[f64]) -> Self {
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let mut left: Vec<f64> = weights.iter().map(|weight| weight / mean).collect();
        let mut places: Vec<Place> = (0..weights.len() as u32)
            .map(|own| Place {
                threshold: u32::MAX,
                alias: own,
            })
            .collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..left.len()).partition(|&place| left[place] < 1.0);
        while let (Some(&low), Some(&high)) = (small.last(), large.last()) {
            small.pop();
            places[low] = Place {
                threshold: (left[low] * 2f64.powi(32)) as u32,
                alias: high as u32,
            };
            left[high] -= 1.0 - left[low];
            if left[high] < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        Self { places }
    }

    /// Draws once.
    #[inline(always)]
    pub(super) fn draw(&self, random: &mut impl Rng) -> u32 {
        let bits = random.next_u64();
        let own = below((bits >> 32) as u32, self.places.len());
        let place = self.places[own];
        if (bits as u32) < place.threshold {
            own as u32
        } else {
            place.alias
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn draws_follow_the_weights() {
        let weights = [0.0, 1.0, 5.0, 0.5, 3.5];
        let table = AliasTable::new(&weights);
        let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(3);
        let mut counts = [0f64; 5];
        let draws = 200_000;
        for _ in 0..draws {
            counts[table.draw(&mut random) as usize] += 1.0;
        }
        assert_eq!(counts[0], 0.0);
        for (count, weight) in counts.iter().zip(weights) {
            let share = weight / 10.0;
            let deviation = (share * (1.0 - share) * f64::from(draws)).sqrt();
            assert!(
                (count - share * f64::from(draws)).abs() <= 4.5 * deviation,
                "{counts:?}"
            );
        }
    }
}
