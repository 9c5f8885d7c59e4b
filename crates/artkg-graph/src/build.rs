mod extracted;

use artkg_corpus::{Artwork, Corpus, FurtherColumns, Split};
use hashbrown::HashMap;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::extract::naming::Naming;
use crate::graph::{Edge, KnowledgeGraph, Provenance};
use crate::schema::{AttributeNode, Schema};
use extracted::{Extracted, NO_NODE, RUN, relations};

/// Which artworks enter a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildOptions {
    /// The splits to take; training artworks only by default.
    pub splits: Vec<Split>,
    /// Whether artworks without a split are taken too.
    pub unsplit: bool,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self {
            splits: vec![Split::Train],
            unsplit: false,
        }
    }
}

impl BuildOptions {
    /// Whether an artwork is taken.
    pub fn takes(&self, artwork: &Artwork) -> bool {
        match artwork.split {
            Some(split) => self.splits.contains(&split),
            None => self.unsplit,
        }
    }

    /// The splits as people write them: `train`, `val`, `test`, `none`.
    pub(crate) fn names(&self) -> Vec<String> {
        let splits = Split::ALL
            .iter()
            .filter(|split| self.splits.contains(split));
        let mut names: Vec<String> = splits.map(|split| split.name().to_owned()).collect();
        if self.unsplit {
            names.push("none".to_owned());
        }
        names
    }
}

impl KnowledgeGraph {
    /// Builds the graph of a corpus.
    ///
    /// What the user should know of (label leakage, columns that gave nothing)
    /// is in the result's [`Provenance::warnings`].
    ///
    /// # Errors
    /// No artwork has one of the splits asked for, two artworks have one id, or
    /// there are more nodes or edges than 32 bits count.
    pub fn build(corpus: &Corpus, schema: &Schema, options: &BuildOptions) -> Result<Self> {
        let chosen: Vec<&Artwork> = corpus
            .artworks
            .iter()
            .filter(|artwork| options.takes(artwork))
            .collect();
        if chosen.is_empty() {
            return Err(nothing_chosen(corpus, options));
        }
        let mut builder = Builder::new(corpus, schema, options, &chosen)?;
        for (index, artwork) in chosen.iter().enumerate() {
            builder.add(index, artwork)?;
        }
        Ok(builder.finish())
    }
}

fn nothing_chosen(corpus: &Corpus, options: &BuildOptions) -> Error {
    Error::NoArtworks {
        corpus: corpus.description.name.clone(),
        splits: options.names(),
        artworks: corpus.artworks.len(),
        unsplit: corpus.artworks.iter().filter(|a| a.split.is_none()).count(),
    }
}

/// An attribute of the schema with its numbers in the graph.
struct Attribute<'a> {
    node: &'a AttributeNode,
    kind: u16,
    relation: u16,
    extracted: Extracted,
    /// Whether links see its nodes: not those of qualified makers.
    links: bool,
    /// Whether to say so where it gives no node.
    expected: bool,
    edges: usize,
}

/// A link of the schema with its numbers in the graph.
struct Link {
    from: u16,
    to: u16,
    relation: u16,
}

/// A node that an artwork has an edge to.
#[derive(Clone, Copy)]
struct Met {
    node: u32,
    kind: u16,
    relation: u16,
    links: bool,
}

struct Builder<'a> {
    graph: KnowledgeGraph,
    artwork_kind: u16,
    attributes: Vec<Attribute<'a>>,
    links: Vec<Link>,
    /// What things with identities are called, by the number of their kind.
    namings: Vec<(u16, Naming)>,
    /// The edge of each pair that a link joined: (source, target, relation).
    linked: HashMap<(u32, u32, u16), u32>,
    /// Whether artworks have identities.
    has_identities: bool,
    /// The attribute nodes of the current artwork.
    found: Vec<Met>,
    /// The keywords of the current artwork.
    keywords: Vec<u32>,
}

impl<'a> Builder<'a> {
    fn new(
        corpus: &Corpus,
        schema: &'a Schema,
        options: &BuildOptions,
        artworks: &[&Artwork],
    ) -> Result<Self> {
        let mut graph = KnowledgeGraph::new(Provenance {
            artkg_version: env!("CARGO_PKG_VERSION").to_owned(),
            corpus: corpus.description.name.clone(),
            synthetic: corpus.description.synthetic,
            splits: options.names(),
            artworks: artworks.len(),
            left_out: corpus.artworks.len() - artworks.len(),
            schema_checksum: schema.checksum(),
            warnings: leakage_warning(options),
            facts: Vec::new(),
        });
        let artwork_kind = graph.intern_kind(schema.artwork_kind())?;
        let further = FurtherColumns::of(artworks.par_iter().copied());
        let named = Naming::of_kinds(artworks, schema, &further);
        let mut attributes = Vec::new();
        for node in schema.attributes() {
            let naming = named.get(node.kind.as_str());
            let extracts = Extracted::read(artworks, node, schema, &further, naming);
            for ((qualifier, relation), extracted) in relations(node).zip(extracts) {
                let expected = qualifier.is_none() && !node.optional;
                // What the corpus does not have leaves no trace in the graph.
                if extracted.is_empty() && !expected {
                    continue;
                }
                attributes.push(Attribute {
                    node,
                    kind: graph.intern_kind(&node.kind)?,
                    relation: graph.intern_relation(relation)?,
                    extracted,
                    links: qualifier.is_none(),
                    expected,
                    edges: 0,
                });
            }
        }
        let mut namings = Vec::new();
        for (kind, naming) in named {
            namings.push((graph.intern_kind(kind)?, naming));
        }
        let mut links = Vec::new();
        for link in schema.links() {
            links.push(Link {
                from: graph.intern_kind(&link.from)?,
                to: graph.intern_kind(&link.to)?,
                relation: graph.intern_relation(&link.relation)?,
            });
        }
        graph.reserve_nodes(artworks.len());
        Ok(Self {
            graph,
            artwork_kind,
            attributes,
            links,
            namings,
            linked: HashMap::new(),
            has_identities: further.have_identities(),
            found: Vec::new(),
            keywords: Vec::new(),
        })
    }

