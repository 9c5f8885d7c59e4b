use std::io::Write;
use std::path::Path;

use artkg_files::table::TableWriter;
use rand::seq::SliceRandom;

use super::triplet::Triplet;
use crate::error::{Error, Result};
use crate::graph::KnowledgeGraph;
use crate::seeds::{Purpose, stream};

/// The columns of a table of edges held out.
const COLUMNS: [&str; 3] = ["head", "relation", "tail"];

/// A graph of which some edges are held out, to be predicted.
#[derive(Clone, Debug)]
pub struct Split {
    /// All nodes with the other edges, to learn from.
    pub training: KnowledgeGraph,
    /// The edges held out.
    pub held_out: Vec<Triplet>,
}

/// Holds a share of a graph's edges out, drawn by the seed. Every node and relation
/// that has an edge keeps one to learn from, so fewer may be held out than asked for.
///
/// # Errors
/// A share that is not above 0 and below 1, or no triplet that can be held out.
pub fn hold_out(graph: &KnowledgeGraph, share: f64, seed: u64) -> Result<Split> {
    let refused = |allowed| Error::Option {
        option: "held-out share",
        value: share.to_string(),
        allowed,
    };
    if !(share > 0.0 && share < 1.0) {
        return Err(refused("use a number above 0 and below 1, such as 0.05"));
    }
    let triplets = graph.triplets();
    let mut left_of_node = vec![0u32; graph.node_count()];
    let mut left_of_relation = vec![0u32; graph.relations().len()];
    for triplet in &triplets {
        left_of_node[triplet.head as usize] += 1;
        left_of_node[triplet.tail as usize] += 1;
        left_of_relation[usize::from(triplet.relation)] += 1;
    }
    let wanted = (share * triplets.len() as f64).round() as usize;
    let mut order: Vec<usize> = (0..triplets.len()).collect();
    order.shuffle(&mut stream(seed, Purpose::HoldOut, 0));
    let mut is_held_out = vec![false; triplets.len()];
    let mut count = 0;
    for place in order {
        if count == wanted {
            break;
        }
        let Triplet {
            head,
            relation,
            tail,
        } = triplets[place];
        let (head, tail, relation) = (head as usize, tail as usize, usize::from(relation));
        // A loop counts twice at its node.
        let least = if head == tail { 3 } else { 2 };
        if left_of_node[head].min(left_of_node[tail]) < least || left_of_relation[relation] < 2 {
            continue;
        }
        left_of_node[head] -= 1;
        left_of_node[tail] -= 1;
        left_of_relation[relation] -= 1;
        is_held_out[place] = true;
        count += 1;
    }
    if count == 0 {
        return Err(refused(
            "no edge of this graph can be held out: use a larger share or graph",
        ));
    }
    let mut training = graph.keep_edges(|place| !is_held_out[place]);
    training.add_warnings(vec![format!(
        "held out: {count} of {}",
        artkg_files::counted(triplets.len(), "edge")
    )]);
    let chosen = triplets.iter().zip(&is_held_out);
    let held_out = chosen.filter(|(_, held_out)| **held_out);
    Ok(Split {
        training,
        held_out: held_out.map(|(triplet, _)| *triplet).collect(),
    })
}

impl Split {
    /// Whether a file that begins like this is a table of edges held out.
    pub fn is_held_out_table(beginning: &[u8]) -> bool {
        artkg_files::has_columns(beginning, &COLUMNS)
    }

    /// Writes the edges held out as CSV with the columns `head`, `relation` and
    /// `tail`, nodes as `kind:name`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_held_out(&self, path: &Path) -> Result<()> {
        artkg_files::write_atomically(path, |writer| {
            self.write_rows(writer)
                .map_err(|source| artkg_files::Error::new("write", path, source).into())
        })
    }

    fn write_rows(&self, writer: &mut impl Write) -> std::io::Result<()> {
        let (nodes, relations) = (self.training.nodes(), self.training.relations());
        let mut table = TableWriter::new(writer);
        table.row(COLUMNS)?;
        for triplet in &self.held_out {
            table.row([
                &nodes.label(triplet.head),
                &relations[usize::from(triplet.relation)],
                &nodes.label(triplet.tail),
            ])?;
        }
        table.flush()
    }
}
