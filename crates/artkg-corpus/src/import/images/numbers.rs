//! Images that are called by the number of their work: `36029.jpg`,
//! `36029_1.jpg`, `1987-144-recto.tif`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use super::folded;

/// The images of one artwork.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Numbered {
    /// The artwork's place in the list of numbers.
    pub(crate) artwork: usize,
    /// The image.
    pub(crate) image: String,
    /// Further views of the same work, in order.
    pub(crate) views: Vec<String>,
}

/// How well a file's name fits a number, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The whole name, the extension aside.
    Whole,
    /// The name up to a separator.
    Start,
}

/// The numbers of artworks, in the forms in which file names write them.
struct Numbers {
    /// In lower case: `1987.144`.
    exact: HashMap<String, Vec<usize>>,
    /// With one space for all punctuation: `1987 144`.
    words: HashMap<String, Vec<usize>>,
    /// Without punctuation: `1987144`.
    letters: HashMap<String, Vec<usize>>,
}

impl Numbers {
    fn new(numbers: &[Vec<String>]) -> Self {
        let (mut exact, mut spaced, mut squeezed) =
            (HashMap::new(), HashMap::new(), HashMap::new());
        for (artwork, numbers) in numbers.iter().enumerate() {
            for number in numbers.iter().map(|number| folded(number)) {
                note(&mut spaced, words(&number), artwork);
                note(&mut squeezed, letters(&number), artwork);
                note(&mut exact, number, artwork);
            }
        }
        Self {
            exact,
            words: spaced,
            letters: squeezed,
        }
    }

    /// The artworks whose number the name of a file is, or begins with.
    fn of(&self, stem: &str) -> Option<(&[usize], Fit)> {
        let same = |text: &str| {
            let exact = self.exact.get(text);
            exact.or_else(|| sole(self.words.get(&words(text))))
        };
        if let Some(found) = same(stem) {
            return Some((found, Fit::Whole));
        }
        let separators = stem.char_indices().rev();
        for (index, _) in separators.filter(|(_, letter)| !letter.is_alphanumeric()) {
            let start = stem[..index].trim_end_matches(|letter: char| !letter.is_alphanumeric());
            if let Some(found) = same(start).filter(|_| !start.is_empty()) {
                return Some((found, Fit::Start));
            }
        }
        let found = sole(self.letters.get(&letters(stem)))?;
        Some((found, Fit::Whole))
    }
}

/// The artworks of a loose form, unless several artworks have it.
fn sole(found: Option<&Vec<usize>>) -> Option<&Vec<usize>> {
    found.filter(|artworks| artworks.len() == 1)
}

fn note(forms: &mut HashMap<String, Vec<usize>>, form: String, artwork: usize) {
    if form.is_empty() {
        return;
    }
    let artworks = forms.entry(form).or_default();
    if artworks.last() != Some(&artwork) {
        artworks.push(artwork);
    }
}

/// Gives each artwork the files that one of its numbers names, and says which
/// files were given.
///
/// A whole name goes before one that only begins with the number, and `2` before
/// `10`. Of several numbers that a name begins with, the longest counts.
pub(super) fn matched(names: &[&str], numbers: &[Vec<String>]) -> (Vec<Numbered>, Vec<usize>) {
    let forms = Numbers::new(numbers);
    let mut found: BTreeMap<usize, Vec<(Fit, String, &str)>> = BTreeMap::new();
    let mut taken = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let file = name.rsplit('/').next().unwrap_or_default();
        let stem = folded(file.rsplit_once('.').map_or(file, |(stem, _)| stem));
        let Some((artworks, fit)) = forms.of(&stem) else {
            continue;
        };
        taken.push(place);
        for &artwork in artworks {
            found
                .entry(artwork)
                .or_default()
                .push((fit, stem.clone(), name));
        }
    }
    let matched = found.into_iter().filter_map(|(artwork, mut files)| {
        files.sort_by(|left, right| {
            let order = left
                .0
                .cmp(&right.0)
                .then_with(|| natural(&left.1, &right.1));
            order.then_with(|| left.2.cmp(right.2))
        });
        let mut files = files.into_iter().map(|(_, _, name)| name.to_owned());
        Some(Numbered {
            artwork,
            image: files.next()?,
            views: files.collect(),
        })
    });
    (matched.collect(), taken)
}

