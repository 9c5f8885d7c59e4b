//! What a graph says of the life of somebody: when and where their works are from.

use std::collections::BTreeSet;

use artkg_corpus::is_timeframe;

use super::Person;
use super::name::folded;
use crate::graph::{KnowledgeGraph, is_qualified};

/// The most years that somebody lives.
const LONGEST_LIFE: i32 = 100;

/// What speaks for or against a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    For,
    /// One of the two sides says nothing.
    Unknown,
    Against,
}

/// What a graph knows of a node through its works.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) works: usize,
    /// The 50-year timeframes of its works.
    pub(crate) timeframes: BTreeSet<String>,
    /// The schools of its works.
    pub(crate) schools: BTreeSet<String>,
}

impl Evidence {
    /// Looks at the works that a node is joined to, but not as their qualified maker:
    /// what was made after somebody says little of their life.
    pub(crate) fn of(graph: &KnowledgeGraph, node: u32) -> Self {
        let nodes = graph.nodes();
        let mut evidence = Self::default();
        for edge in graph.edges_of(node) {
            if edge.target != node || is_qualified(edge.relation) {
                continue;
            }
            evidence.works += 1;
            for of_work in graph.neighbours(edge.source) {
                let name = nodes.name(of_work);
                if is_timeframe(name) {
                    evidence.timeframes.insert(name.to_owned());
                } else if nodes.kind_name(of_work) == "school" {
                    evidence.schools.insert(name.to_owned());
                }
            }
        }
        evidence
    }

    /// Whether the works are from the person's lifetime.
    pub(crate) fn dates(&self, person: &Person) -> Verdict {
        let (from, to) = match (person.birth, person.death) {
            (None, None) => return Verdict::Unknown,
            (birth, death) => {
                let from = birth.or(death.map(|death| death - LONGEST_LIFE));
                let to = death.or(birth.map(|birth| birth + LONGEST_LIFE));
                (from.unwrap_or(i32::MIN), to.unwrap_or(i32::MAX))
            }
        };
        let lies_within = |timeframe: &String| {
            let (first, last) = timeframe.split_once('-').unwrap_or_default();
            let year = |text: &str, other| text.parse().unwrap_or(other);
            year(first, i32::MAX) <= to && year(last, i32::MIN) >= from
        };
        match self.timeframes.is_empty() {
            true => Verdict::Unknown,
            false if self.timeframes.iter().all(lies_within) => Verdict::For,
            false => Verdict::Against,
        }
    }

    /// Whether the person's nationality is among the schools of the works.
    pub(crate) fn nationality(&self, person: &Person) -> Verdict {
        if self.schools.is_empty() || person.nationalities.is_empty() {
            return Verdict::Unknown;
        }
        let schools: Vec<String> = self.schools.iter().map(|school| folded(school)).collect();
        let agrees = |nationality: &String| {
            let nationality = folded(nationality);
            schools.iter().any(|school| {
                let words = || school.split(' ');
                *school == nationality
                    || words().any(|word| word == nationality)
                    || nationality.split(' ').any(|word| word == school)
            })
        };
        match person.nationalities.iter().any(agrees) {
            true => Verdict::For,
            false => Verdict::Against,
        }
    }
}
