//! What tables of facts say about the people of a graph: where they were from, whom
//! they learnt from, what they belonged to.

mod matching;
mod table;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use crate::error::Result;
use crate::graph::{Edge, KnowledgeGraph};
use crate::schema::{Fact, FactsOf, Schema};
use matching::Match;

pub use table::{Facts, SkippedFact};

/// What became of tables of facts in a graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FactsReport {
    /// The people of the tables.
    pub people: usize,
    /// The nodes of the graph that are one of them.
    pub matched: usize,
    /// The nodes that nobody in the tables has the name of.
    pub unknown: usize,
    /// The nodes that several people may be, who got no facts.
    pub ambiguous: Vec<String>,
    /// The nodes whose works are from before or after the life of everybody of their
    /// name, who got no facts.
    pub contradicted: Vec<String>,
    /// The edges that were added, by relation.
    pub edges: BTreeMap<String, usize>,
    /// The nodes of people who made no work here.
    pub others: usize,
    /// The keys in relations that are of nobody in the tables.
    pub unresolved: Vec<String>,
}

impl KnowledgeGraph {
    /// Adds what `facts` say about the nodes of the kind that the schema's facts are
    /// about. No edge touches an artwork.
    ///
    /// # Errors
    /// More nodes, kinds or relations than a graph can have.
    pub fn add_facts(&mut self, schema: &Schema, facts: &Facts) -> Result<FactsReport> {
        let mut report = FactsReport {
            people: facts.len(),
            ..FactsReport::default()
        };
        let Some(about) = schema.facts_of() else {
            return Ok(report);
        };
        let matched = self.match_people(about, facts, &mut report);
        let mut added = Added {
            about,
            facts,
            nodes: HashMap::new(),
            edges: HashSet::new(),
        };
        for &(node, person) in &matched {
            added.nodes.entry(person).or_insert(node);
        }
        let mut unresolved = HashSet::new();
        for &(node, person) in &matched {
            self.set_life(node, facts.life(person));
            for (fact, value) in facts.said_of(person) {
                let fact = &schema.facts()[*fact];
                let others = self.node_count();
                let Some(other) = added.node(self, fact, value)? else {
                    if unresolved.insert(value) {
                        report.unresolved.push(value.clone());
                    }
                    continue;
                };
                let is_new = self.node_count() > others;
                report.others += usize::from(is_new && fact.to == about.kind);
                if added.join(self, fact, node, other)? {
                    *report.edges.entry(fact.relation.clone()).or_default() += 1;
                }
            }
        }
        self.set_facts(facts.tables().to_vec());
        Ok(report)
    }

    /// Which node is which person.
    fn match_people(
        &self,
        about: &FactsOf,
        facts: &Facts,
        report: &mut FactsReport,
    ) -> Vec<(u32, usize)> {
        let nodes = self.nodes();
        let Some(kind) = nodes.find_kind(&about.kind) else {
            return Vec::new();
        };
        let mut matched = Vec::new();
        for node in nodes.nodes().filter(|node| nodes.kind(*node) == kind) {
            let name = || nodes.name(node).to_owned();
            match Match::of(self, node, facts.people()) {
                Match::One(person) => matched.push((node, person)),
                Match::Nobody => report.unknown += 1,
                Match::Several => report.ambiguous.push(name()),
                Match::OfOtherTimes => report.contradicted.push(name()),
            }
        }
        report.matched = matched.len();
        matched
    }
}

/// What was added to a graph so far.
struct Added<'a> {
    about: &'a FactsOf,
    facts: &'a Facts,
    /// The nodes of people.
    nodes: HashMap<usize, u32>,
    edges: HashSet<(u32, u32, u16)>,
}

impl Added<'_> {
    /// The node of what a cell names; `None` where it is the key of nobody.
    fn node(
        &mut self,
        graph: &mut KnowledgeGraph,
        fact: &Fact,
        value: &str,
    ) -> Result<Option<u32>> {
        if fact.to != self.about.kind {
            let kind = graph.intern_kind(&fact.to)?;
            return graph.intern_node(kind, value).map(Some);
        }
        let person = self.facts.person(value);
        if let Some(node) = person.and_then(|person| self.nodes.get(&person)) {
            return Ok(Some(*node));
        }
        let name = match person {
            Some(person) => &self.facts.people().get(person).name,
            // An address or number of somebody is no name.
            None if table::is_key(value) => return Ok(None),
            None => value,
        };
        let kind = graph.intern_kind(&self.about.others)?;
        let node = graph.intern_node(kind, name)?;
        if let Some(person) = person {
            self.nodes.insert(person, node);
            graph.set_life(node, self.facts.life(person));
        }
        Ok(Some(node))
    }

    /// Adds an edge; `false` where it is there already, or leads to where it is from.
    fn join(
        &mut self,
        graph: &mut KnowledgeGraph,
        fact: &Fact,
        node: u32,
        other: u32,
    ) -> Result<bool> {
        let relation = graph.intern_relation(&fact.relation)?;
        let (source, target) = match fact.reversed {
            true => (other, node),
            false => (node, other),
        };
        if source == target || !self.edges.insert((source, target, relation)) {
            return Ok(false);
        }
        graph.add_edge(source, target, Edge { relation, count: 1 })?;
        Ok(true)
    }
}
