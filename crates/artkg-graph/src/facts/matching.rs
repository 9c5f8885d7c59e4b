use crate::graph::KnowledgeGraph;
use crate::people::People;
use crate::people::evidence::{Evidence, Verdict};

/// Whom a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// Somebody, by their place.
    One(usize),
    /// Nobody has the name.
    Nobody,
    /// More than one fits.
    Several,
    /// The works are from before or after the life of everybody of the name.
    OfOtherTimes,
}

impl Match {
    /// Whom among `people` a node stands for: who has its identity, or else its name
    /// and a life in which its works can have been made. Where several have, their
    /// nationality decides.
    pub(super) fn of(graph: &KnowledgeGraph, node: u32, people: &People) -> Self {
        let known = graph.identities().of(node);
        let aliases = known.map_or(&[][..], |known| &known.aliases);
        let names = std::iter::once(graph.nodes().name(node));
        let named = people.named(names.chain(aliases.iter().map(String::as_str)));
        let own = known.map_or(&[][..], |known| &known.identities);
        let is_own = |place: &&usize| {
            let mut theirs = people.get(**place).identities.iter();
            theirs.any(|one| own.contains(one))
        };
        if let Some(place) = named.iter().find(is_own) {
            return Self::One(*place);
        }
        if named.is_empty() {
            return Self::Nobody;
        }
        let evidence = Evidence::of(graph, node);
        let lived = |place: &usize| evidence.dates(people.get(*place)) != Verdict::Against;
        let possible: Vec<usize> = named.into_iter().filter(lived).collect();
        match possible[..] {
            [] => return Self::OfOtherTimes,
            [place] => return Self::One(place),
            _ => {}
        }
        let agrees = |place: &usize| evidence.nationality(people.get(*place)) == Verdict::For;
        let agreeing: Vec<usize> = possible.into_iter().filter(agrees).collect();
        match agreeing[..] {
            [place] => Self::One(place),
            _ => Self::Several,
        }
    }
}
