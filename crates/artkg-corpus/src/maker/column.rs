//! The columns of an artwork that hold its makers.

use super::Maker;
use crate::artwork::Artwork;
use crate::values::VALUE_SEPARATOR;

/// The further column with all makers, written where there is more to say of
/// them than the names in `author`.
pub(crate) const MAKERS_COLUMN: &str = "makers";

impl Artwork {
    /// Whether there is more to say of its makers than the names in `author`.
    pub(crate) fn has_makers_column(&self) -> bool {
        self.extra.contains_key(MAKERS_COLUMN)
    }

    /// Everybody whom the source connects with the making of the work, in its
    /// order: from the column `makers`, or else the names in `author`.
    pub fn makers(&self) -> Vec<Maker> {
        match self.extra.get(MAKERS_COLUMN) {
            Some(makers) => makers.iter().map(Maker::parse).collect(),
            None => self.values("author").map(Maker::named).collect(),
        }
    }
}

/// The cell of `makers`; empty where `author` says it all.
pub(crate) fn makers_cell(makers: &[Maker]) -> String {
    let is_plain = |maker: &Maker| *maker == Maker::named(maker.name.as_str());
    match makers.iter().all(is_plain) {
        true => String::new(),
        false => joined(makers.iter().map(ToString::to_string)),
    }
}

/// The cell of `author`: the names of those makers that count as authors.
pub(crate) fn author_cell(makers: &[Maker], counts: impl Fn(&Maker) -> bool) -> String {
    let mut names: Vec<&str> = Vec::new();
    for maker in makers.iter().filter(|maker| counts(maker)) {
        if !names.contains(&maker.name.as_str()) {
            names.push(&maker.name);
        }
    }
    joined(names.into_iter().map(str::to_owned))
}

fn joined(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.collect();
    values.join(&VALUE_SEPARATOR.to_string())
}
