use artkg_graph::{ARTWORK_KIND, KnowledgeGraph, Step};
use artkg_vocabulary::{Attribute, UNKNOWN};
use serde::Serialize;

use crate::explainer::TagExplanation;

/// Works that a tie names at most.
const NAMED: usize = 3;

/// How two tags are joined in the knowledge graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tie {
    /// Where the path starts.
    pub from: TieNode,
    /// The steps of a shortest path; none where there is no path.
    pub steps: Vec<TieStep>,
    /// Where it is to end.
    pub to: TieNode,
    /// How many works have both tags.
    pub works: usize,
    /// Some of them.
    pub examples: Vec<String>,
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TieNode {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TieStep {
    /// The relation's name.
    pub relation: String,
    /// Whether the edge points the way that the step goes.
    pub forward: bool,
    /// Where the step leads.
    pub to: TieNode,
}

/// The paths that tie a model's tags together: from the author, or the first tag
/// without one, to each of the others but the type, which all painters share. Tags
/// that are unknown, or have no node, are left out.
pub fn ties(graph: &KnowledgeGraph, tags: &[TagExplanation]) -> Vec<Tie> {
    let node = |tag: &&TagExplanation| {
        (tag.class != UNKNOWN).then(|| graph.find(tag.task.name(), &tag.class))?
    };
    let mut told: Vec<&TagExplanation> = tags.iter().collect();
    told.retain(|tag| tag.task != Attribute::TYPE);
    told.sort_by_key(|tag| (tag.task != Attribute::AUTHOR, tag.task));
    let nodes: Vec<u32> = told.iter().filter_map(node).collect();
    let Some((anchor, others)) = nodes.split_first() else {
        return Vec::new();
    };
    others
        .iter()
        .map(|other| tie(graph, *anchor, *other))
        .collect()
}

fn tie(graph: &KnowledgeGraph, from: u32, to: u32) -> Tie {
    let named = |node: u32| TieNode {
        kind: graph.nodes().kind_name(node).to_owned(),
        name: graph.nodes().name(node).to_owned(),
    };
    let step = |step: &Step<'_>| TieStep {
        relation: step.relation.to_owned(),
        forward: step.forward,
        to: named(step.to),
    };
    let path = graph.shortest_path(from, to).unwrap_or_default();
    let works_of = |node: u32| -> Vec<u32> {
        let is_work = |other: &u32| graph.nodes().kind_name(*other) == ARTWORK_KIND;
        let mut works: Vec<u32> = graph.neighbours(node).filter(is_work).collect();
        works.sort_unstable();
        works.dedup();
        works
    };
    let others = works_of(to);
    let mut shared = works_of(from);
    shared.retain(|work| others.binary_search(work).is_ok());
    Tie {
        from: named(from),
        steps: path.iter().map(step).collect(),
        to: named(to),
        works: shared.len(),
        examples: shared
            .iter()
            .take(NAMED)
            .map(|work| named(*work).name)
            .collect(),
    }
}

impl Tie {
    /// The tie in words.
    pub fn sentence(&self) -> String {
        let (from, to) = (&self.from.name, &self.to.name);
        if self.works > 0 {
            let of = match self.works {
                1 => "One work in the graph is".to_owned(),
                works => format!("{works} works in the graph are"),
            };
            return format!(
                "{of} of {from} and of {to}, such as {}.",
                self.examples.join(", ")
            );
        }
        match self.steps.is_empty() {
            true => format!("Nothing in the graph joins {from} and {to}."),
            false => format!(
                "No work in the graph is of {from} and of {to}; the shortest way between them has {} \
                 steps.",
                self.steps.len()
            ),
        }
    }
}

impl TieStep {
    /// An arrow with the relation's name on it.
    pub fn arrow(&self) -> String {
        match self.forward {
            true => format!("—{}→", self.relation),
            false => format!("←{}—", self.relation),
        }
    }
}