    fn add(&mut self, index: usize, artwork: &Artwork) -> Result<()> {
        let before = self.graph.node_count();
        let source = self.graph.intern_node(self.artwork_kind, &artwork.id)?;
        if self.graph.node_count() == before {
            return Err(Error::RepeatedId {
                id: artwork.id.clone(),
            });
        }
        let (graph, found) = (&mut self.graph, &mut self.found);
        found.clear();
        for attribute in &mut self.attributes {
            let (kind, relation) = (attribute.kind, attribute.relation);
            let links = attribute.links;
            let before = found.len();
            let mut meet = |node: u32| {
                let same = |met: &Met| (met.node, met.kind, met.relation) == (node, kind, relation);
                if !found.iter().any(same) {
                    found.push(Met {
                        node,
                        kind,
                        relation,
                        links,
                    });
                }
            };
            match &mut attribute.extracted {
                Extracted::Keywords(keywords, nodes) => {
                    keywords.of_text(index, &mut self.keywords);
                    for &keyword in &self.keywords {
                        let node = &mut nodes[keyword as usize];
                        if *node == NO_NODE {
                            *node = graph.intern_node(kind, &keywords.name(keyword))?;
                        }
                        meet(*node);
                    }
                }
                Extracted::Columns(columns) => {
                    let (column, nodes) = &mut columns[index / RUN];
                    for &name in column.numbers(index % RUN) {
                        let node = &mut nodes[name as usize];
                        if *node == NO_NODE {
                            *node = graph.intern_node(kind, column.names().get(name))?;
                        }
                        meet(*node);
                    }
                }
            }
            attribute.edges += found.len() - before;
        }
        for met in found.iter() {
            let relation = met.relation;
            graph.add_edge(source, met.node, Edge { relation, count: 1 })?;
        }
        if self.has_identities {
            let identities = artwork.identities();
            if !identities.is_empty() {
                graph.identify(source, identities, Vec::new());
            }
        }
        self.link()
    }

    /// Joins the attributes of the current artwork that the schema links.
    fn link(&mut self) -> Result<()> {
        for link in &self.links {
            let of_kind = |kind: u16| {
                let found = self.found.iter();
                found
                    .filter(move |met| met.links && met.kind == kind)
                    .map(|met| met.node)
            };
            for from in of_kind(link.from) {
                for to in of_kind(link.to) {
                    match self.linked.entry((from, to, link.relation)) {
                        hashbrown::hash_map::Entry::Occupied(edge) => {
                            self.graph.count_edge(*edge.get());
                        }
                        hashbrown::hash_map::Entry::Vacant(place) => {
                            let relation = link.relation;
                            let edge = Edge { relation, count: 1 };
                            place.insert(self.graph.add_edge(from, to, edge)?);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> KnowledgeGraph {
        let mut graph = self.graph;
        for (kind, naming) in self.namings {
            for thing in naming.into_things() {
                // A qualified maker may have no relation in the schema, and so no node.
                if let Some(node) = graph.nodes().find(kind, &thing.name) {
                    graph.identify(node, thing.identities, thing.aliases);
                }
            }
        }
        let warnings = self
            .attributes
            .iter()
            .filter(|attribute| attribute.edges == 0 && attribute.expected)
            .map(|attribute| {
                format!(
                    "column `{}` gave no node of kind `{}`",
                    attribute.node.column, attribute.node.kind
                )
            });
        let warnings: Vec<String> = warnings.collect();
        graph.add_warnings(warnings);
        graph
    }
}

fn leakage_warning(options: &BuildOptions) -> Vec<String> {
    let leaking: Vec<&str> = options
        .splits
        .iter()
        .filter(|&&split| split != Split::Train)
        .map(|split| split.name())
        .collect();
    if leaking.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "artworks of the split {} are in the graph: a model trained with it has seen their \
         labels, so its accuracy on them means nothing",
        leaking.join(", ")
    )]
}
