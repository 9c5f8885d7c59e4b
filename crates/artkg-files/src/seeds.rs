//! Seeds that have nothing to do with each other, from numbers that may be neighbours.

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014): a bijection whose outputs pass statistical tests even for consecutive
/// inputs. The generator's n-th output from the seed `s` is `mix(s + (n − 1) · γ)` with
/// its constant γ, 0x9e3779b97f4a7c15, in wrapping arithmetic.
#[inline]
pub fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Derives a seed from a parent seed and a stream number, so that the purposes
/// of one run (epochs, steps, parameters) do not share random numbers.
pub fn derive_seed(seed: u64, stream: u64) -> u64 {
    mix(seed ^ mix(stream))
}

/// Derives a seed from a parent seed and a name.
pub fn derive_seed_by_name(seed: u64, name: &str) -> u64 {
    name.bytes()
        .fold(mix(seed), |state, byte| mix(state ^ u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::{derive_seed, derive_seed_by_name, mix};

    #[test]
    fn outputs_are_those_of_the_published_generator() {
        // The first outputs of the authors' splitmix64.c from the seed 0.
        let outputs = [0, 1, 2].map(|n: u64| mix(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        assert_eq!(
            outputs,
            [
                0xe220_a839_7b1d_cdaf,
                0x6e78_9e6a_a1b9_65f4,
                0x06c4_5d18_8009_454f,
            ]
        );
    }

    #[test]
    fn derived_seeds_differ_by_stream_and_name() {
        assert_ne!(derive_seed(1, 0), derive_seed(1, 1));
        assert_ne!(
            derive_seed_by_name(1, "layer1.conv1"),
            derive_seed_by_name(1, "layer1.conv2")
        );
    }
}
