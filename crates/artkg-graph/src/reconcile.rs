//! Identities of nodes from a table of an authority file.

mod authority;
mod merge;
mod unsure;

use std::collections::BTreeMap;

use artkg_corpus::Identity;

use crate::error::Result;
use crate::graph::KnowledgeGraph;
use crate::people::Person;
use crate::people::evidence::{Evidence, Verdict};

pub use authority::Authority;
pub use unsure::{Answers, Reason, Unsure, is_unsure_table, write_unsure};

/// A graph whose nodes were compared with an authority file.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    /// The graph with the identities that are sure.
    pub graph: KnowledgeGraph,
    /// The nodes that got identities.
    pub matched: usize,
    /// The nodes that had them already.
    pub known: usize,
    /// The nodes that turned out to be other spellings and are no nodes any more.
    pub merged: usize,
    /// The nodes that the authority file knows nobody for.
    pub unknown: usize,
    /// What a person has to decide: a node's candidates stand together.
    pub unsure: Vec<Unsure>,
}

impl KnowledgeGraph {
    /// Gives the nodes of a kind the identities of an authority file's entries that
    /// have their name, where dates and nationality agree as far as they are known
    /// and at least one of them does. What `answers` says goes before.
    ///
    /// # Errors
    /// An unknown kind, an answer about a node that is not there.
    pub fn reconcile(
        mut self,
        kind: &str,
        authority: &Authority,
        answers: &Answers,
    ) -> Result<Reconciliation> {
        let kind = self.nodes().resolve_kind(kind)?;
        let of_kind = |node: &u32| self.nodes().kind(*node) == kind;
        let nodes: Vec<u32> = self.nodes().nodes().filter(of_kind).collect();
        answers.check(&self, kind)?;
        let mut found: BTreeMap<u32, &Person> = BTreeMap::new();
        let (mut known, mut unknown, mut unsure) = (0, 0, Vec::new());
        for node in nodes {
            match self.decide(node, authority, answers) {
                Decision::Sure(entry) => {
                    found.insert(node, entry);
                }
                Decision::Known => known += 1,
                Decision::Unknown => unknown += 1,
                Decision::Unsure(candidates) => unsure.extend(candidates),
            }
        }
        let matched = found.len();
        // Every node that is one thing, by what the thing is.
        let mut things: BTreeMap<&Identity, Vec<u32>> = BTreeMap::new();
        for (node, entry) in &found {
            for identity in &entry.identities {
                things.entry(identity).or_default().push(*node);
            }
        }
        let mut same = Vec::new();
        for (identity, mut nodes) in things {
            let bearers = self.identities().iter();
            let bearers = bearers.filter(|(node, known)| {
                self.nodes().kind(*node) == kind && known.identities.contains(identity)
            });
            nodes.extend(bearers.map(|(node, _)| node));
            nodes.sort_unstable();
            nodes.dedup();
            same.push(nodes);
        }
        for (node, entry) in &found {
            self.identify(*node, entry.identities.clone(), Vec::new());
        }
        let before = self.node_count();
        let graph = merge::merged(&self, &same)?;
        Ok(Reconciliation {
            matched,
            known,
            merged: before - graph.node_count(),
            unknown,
            unsure,
            graph,
        })
    }

    fn decide<'a>(&self, node: u32, authority: &'a Authority, answers: &Answers) -> Decision<'a> {
        let mut spellings = vec![self.nodes().name(node)];
        let known = self.identities().of(node);
        if let Some(known) = known {
            spellings.extend(known.aliases.iter().map(String::as_str));
        }
        let mut candidates = authority.named(spellings);
        let name = self.nodes().name(node);
        if let Some(entry) = candidates
            .iter()
            .find(|entry| answers.is(name, entry, true))
        {
            return Decision::Sure(entry);
        }
        candidates.retain(|entry| !answers.is(name, entry, false));
        if candidates.is_empty() {
            return Decision::Unknown;
        }
        let own = known.map_or(&[][..], |known| &known.identities);
        let is_own = |entry: &&Person| entry.identities.iter().any(|one| own.contains(one));
        if candidates.iter().any(is_own) {
            return Decision::Known;
        }
        let evidence = Evidence::of(self, node);
        let verdicts: Vec<(Verdict, Verdict)> = candidates
            .iter()
            .map(|entry| (evidence.dates(entry), evidence.nationality(entry)))
            .collect();
        let contradicts = |entry: &Person| {
            let mut theirs = entry.identities.iter();
            theirs.any(|one| own.iter().any(|other| one.shares_authority(other)))
        };
        let may_be = |(dates, nationality): &(Verdict, Verdict)| {
            *dates != Verdict::Against && *nationality != Verdict::Against
        };
        let speaks_for = |(dates, nationality): &(Verdict, Verdict)| {
            *dates == Verdict::For || *nationality == Verdict::For
        };
        let possible = verdicts.iter().filter(|verdict| may_be(verdict)).count();
        let mut sure = candidates
            .iter()
            .copied()
            .zip(&verdicts)
            .filter(|(entry, verdict)| {
                possible == 1 && may_be(verdict) && speaks_for(verdict) && !contradicts(entry)
            });
        if let Some((entry, _)) = sure.next() {
            return Decision::Sure(entry);
        }
        let unsure = candidates.iter().zip(&verdicts).map(|(entry, verdict)| {
            let reason = match *verdict {
                _ if contradicts(entry) => Reason::OtherNumber,
                (Verdict::Against, _) => Reason::Dates,
                (_, Verdict::Against) => Reason::Nationality,
                _ if possible > 1 => Reason::Several,
                _ => Reason::NameOnly,
            };
            Unsure::new(self, node, &evidence, entry, reason)
        });
        Decision::Unsure(unsure.collect())
    }
}

/// What is known of a node after looking at its candidates.
enum Decision<'a> {
    Sure(&'a Person),
    Known,
    Unknown,
    Unsure(Vec<Unsure>),
}
