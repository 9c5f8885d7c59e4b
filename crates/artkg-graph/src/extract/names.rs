use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Distinct texts and their numbers, in the order in which they were first met.
///
/// Each text is stored once, all of them in a row.
#[derive(Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<usize>,
    lookup: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Names {
    /// The number of a text, adding it where it is new.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        let Self {
            text,
            ends,
            lookup,
            hasher,
        } = self;
        let entry = lookup.entry(
            hasher.hash_one(name),
            |&number| at(text, ends, number) == name,
            |&number| hasher.hash_one(at(text, ends, number)),
        );
        *entry
            .or_insert_with(|| {
                text.push_str(name);
                ends.push(text.len());
                // A corpus has far fewer than 4 billion different names: their
                // letters alone would not fit in memory.
                (ends.len() - 1) as u32
            })
            .get()
    }

    /// The text of a number that [`Names::number`] gave.
    pub(crate) fn get(&self, number: u32) -> &str {
        at(&self.text, &self.ends, number)
    }

    /// The number of distinct texts.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The texts in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).map(|number| self.get(number))
    }
}

fn at<'a>(text: &'a str, ends: &[usize], number: u32) -> &'a str {
    let number = number as usize;
    let start = if number == 0 { 0 } else { ends[number - 1] };
    &text[start..ends[number]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_numbered_as_they_come() {
        let mut names = Names::default();
        let numbers = ["b", "", "a", "b", ""].map(|name| names.number(name));
        assert_eq!(numbers, [0, 1, 2, 0, 1]);
        assert_eq!(names.len(), 3);
        assert_eq!(names.iter().collect::<Vec<_>>(), ["b", "", "a"]);
    }
}
