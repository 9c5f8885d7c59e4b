use artkg_corpus::{Identity, Qualifier};
use petgraph::Directed;
use petgraph::graph::{Graph, NodeIndex};
use petgraph::visit::EdgeRef;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::identities::{Identities, Life};
use crate::node_table::NodeTable;

/// Where a graph comes from; stored in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of artkg that built the graph.
    pub artkg_version: String,
    /// The corpus' name.
    pub corpus: String,
    /// Whether the corpus is a generated one.
    pub synthetic: bool,
    /// The splits whose artworks entered the graph: `train`, `val`, `test`, `none`.
    pub splits: Vec<String>,
    /// How many artworks entered the graph.
    pub artworks: usize,
    /// How many artworks of the corpus were left out.
    pub left_out: usize,
    /// The checksum of the schema's text.
    pub schema_checksum: String,
    /// What the reader of any result should know, such as label leakage.
    pub warnings: Vec<String>,
    /// The tables of facts beside the works: file name and checksum of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<FactsTable>,
}

/// A table of facts that entered a graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsTable {
    /// The file's name.
    pub file: String,
    /// The checksum of its text.
    pub checksum: String,
}

/// What an edge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    /// The number of the relation.
    pub(crate) relation: u16,
    /// In how many artworks the pair was seen; 1 for an artwork's own edges.
    pub(crate) count: u32,
}

/// An edge as queries and exports see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeView<'a> {
    /// The node it starts from.
    pub source: u32,
    /// The node it leads to.
    pub target: u32,
    /// The relation's name.
    pub relation: &'a str,
    /// In how many artworks the pair was seen; 1 for an artwork's own edges.
    pub count: u32,
}

/// Whether a relation is that of a qualified maker: `attributed_to`.
pub(crate) fn is_qualified(relation: &str) -> bool {
    Qualifier::named(&relation.replace('_', " ")).is_some()
}

/// Artworks, their attributes and the relations between them.
///
/// Edges have a direction (an artwork is `created_by` an author) which queries
/// and random walks ignore. Nodes are numbered from 0 in the order in which they
/// were added; names and kinds are in [`KnowledgeGraph::nodes`].
#[derive(Clone, Debug)]
pub struct KnowledgeGraph {
    nodes: NodeTable,
    relations: Vec<String>,
    graph: Graph<(), Edge, Directed, u32>,
    provenance: Provenance,
    identities: Identities,
}

impl KnowledgeGraph {
    /// A graph without nodes.
    pub fn new(provenance: Provenance) -> Self {
        Self {
            nodes: NodeTable::new(),
            relations: Vec::new(),
            graph: Graph::default(),
            provenance,
            identities: Identities::default(),
        }
    }

    /// The nodes' kinds and names.
    pub fn nodes(&self) -> &NodeTable {
        &self.nodes
    }

    /// The names of the relations; a relation's number is its position.
    pub fn relations(&self) -> &[String] {
        &self.relations
    }

    /// Where the graph comes from.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The number of nodes.
    pub fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// The number of edges.
    pub fn edge_count(&self) -> usize {
        self.graph.edge_count()
    }

    /// The underlying petgraph; a node's index is its number.
    pub(crate) fn petgraph(&self) -> &Graph<(), Edge, Directed, u32> {
        &self.graph
    }

    /// The node of exactly that kind and name, or else the one that is spelled so,
    /// too.
    pub fn find(&self, kind: &str, name: &str) -> Option<u32> {
        let kind = self.nodes.find_kind(kind)?;
        let named = self.nodes.find(kind, name);
        named.or_else(|| self.identities.find_alias(kind, name))
    }

    /// The nodes whose identities or other spellings are known.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// Adds identities and other spellings to a node.
    pub(crate) fn identify(&mut self, node: u32, identities: Vec<Identity>, aliases: Vec<String>) {
        let kind = self.nodes.kind(node);
        self.identities.add(node, kind, identities, aliases);
    }

    /// Says when the person of a node lived.
    pub(crate) fn set_life(&mut self, node: u32, life: Option<Life>) {
        self.identities.set_life(node, life);
    }

