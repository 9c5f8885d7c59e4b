//! Which classes go together: in the edges of a knowledge graph, or, where there is
//! none, in the records of the corpus.

use std::collections::HashMap;
use std::path::Path;

use artkg_corpus::{Artwork, Corpus, Split};
use artkg_graph::{ARTWORK_KIND, KnowledgeGraph};
use artkg_model::CoOccurrence;
use artkg_vocabulary::Vocabulary;

use crate::error::{Error, Result};
use crate::expectations::expect;

/// How many training works have which classes together, by the edges of the graph of the
/// file `path`; what it knows of people stands beside the counts.
///
/// # Errors
/// The graph of another corpus or an older state of this one.
pub(crate) fn co_occurrence_of_graph(
    vocabularies: &[Vocabulary],
    corpus: &Corpus,
    (graph, path): (&KnowledgeGraph, &Path),
) -> Result<CoOccurrence> {
    let attributes_of = graph.attributes();
    let classes: Vec<Option<Classes>> = vocabularies
        .iter()
        .map(|vocabulary| Classes::of(graph, vocabulary))
        .collect();
    let (mut works, mut missing) = (Vec::new(), Vec::new());
    for work in corpus.split(Split::Train) {
        let Some(node) = graph.find(ARTWORK_KIND, &work.id) else {
            missing.push(work.id.as_str());
            continue;
        };
        let attributes = attributes_of(node);
        let class = |(vocabulary, classes): (&Vocabulary, &Option<Classes>)| match classes {
            Some(classes) => classes.first(graph, &attributes),
            // A task that is no kind of nodes.
            None => work.target(vocabulary),
        };
        works.push(vocabularies.iter().zip(&classes).map(class).collect());
    }
    if let Some(example) = missing.first() {
        return Err(Error::GraphLacksWorks {
            graph: path.to_path_buf(),
            missing: missing.len(),
            example: (*example).to_owned(),
        });
    }
    let sizes = vocabularies.iter().map(Vocabulary::len).collect();
    let mut counts = CoOccurrence::of(sizes, works.into_iter());
    expect(&mut counts, vocabularies, graph);
    Ok(counts)
}

/// How many training works of `corpus` have which classes together.
pub(crate) fn co_occurrence(vocabularies: &[Vocabulary], corpus: &Corpus) -> CoOccurrence {
    let classes = vocabularies.iter().map(Vocabulary::len).collect();
    let works = corpus.split(Split::Train).map(|work: &Artwork| {
        let class = |vocabulary: &Vocabulary| work.target(vocabulary);
        vocabularies.iter().map(class).collect()
    });
    CoOccurrence::of(classes, works)
}

/// The classes of a task as nodes of a graph.
struct Classes {
    kind: u16,
    of_node: HashMap<u32, usize>,
}

impl Classes {
    /// `None` where the graph has no nodes of the task's name.
    fn of(graph: &KnowledgeGraph, vocabulary: &Vocabulary) -> Option<Self> {
        let name = vocabulary.attribute.name();
        let kind = graph.nodes().find_kind(name)?;
        let classes = vocabulary.classes.iter().enumerate().skip(1);
        let of_node = classes.filter_map(|(class, value)| Some((graph.find(name, value)?, class)));
        Some(Self {
            kind,
            of_node: of_node.collect(),
        })
    }

    /// The class of a work, which is that of the first of its values; a value that is no
    /// class is of the unknown one.
    fn first(&self, graph: &KnowledgeGraph, attributes: &[u32]) -> Option<usize> {
        let mut nodes = attributes.iter();
        let node = nodes.find(|node| graph.nodes().kind(**node) == self.kind)?;
        Some(self.of_node.get(node).copied().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests;
