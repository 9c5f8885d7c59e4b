//! Any bytes as a graph file, with the lengths and the checksum that make it one: what
//! loads can be walked, and saved and loaded again.
#![no_main]

use std::cell::LazyCell;

use artkg_fuzz::Scratch;
use artkg_graph::KnowledgeGraph;
use libfuzzer_sys::fuzz_target;

/// The bytes before the header.
const PREFIX: usize = 24;

thread_local! {
    static SCRATCH: LazyCell<Scratch> = LazyCell::new(Scratch::default);
}

/// The bytes with the length of the body and the checksum that belong to them.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut file = bytes.to_vec();
    if let Some(prefix) = file.get_mut(..PREFIX) {
        let header = u32::from_le_bytes([prefix[12], prefix[13], prefix[14], prefix[15]]);
        let body = (bytes.len() - PREFIX).saturating_sub(header as usize) as u64;
        prefix[16..].copy_from_slice(&body.to_le_bytes());
    }
    let checksum = crc32fast::hash(&file);
    file.extend(checksum.to_le_bytes());
    file
}

fuzz_target!(|bytes: &[u8]| {
    SCRATCH.with(|scratch| {
        let path = scratch.file("graph.bin", &sealed(bytes));
        let Ok(graph) = KnowledgeGraph::load(&path) else {
            return;
        };
        let nodes = graph.node_count() as u32;
        let statistics = graph.statistics();
        drop(statistics);
        let mut ends = 0;
        for node in 0..nodes {
            let name = graph.nodes().name(node);
            let kind = graph.nodes().kind_name(node);
            assert_eq!(graph.find(kind, name), Some(node));
            ends += graph.neighbour_groups(node).len();
            assert!(graph.neighbours(node).all(|other| other < nodes));
        }
        if nodes > 0 {
            assert!(graph.shortest_path(0, nodes - 1).is_some() || nodes > 1);
        }
        assert!(ends <= 2 * graph.edge_count());
        graph.save(&path).expect("it can be saved");
        let again = KnowledgeGraph::load(&path).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again.node_count(), graph.node_count());
        assert!(again.edges().eq(graph.edges()));
    });
});
