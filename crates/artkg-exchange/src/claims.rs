//! What is said of an image: the tags that are given, each by its task's place in a
//! record, and what a format leaves out.

use std::ops::AddAssign;

use artkg_tag::Tags;
use artkg_vocabulary::UNKNOWN;

use crate::format::Holds;

/// A tag that is given. It is a guess: no format may state it as a fact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Claim<'a> {
    pub(crate) task: &'a str,
    pub(crate) role: Role,
    pub(crate) class: &'a str,
    pub(crate) confidence: f32,
}

/// What a task says of a work, which decides where a record has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// What kind of work it is.
    Type,
    /// The school that it belongs to.
    School,
    /// When it was made: `1851-1900`.
    Timeframe,
    /// Who made it.
    Author,
    /// What it shows.
    Subject,
    /// Anything else.
    Other,
}

impl Role {
    fn of(task: &str) -> Self {
        match task {
            "type" => Self::Type,
            "school" => Self::School,
            "timeframe" => Self::Timeframe,
            "author" => Self::Author,
            "subject" => Self::Subject,
            _ => Self::Other,
        }
    }
}

/// The tags that are given. A class that stands for all that were too rare to learn
/// says nothing.
pub(crate) fn claims(tags: &Tags) -> Vec<Claim<'_>> {
    let given = tags.tags.iter().filter_map(|task| {
        let tag = task.given().filter(|tag| tag.class != UNKNOWN)?;
        let name = task.task.name();
        Some(Claim {
            task: name,
            role: Role::of(name),
            class: &tag.class,
            confidence: tag.confidence,
        })
    });
    given.collect()
}

/// How much of the tags a format had no place for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Classes after the most probable one.
    pub alternatives: usize,
    /// Classes that were not sure enough to be given.
    pub withheld: usize,
    /// Tags that said only that the class is a rare one.
    pub rare: usize,
}

impl LeftOut {
    /// What a format with these places leaves out of an image's tags.
    pub(crate) fn of(tags: &Tags, holds: Holds) -> Self {
        let mut left_out = Self::default();
        for task in &tags.tags {
            if !holds.alternatives {
                left_out.alternatives += task.alternatives().len();
            }
            if !holds.withheld {
                left_out.withheld += usize::from(task.withheld().is_some());
            }
            let is_rare = task.given().is_some_and(|tag| tag.class == UNKNOWN);
            if !holds.rare {
                left_out.rare += usize::from(is_rare);
            }
        }
        left_out
    }
}

impl AddAssign for LeftOut {
    fn add_assign(&mut self, other: Self) {
        self.alternatives += other.alternatives;
        self.withheld += other.withheld;
        self.rare += other.rare;
    }
}

/// The first and last year of a timeframe such as `1851-1900`.
pub(crate) fn years(timeframe: &str) -> Option<(&str, &str)> {
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    timeframe
        .split_once('-')
        .filter(|(first, last)| is_year(first) && is_year(last) && first <= last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{WITHHELD, tags};
    use crate::format::Format;

    #[test]
    fn what_is_given_is_claimed_and_the_rest_counted() {
        let tags = tags();
        let said: Vec<_> = claims(&tags)
            .iter()
            .map(|claim| (claim.role, claim.class, claim.confidence))
            .collect();
        assert_eq!(
            said,
            [
                (Role::Type, "portrait", 0.9375),
                (Role::Timeframe, "1651-1700", 0.75),
                (Role::Author, "Johannes Vermeer", 0.625),
            ]
        );
        assert_eq!(tags.tags[1].withheld().unwrap().class, WITHHELD);
        assert_eq!(
            LeftOut::of(&tags, Format::Lido.holds()),
            LeftOut {
                alternatives: 4,
                withheld: 1,
                rare: 0
            }
        );
        assert_eq!(
            LeftOut::of(&tags, Format::Parquet.holds()),
            LeftOut::default()
        );
    }

    #[test]
    fn a_rare_class_is_no_claim() {
        let mut tags = tags();
        tags.tags[3].classes[0].class = UNKNOWN.into();
        assert_eq!(claims(&tags).len(), 2);
        assert_eq!(LeftOut::of(&tags, Format::Iiif.holds()).rare, 1);
    }

    #[test]
    fn timeframes_have_years() {
        assert_eq!(years("1651-1700"), Some(("1651", "1700")));
        for text in ["17th century", "1651", "1700-1651", "-0050-0001", "1651-17"] {
            assert_eq!(years(text), None, "{text}");
        }
    }
}
