//! Drawing splits that are stratified and keep copies of one work together.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use crate::artwork::{Artwork, Split};
use crate::duplicates::Sets;
use crate::error::{Error, Result};

/// The usual shares of train, validation and test.
pub const DEFAULT_SHARES: [f64; 3] = [0.8, 0.1, 0.1];

/// More works than this with one author and title (`Self-portrait`, `Blank`)
/// are not copies of one work.
const MOST_COPIES: usize = 20;

/// Gives every artwork a split.
///
/// Artworks joined by `links` (indexes of copies of one picture), and those
/// with the same author and title, come into one split. The groups are walked in
/// the order of school, author, timeframe and type, and each goes to the split
/// that lags furthest behind its share, so that every school, every author and
/// every period is divided like the whole. Within equal ones the order comes
/// from `seed` and the ids, not from the order of the rows.
///
/// # Errors
/// Shares that are negative or not finite, or whose sum is zero.
pub(crate) fn draw_splits(
    artworks: &mut [Artwork],
    links: impl Iterator<Item = (usize, usize)>,
    shares: [f64; 3],
    seed: u64,
) -> Result<()> {
    let sum: f64 = shares.iter().sum();
    if shares
        .iter()
        .any(|share| !share.is_finite() || *share < 0.0)
        || sum <= 0.0
    {
        return Err(Error::Shares { shares });
    }
    let shares = shares.map(|share| share / sum);
    let groups = ordered_groups(artworks, links, seed);
    let mut assigned = [0_usize; 3];
    let mut total = 0;
    for group in groups {
        total += group.len();
        let lag = |split: usize| shares[split] * total as f64 - assigned[split] as f64;
        let split = (0..Split::ALL.len())
            .filter(|split| shares[*split] > 0.0)
            // On a tie the first wins: `max_by` alone would take the last.
            .rev()
            .max_by(|left, right| lag(*left).total_cmp(&lag(*right)))
            .unwrap_or(0);
        assigned[split] += group.len();
        for index in group {
            artworks[index].split = Some(Split::ALL[split]);
        }
    }
    Ok(())
}

