//! Whether anything of works that are kept aside is in a graph.

use std::collections::BTreeMap;

use artkg_corpus::{Corpus, Split};
use hashbrown::{HashMap, HashSet};
use serde::Serialize;

use crate::build::BuildOptions;
use crate::embeddings::Embeddings;
use crate::error::Result;
use crate::graph::KnowledgeGraph;
use crate::schema::Schema;

/// What an audit of a graph found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GraphAudit {
    /// The works of the graph that are training works of the corpus.
    pub training_works: usize,
    /// The works of the graph that are in another split, or in none.
    pub kept_aside: Vec<String>,
    /// The works of the graph that the corpus does not have.
    pub foreign: Vec<String>,
    /// Edges about works that the training works do not give, or not as often.
    pub unexplained: Vec<String>,
    /// The edges about works that the training works give.
    pub explained: usize,
    /// Edges that the training works give and the graph lacks.
    pub lacking: usize,
    /// Edges of facts about people, none of which touches a work.
    pub facts: usize,
}

impl GraphAudit {
    /// Whether the graph holds nothing but what training works and tables of facts say.
    pub fn is_clean(&self) -> bool {
        self.kept_aside.is_empty() && self.foreign.is_empty() && self.unexplained.is_empty()
    }
}

impl KnowledgeGraph {
    /// Builds the graph of the training works of `corpus` anew and compares every node
    /// and edge of this one with it. What leads from a person to a kind of facts is the
    /// tables' own.
    ///
    /// # Errors
    /// A corpus without training works.
    pub fn audit(&self, corpus: &Corpus, schema: &Schema) -> Result<GraphAudit> {
        let mut audit = GraphAudit::default();
        let splits: HashMap<&str, Option<Split>> = corpus
            .artworks
            .iter()
            .map(|work| (work.id.as_str(), work.split))
            .collect();
        let nodes = self.nodes();
        let is_work = |node: u32| nodes.kind_name(node) == schema.artwork_kind();
        for work in nodes.nodes().filter(|node| is_work(*node)) {
            let id = nodes.name(work);
            match splits.get(id) {
                Some(Some(Split::Train)) => audit.training_works += 1,
                Some(_) => audit.kept_aside.push(id.to_owned()),
                None => audit.foreign.push(id.to_owned()),
            }
        }
        let mut given = self.given_by(&Self::build(corpus, schema, &BuildOptions::default())?);
        let is_fact = |relation: &str| schema.facts().iter().any(|one| one.relation == relation);
        for edge in self.edges() {
            if is_fact(edge.relation) && !is_work(edge.source) && !is_work(edge.target) {
                audit.facts += 1;
                continue;
            }
            let place = (
                Some(edge.source),
                edge.relation.to_owned(),
                Some(edge.target),
            );
            match given.remove(&place) {
                // Nodes that became one may have the same edge twice.
                Some(count) if count >= edge.count => audit.explained += 1,
                _ => audit.unexplained.push(format!(
                    "{} {} {} ({})",
                    nodes.label(edge.source),
                    edge.relation,
                    nodes.label(edge.target),
                    edge.count
                )),
            }
        }
        audit.lacking = given.len();
        Ok(audit)
    }

    /// The edges of another graph between the nodes of this one, which may spell them
    /// otherwise, with how often they were counted.
    fn given_by(&self, other: &Self) -> BTreeMap<(Option<u32>, String, Option<u32>), u32> {
        let own = |node| self.find(other.nodes().kind_name(node), other.nodes().name(node));
        let own: Vec<Option<u32>> = other.nodes().nodes().map(own).collect();
        let mut given = BTreeMap::new();
        for edge in other.edges() {
            let ends = (own[edge.source as usize], own[edge.target as usize]);
            *given
                .entry((ends.0, edge.relation.to_owned(), ends.1))
                .or_default() += edge.count;
        }
        given
    }
}

impl Embeddings {
    /// The works of a corpus that have a vector although they are no training works.
    pub fn kept_aside(&self, corpus: &Corpus, schema: &Schema) -> Vec<String> {
        let is_work = |(kind, _): &(&str, &str)| *kind == schema.artwork_kind();
        let works: HashSet<&str> = self.keys().filter(is_work).map(|(_, name)| name).collect();
        let aside = corpus.artworks.iter();
        let aside = aside.filter(|work| work.split != Some(Split::Train));
        let aside = aside.filter(|work| works.contains(work.id.as_str()));
        aside.map(|work| work.id.clone()).collect()
    }
}
