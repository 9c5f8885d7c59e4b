//! Whether anything of works that are kept aside is in a model.

use std::path::Path;

use artkg_corpus::Corpus;
use artkg_graph::KnowledgeGraph;
use artkg_model::ModelDescription;
use artkg_vocabulary::Attribute;
use serde::Serialize;

use crate::co_occurrence::{co_occurrence, co_occurrence_of_graph};
use crate::error::Result;
use crate::targets::vocabularies;

/// What an audit of a model found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ModelAudit {
    /// The attributes whose classes are not those that the training works give.
    pub other_classes: Vec<Attribute>,
    /// Whether what the model says of tags that go together is what the training works,
    /// or the edges of the graph, give; `None` where it says nothing.
    pub same_co_occurrence: Option<bool>,
}

impl ModelAudit {
    /// Whether the model knows nothing of the corpus but its training works.
    pub fn is_clean(&self) -> bool {
        self.other_classes.is_empty() && self.same_co_occurrence != Some(false)
    }
}

/// Counts classes and what goes together anew among the training works of `corpus`, and
/// in the edges of `graph`, given with its file, where the model learnt from one, and
/// compares the model's.
///
/// # Errors
/// A corpus without the model's columns, or a graph without its training works.
pub fn audit_model(
    model: &ModelDescription,
    corpus: &Corpus,
    graph: (&KnowledgeGraph, &Path),
) -> Result<ModelAudit> {
    let mut audit = ModelAudit::default();
    for known in &model.vocabularies {
        let counted = vocabularies(corpus, &[known.attribute], known.minimum_count)?;
        if counted.first() != Some(known) {
            audit.other_classes.push(known.attribute);
        }
    }
    let Some(joint) = &model.joint else {
        return Ok(audit);
    };
    let mut same = *joint.counts() == co_occurrence(&model.vocabularies, corpus);
    if !same {
        let counts = co_occurrence_of_graph(&model.vocabularies, corpus, graph)?;
        same = *joint.counts() == counts;
    }
    audit.same_co_occurrence = Some(same);
    Ok(audit)
}
