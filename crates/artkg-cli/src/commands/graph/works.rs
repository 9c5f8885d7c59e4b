use std::collections::HashMap;
use std::path::Path;

use artkg_corpus::{Artwork, Corpus};
use artkg_graph::{ARTWORK_KIND, NodeTable, Provenance, may_mean};

/// What the corpus beside a graph says of the works that the graph knows by their ids.
pub(super) struct Works {
    artworks: Vec<Artwork>,
    by_id: HashMap<String, usize>,
    /// The splits whose works the graph has.
    splits: Vec<String>,
}

impl Works {
    /// Those of the corpus in whose folder `file` lies, if the graph was built of it; else
    /// none, and ids stand alone.
    pub(super) fn beside(file: &Path, graph: &Provenance) -> Self {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let corpus = Corpus::open(folder).ok();
        let corpus = corpus.filter(|corpus| corpus.description.name == graph.corpus);
        let artworks = corpus.map_or_else(Vec::new, |corpus| corpus.artworks);
        let ids = artworks.iter().enumerate();
        Self {
            by_id: ids.map(|(place, work)| (work.id.clone(), place)).collect(),
            splits: graph.splits.clone(),
            artworks,
        }
    }

    /// The title of a node that is a work.
    pub(super) fn title(&self, nodes: &NodeTable, node: u32) -> Option<&str> {
        if nodes.kind_name(node) != ARTWORK_KIND {
            return None;
        }
        let place = *self.by_id.get(nodes.name(node))?;
        self.artworks[place].cell("title")
    }

    /// A node as `kind:name`, works with their titles.
    pub(super) fn label(&self, nodes: &NodeTable, node: u32) -> String {
        match self.title(nodes, node) {
            Some(title) => format!("{}  {title}", nodes.label(node)),
            None => nodes.label(node),
        }
    }

    /// Where in the corpus a name is that the graph lacks: in works of splits that the
    /// graph leaves out.
    pub(super) fn elsewhere(&self, name: &str) -> Option<String> {
        let bare = name.split_once(':').map_or(name, |(_, bare)| bare);
        let is_left_out = |work: &&Artwork| {
            let split = work
                .split
                .map_or_else(|| "none".to_owned(), |split| split.to_string());
            !self.splits.contains(&split)
        };
        let has_it = |work: &&Artwork| {
            ["id", "title", "author", "school", "type", "timeframe"]
                .into_iter()
                .filter_map(|column| work.cell(column))
                .any(|cell| may_mean(bare, cell))
        };
        let found = self.artworks.iter().filter(is_left_out).find(has_it)?;
        let split = found.split.map_or("none", |split| split.name());
        Some(format!(
            "the corpus has `{bare}` only in works that are not in this graph, such as {} of the \
             split {split}: it holds those of {}",
            found.id,
            self.splits.join(", ")
        ))
    }
}
