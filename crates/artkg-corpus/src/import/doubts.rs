//! Question marks at the end of makers' names: doubts, or letters that a table has lost.

use super::part_names::AUTHOR;
use super::qualified::set_makers;
use crate::artwork::Artwork;
use crate::maker::{MAKERS_COLUMN, Maker, Qualifier, qualify};

/// What the names of one table say of the question marks in them.
///
/// `Rembrandt?` is a doubt. But where letters were lost on a table's way, `Cosmè Tura` is
/// `Cosm? Tura` and `Tura, Cosm?`; such a table has marks within its names, too.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// Whether there is a mark between letters.
    has_lost_letters: bool,
    /// The artworks with a name that ends in one.
    artworks: Vec<usize>,
}

impl Doubts {
    /// Looks at the makers of an artwork at a place.
    pub(super) fn note(&mut self, place: usize, artwork: &Artwork) {
        let has_mark = |column| artwork.cell(column).is_some_and(|cell| cell.contains('?'));
        if ![AUTHOR, MAKERS_COLUMN].into_iter().any(has_mark) {
            return;
        }
        let makers = artwork.makers();
        self.has_lost_letters |= makers.iter().any(|maker| has_lost_letter(&maker.name));
        if makers.iter().any(|maker| doubted(&maker.name).is_some()) {
            self.artworks.push(place);
        }
    }

    /// Takes the marks of doubt for what they are.
    pub(super) fn settle(self, artworks: &mut [Artwork]) {
        if self.has_lost_letters {
            return;
        }
        for place in self.artworks {
            let mut makers: Vec<Maker> = Vec::new();
            for mut maker in artworks[place].makers() {
                if let Some(name) = doubted(&maker.name) {
                    maker.name = name.to_owned();
                    qualify(&mut maker.qualifiers, Qualifier::Possibly);
                }
                if !makers.contains(&maker) {
                    makers.push(maker);
                }
            }
            set_makers(&mut artworks[place], &makers);
        }
    }
}

/// The name before the mark that it ends with.
fn doubted(name: &str) -> Option<&str> {
    let name = name.strip_suffix('?')?;
    name.ends_with(|last: char| last.is_alphanumeric() || last == '.' || last == ')')
        .then_some(name)
}

/// Whether a mark stands in a word, or ends one that is not the last: `D?rer`, `Cosm? Tura`.
fn has_lost_letter(name: &str) -> bool {
    name.match_indices('?').any(|(place, _)| {
        let before = name[..place].chars().next_back();
        let after = name[place + 1..].trim_start().chars().next();
        [before, after]
            .iter()
            .all(|letter| letter.is_some_and(char::is_alphabetic))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(names: &[&str]) -> Vec<String> {
        let mut artworks: Vec<Artwork> = names
            .iter()
            .map(|name| Artwork {
                author: Some((*name).into()),
                ..Artwork::default()
            })
            .collect();
        let mut doubts = Doubts::default();
        for (place, artwork) in artworks.iter().enumerate() {
            doubts.note(place, artwork);
        }
        doubts.settle(&mut artworks);
        let written = |artwork: &Artwork| {
            let makers: Vec<String> = artwork.makers().iter().map(Maker::to_string).collect();
            makers.join("|")
        };
        artworks.iter().map(written).collect()
    }

    #[test]
    fn a_mark_at_the_end_is_a_doubt() {
        let names = [
            "Rembrandt?",
            "Rubens|Jan Brueghel I?",
            "Goya",
            "?",
            "Cornelis ?",
        ];
        let makers = [
            "Rembrandt [possibly]",
            "Rubens|Jan Brueghel I [possibly]",
            "Goya",
            "?",
            "Cornelis ?",
        ];
        assert_eq!(settled(&names), makers);
    }

    #[test]
    fn a_table_that_has_lost_letters_has_no_doubts() {
        for lost in ["D?rer", "cosm? tura"] {
            let names = ["TURA, Cosm?", "Rembrandt?", lost];
            assert_eq!(settled(&names), names);
        }
    }
}