    /// All edges in the order in which they were added.
    pub fn edges(&self) -> impl ExactSizeIterator<Item = EdgeView<'_>> {
        self.graph.raw_edges().iter().map(|edge| EdgeView {
            source: edge.source().index() as u32,
            target: edge.target().index() as u32,
            relation: &self.relations[usize::from(edge.weight.relation)],
            count: edge.weight.count,
        })
    }

    /// The edges that start from or lead to a node.
    pub fn edges_of(&self, node: u32) -> impl Iterator<Item = EdgeView<'_>> {
        let index = NodeIndex::new(node as usize);
        self.graph
            .edges_directed(index, petgraph::Outgoing)
            .chain(self.graph.edges_directed(index, petgraph::Incoming))
            .map(|edge| EdgeView {
                source: edge.source().index() as u32,
                target: edge.target().index() as u32,
                relation: &self.relations[usize::from(edge.weight().relation)],
                count: edge.weight().count,
            })
    }

    /// For a work what its own edges lead to, in the order in which they were added; what
    /// qualified makers it has is left out, as they did not make it.
    pub fn attributes(&self) -> impl Fn(u32) -> Vec<u32> + '_ {
        let relations = self.relations.iter();
        let is_own: Vec<bool> = relations.map(|name| !is_qualified(name)).collect();
        move |work| {
            let work = NodeIndex::new(work as usize);
            let edges = self.graph.edges_directed(work, petgraph::Outgoing);
            let own = edges.filter(|edge| is_own[usize::from(edge.weight().relation)]);
            let mut own: Vec<_> = own.map(|edge| (edge.id(), edge.target())).collect();
            own.sort_unstable();
            own.iter().map(|(_, node)| node.index() as u32).collect()
        }
    }

    /// The kinds of what works' own edges lead to, in ascending order.
    pub fn attribute_kinds(&self) -> Vec<u16> {
        let is_work = |node: NodeIndex<u32>| {
            self.nodes.kind_name(node.index() as u32) == crate::schema::ARTWORK_KIND
        };
        let edges = self.graph.raw_edges().iter();
        let edges = edges.filter(|edge| is_work(edge.source()));
        let mut kinds: Vec<u16> = edges
            .map(|edge| self.nodes.kind(edge.target().index() as u32))
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The numbers of a node's neighbours, whichever way the edges point.
    pub fn neighbours(&self, node: u32) -> impl Iterator<Item = u32> {
        self.graph
            .neighbors_undirected(NodeIndex::new(node as usize))
            .map(|neighbour| neighbour.index() as u32)
    }

    /// The number of the kind called `name`, adding it where it is new.
    pub(crate) fn intern_kind(&mut self, name: &str) -> Result<u16> {
        self.nodes.intern_kind(name)
    }

    /// The number of the relation called `name`, adding it where it is new.
    pub(crate) fn intern_relation(&mut self, name: &str) -> Result<u16> {
        if let Some(position) = self.relations.iter().position(|known| known == name) {
            return Ok(position as u16);
        }
        let number = u16::try_from(self.relations.len()).map_err(|_| Error::TooMany {
            what: "relations",
            limit: u64::from(u16::MAX),
        })?;
        self.relations.push(name.to_owned());
        Ok(number)
    }

    /// Makes room for this many more nodes.
    pub(crate) fn reserve_nodes(&mut self, nodes: usize) {
        self.nodes.reserve(nodes, 0);
        self.graph.reserve_nodes(nodes);
    }

    /// The node of that kind and name, adding it where it is new.
    pub(crate) fn intern_node(&mut self, kind: u16, name: &str) -> Result<u32> {
        let node = self.nodes.insert(kind, name)?;
        if node as usize == self.graph.node_count() {
            self.graph.add_node(());
        }
        Ok(node)
    }

    /// Adds an edge and returns its number; the caller keeps edges distinct.
    pub(crate) fn add_edge(&mut self, source: u32, target: u32, edge: Edge) -> Result<u32> {
        let added = self
            .graph
            .try_add_edge(
                NodeIndex::new(source as usize),
                NodeIndex::new(target as usize),
                edge,
            )
            .map_err(|_| Error::TooMany {
                what: "edges",
                limit: u64::from(u32::MAX - 1),
            })?;
        Ok(added.index() as u32)
    }

    /// Counts one more artwork for an edge.
    pub(crate) fn count_edge(&mut self, edge: u32) {
        let index = petgraph::graph::EdgeIndex::new(edge as usize);
        if let Some(weight) = self.graph.edge_weight_mut(index) {
            weight.count = weight.count.saturating_add(1);
        }
    }

    /// Names the tables of facts that entered the graph.
    pub(crate) fn set_facts(&mut self, tables: Vec<FactsTable>) {
        self.provenance.facts = tables;
    }

    /// Adds to what the user should know.
    pub(crate) fn add_warnings(&mut self, warnings: Vec<String>) {
        self.provenance.warnings.extend(warnings);
    }

    /// The graph with all its nodes but only those edges whose place among all
    /// edges is kept.
    pub(crate) fn keep_edges(&self, is_kept: impl Fn(usize) -> bool) -> Self {
        let graph = self.graph.filter_map(
            |_, ()| Some(()),
            |edge, weight| is_kept(edge.index()).then_some(*weight),
        );
        Self {
            nodes: self.nodes.clone(),
            relations: self.relations.clone(),
            graph,
            provenance: self.provenance.clone(),
            identities: self.identities.clone(),
        }
    }

    /// Puts a graph together from the parts that files store.
    pub(crate) fn from_parts(
        nodes: NodeTable,
        relations: Vec<String>,
        provenance: Provenance,
        edges: impl ExactSizeIterator<Item = (u32, u32, Edge)>,
    ) -> std::result::Result<Self, String> {
        let mut graph = Graph::with_capacity(nodes.len(), edges.len());
        for _ in nodes.nodes() {
            graph.add_node(());
        }
        for (number, (source, target, edge)) in edges.enumerate() {
            if source.max(target) as usize >= nodes.len() {
                return Err(format!("edge {number} joins nodes that do not exist"));
            }
            if usize::from(edge.relation) >= relations.len() {
                return Err(format!("edge {number} has an unknown relation"));
            }
            graph.add_edge(
                NodeIndex::new(source as usize),
                NodeIndex::new(target as usize),
                edge,
            );
        }
        Ok(Self {
            nodes,
            relations,
            graph,
            provenance,
            identities: Identities::default(),
        })
    }
}
