//! What the attributes of a schema give the artworks of a graph.

use std::collections::BTreeSet;

use artkg_corpus::{Artwork, Qualifier};
use rayon::prelude::*;

use crate::extract::column::Column;
use crate::extract::keywords::Keywords;
use crate::extract::makers::are_names;
use crate::extract::naming::Naming;
use crate::extract::words::{LeftOut, Words};
use crate::schema::{AttributeNode, Extract, Schema};

/// How many artworks are read at a time; each run has its own table of names.
pub(super) const RUN: usize = 1 << 16;
/// A name that is no node yet.
pub(super) const NO_NODE: u32 = u32::MAX;

/// The names that an attribute gives the artworks.
pub(super) enum Extracted {
    /// A column for each run of artworks, with the node of each of its names.
    Columns(Vec<(Column, Vec<u32>)>),
    /// Keywords, with the node of each.
    Keywords(Keywords, Vec<u32>),
}

impl Extracted {
    /// Reads an attribute of all artworks, which have these `further_columns`, on all
    /// threads. Of makers, each relation has an extract of its own.
    pub(super) fn read(
        artworks: &[&Artwork],
        attribute: &AttributeNode,
        schema: &Schema,
        further_columns: &BTreeSet<&str>,
        naming: Option<&Naming>,
    ) -> Vec<Self> {
        let runs = artworks.par_chunks(RUN);
        match attribute.extract {
            Extract::Keywords => {
                let left_out = LeftOut::new(attribute);
                let words = runs.map(|run| Words::read(run, &attribute.column, &left_out));
                let keywords = Keywords::new(attribute, &words.collect::<Vec<_>>());
                let nodes = vec![NO_NODE; keywords.len()];
                vec![Self::Keywords(keywords, nodes)]
            }
            Extract::Maker => {
                let qualifiers: Vec<Option<Qualifier>> = relations(attribute)
                    .map(|(qualifier, _)| qualifier)
                    .collect();
                let are_names = are_names(attribute, further_columns);
                let columns: Vec<Vec<Column>> = runs
                    .map(|run| Column::read_makers(run, attribute, are_names, &qualifiers, naming))
                    .collect();
                let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
                let of_one = |_: &Option<Qualifier>| {
                    let of_runs = columns.iter_mut().filter_map(Iterator::next);
                    Self::columns(of_runs.collect())
                };
                qualifiers.iter().map(of_one).collect()
            }
            _ => {
                let columns = runs.map(|run| Column::read(run, attribute, schema, naming));
                vec![Self::columns(columns.collect())]
            }
        }
    }

    fn columns(columns: Vec<Column>) -> Self {
        let columns = columns.into_iter().map(|column| {
            let nodes = vec![NO_NODE; column.names().len()];
            (column, nodes)
        });
        Self::Columns(columns.collect())
    }

    /// Whether no artwork has a value.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Columns(columns) => columns.iter().all(|(_, nodes)| nodes.is_empty()),
            Self::Keywords(_, nodes) => nodes.is_empty(),
        }
    }
}

/// The relations of an attribute's nodes: that of all values or authors first, then
/// those of qualified makers.
pub(super) fn relations(
    attribute: &AttributeNode,
) -> impl Iterator<Item = (Option<Qualifier>, &str)> {
    let qualified = attribute.qualified.iter();
    let qualified = qualified.map(|(qualifier, relation)| (Some(*qualifier), relation.as_str()));
    std::iter::once((None, attribute.relation.as_str())).chain(qualified)
}