/// The groups of copies in the order in which they are assigned.
fn ordered_groups(
    artworks: &[Artwork],
    links: impl Iterator<Item = (usize, usize)>,
    seed: u64,
) -> Vec<Vec<usize>> {
    let mut sets = Sets::new(artworks.len());
    for (left, right) in links.chain(same_author_and_title(artworks)) {
        sets.join(left, right);
    }
    let mut groups: HashMap<usize, Vec<usize>> = HashMap::new();
    for index in 0..artworks.len() {
        groups.entry(sets.root(index)).or_default().push(index);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    groups.sort_by_cached_key(|group| {
        let first = &artworks[group[0]];
        let stratum = ["school", "author", "timeframe", "type"]
            .map(|column| first.first(column).unwrap_or_default().to_owned());
        (stratum, hash(seed, &first.id), first.id.clone())
    });
    groups
}

/// Links between works that have author and title in common.
fn same_author_and_title(artworks: &[Artwork]) -> impl Iterator<Item = (usize, usize)> {
    let mut groups: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (index, artwork) in artworks.iter().enumerate() {
        if let (Some(author), Some(title)) = (&artwork.author, &artwork.title) {
            groups
                .entry((letters(author.text()), letters(title.text())))
                .or_default()
                .push(index);
        }
    }
    groups
        .into_values()
        .filter(|group| (2..=MOST_COPIES).contains(&group.len()))
        .flat_map(|group| {
            let first = group[0];
            group.into_iter().skip(1).map(move |other| (first, other))
        })
}

/// Letters and digits in lower case and without accents.
fn letters(text: &str) -> String {
    text.nfd()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// FNV-1a over seed and text, mixed once more: the same on every machine.
fn hash(seed: u64, text: &str) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in seed.to_le_bytes().iter().chain(text.as_bytes()) {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    state ^= state >> 32;
    state = state.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state ^ state >> 29
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artworks() -> Vec<Artwork> {
        (0..1000)
            .map(|index| Artwork {
                id: format!("{index}"),
                title: Some(format!("Title {index}").into()),
                author: Some(format!("Author {}", index % 50).into()),
                school: Some(["Dutch", "Italian"][index % 2].into()),
                ..Artwork::default()
            })
            .collect()
    }

    fn count(artworks: &[Artwork], split: Split, keep: impl Fn(&Artwork) -> bool) -> usize {
        artworks
            .iter()
            .filter(|artwork| artwork.split == Some(split) && keep(artwork))
            .count()
    }

    #[test]
    fn shares_hold_for_the_whole_and_for_every_author() {
        let mut artworks = artworks();
        draw_splits(&mut artworks, std::iter::empty(), DEFAULT_SHARES, 7).unwrap();
        assert_eq!(count(&artworks, Split::Train, |_| true), 800);
        assert_eq!(count(&artworks, Split::Validation, |_| true), 100);
        for author in 0..50 {
            let author = Some(format!("Author {author}").into());
            let trained = count(&artworks, Split::Train, |artwork| artwork.author == author);
            let tested = count(&artworks, Split::Test, |artwork| artwork.author == author);
            assert!((15..=17).contains(&trained), "{author:?}: {trained}");
            assert!((1..=3).contains(&tested), "{author:?}: {tested}");
        }
    }

    #[test]
    fn the_seed_decides_and_the_order_of_rows_does_not() {
        let draw = |seed, reversed| {
            let mut artworks = artworks();
            if reversed {
                artworks.reverse();
            }
            draw_splits(&mut artworks, std::iter::empty(), DEFAULT_SHARES, seed).unwrap();
            artworks.sort_by(|left, right| left.id.cmp(&right.id));
            artworks
        };
        assert_eq!(draw(1, false), draw(1, true));
        assert_ne!(draw(1, false), draw(2, false));
    }

    #[test]
    fn copies_stay_together() {
        let mut artworks = artworks();
        for index in (0..1000).step_by(10) {
            artworks[index + 1].author = Some("D\u{fc}rer, Albrecht".into());
            artworks[index + 1].title = Some(format!("The hare ({index})").into());
            artworks[index + 2].author = Some("du\u{308}rer,albrecht".into());
            artworks[index + 2].title = Some(format!("the Hare {index}").into());
        }
        let links: Vec<_> = (0..990)
            .step_by(10)
            .map(|index| (index + 3, index + 14))
            .collect();
        draw_splits(&mut artworks, links.iter().copied(), DEFAULT_SHARES, 3).unwrap();
        for index in (0..1000).step_by(10) {
            assert_eq!(artworks[index + 1].split, artworks[index + 2].split);
        }
        for (left, right) in links {
            assert_eq!(artworks[left].split, artworks[right].split);
        }
        assert!((790..=810).contains(&count(&artworks, Split::Train, |_| true)));
    }

    #[test]
    fn generic_titles_are_no_copies() {
        let mut artworks = artworks();
        for artwork in &mut artworks {
            artwork.title = Some("Untitled".into());
            artwork.author = Some("Unknown master".into());
        }
        draw_splits(&mut artworks, std::iter::empty(), DEFAULT_SHARES, 3).unwrap();
        assert_eq!(count(&artworks, Split::Test, |_| true), 100);
    }

    #[test]
    fn splits_without_a_share_stay_empty_and_nonsense_is_refused() {
        let mut artworks = artworks();
        draw_splits(&mut artworks, std::iter::empty(), [9.0, 0.0, 1.0], 3).unwrap();
        assert_eq!(count(&artworks, Split::Validation, |_| true), 0);
        assert_eq!(count(&artworks, Split::Test, |_| true), 100);
        for shares in [[0.0; 3], [1.0, -0.1, 0.1], [f64::NAN, 1.0, 1.0]] {
            assert!(draw_splits(&mut artworks, std::iter::empty(), shares, 3).is_err());
        }
    }
}