/// Runs of letters and digits with one space between them.
fn words(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn letters(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

/// Compares texts by their letters and the values of the numbers in them.
fn natural(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (pieces(left), pieces(right));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (left, right) => match (left, right) {
                (Some(left), Some(right)) => match (left.parse::<u64>(), right.parse::<u64>()) {
                    (Ok(left), Ok(right)) => left.cmp(&right),
                    _ => left.cmp(right),
                },
                (left, right) => left.is_some().cmp(&right.is_some()),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Runs of digits and of everything else.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_digit = rest.chars().next()?.is_ascii_digit();
        let end = rest.find(|letter: char| letter.is_ascii_digit() != is_digit);
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(of: &[&[&str]]) -> Vec<Vec<String>> {
        let owned = |numbers: &&[&str]| numbers.iter().map(|number| (*number).to_owned()).collect();
        of.iter().map(owned).collect()
    }

    fn found(names: &[&str], of: &[&[&str]]) -> Vec<(usize, String, Vec<String>)> {
        let (matched, _) = matched(names, &numbers(of));
        let parts = |found: Numbered| (found.artwork, found.image, found.views);
        matched.into_iter().map(parts).collect()
    }

    fn work(artwork: usize, image: &str, views: &[&str]) -> (usize, String, Vec<String>) {
        let views = views.iter().map(|view| (*view).to_owned()).collect();
        (artwork, image.to_owned(), views)
    }

    #[test]
    fn files_are_called_by_numbers() {
        let files = [
            "1987-144.jpg",
            "36029.jpg",
            "36029_1.jpg",
            "36029_10.jpg",
            "36029_2.jpg",
            "36131-recto.tif",
            "36131-verso.tif",
            "detail.jpg",
            "sub/Inv.Nr_12 b.JPG",
        ];
        let works: [&[&str]; 4] = [
            &["36029"],
            &["36131"],
            &["7", "1987.144"],
            &["inv. nr. 12B"],
        ];
        assert_eq!(
            found(&files, &works),
            [
                work(
                    0,
                    "36029.jpg",
                    &["36029_1.jpg", "36029_2.jpg", "36029_10.jpg"]
                ),
                work(1, "36131-recto.tif", &["36131-verso.tif"]),
                work(2, "1987-144.jpg", &[]),
                work(3, "sub/Inv.Nr_12 b.JPG", &[]),
            ]
        );
        let (_, taken) = matched(&files, &numbers(&works));
        assert_eq!(taken, [0, 1, 2, 3, 4, 5, 6, 8]);
    }

    #[test]
    fn the_longest_number_counts() {
        // 1987-144 is a work of its own, not a view of 1987.
        let files = ["1987-144.jpg", "1987-144-2.jpg", "1987-9.jpg", "360291.jpg"];
        let works: [&[&str]; 4] = [&["1987"], &["1987.144"], &["36029"], &["36029-1"]];
        assert_eq!(
            found(&files, &works),
            [
                work(0, "1987-9.jpg", &[]),
                work(1, "1987-144.jpg", &["1987-144-2.jpg"]),
                work(3, "360291.jpg", &[]),
            ]
        );
    }

    #[test]
    fn what_may_be_two_works_is_neither() {
        let works: [&[&str]; 2] = [&["19.871"], &["198.71"]];
        assert_eq!(found(&["19871.jpg"], &works), []);
        assert_eq!(found(&["19-871.jpg"], &works), [work(0, "19-871.jpg", &[])]);
    }
}
