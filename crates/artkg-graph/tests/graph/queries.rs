use artkg_graph::KnowledgeGraph;

use crate::support::graph;

fn walked(graph: &KnowledgeGraph, from: &str, to: &str) -> Option<Vec<String>> {
    let node = |name| graph.nodes().resolve(name).unwrap().node;
    let steps = graph.shortest_path(node(from), node(to))?;
    let arrow = |forward| if forward { "→" } else { "←" };
    let names = steps.iter().map(|step| {
        format!(
            "{}{} {}",
            arrow(step.forward),
            step.relation,
            graph.nodes().label(step.to)
        )
    });
    Some(names.collect())
}

#[test]
fn statistics_count_everything() {
    let graph = graph();
    let statistics = graph.statistics();
    let kinds: usize = statistics.nodes_by_kind.iter().map(|kind| kind.count).sum();
    let relations: usize = statistics
        .edges_by_relation
        .iter()
        .map(|relation| relation.count)
        .sum();
    assert_eq!(kinds, graph.node_count());
    assert_eq!(relations, graph.edge_count());
    assert_eq!(
        (
            statistics.nodes_by_kind[0].name.as_str(),
            statistics.nodes_by_kind[0].count
        ),
        ("artwork", 6)
    );
    // a6 is alone; a4 and a5 hang together; the rest is one component.
    assert_eq!((statistics.components, statistics.isolated), (3, 1));
    assert_eq!(statistics.largest_component, graph.node_count() - 1 - 5);
    let degrees = &statistics.degrees;
    assert_eq!((degrees.minimum, degrees.maximum), (0, 12));
    assert_eq!(degrees.maximum_node.as_deref(), Some("artwork:a1.jpg"));
    let mean = 2.0 * graph.edge_count() as f64 / graph.node_count() as f64;
    assert!((degrees.mean - mean).abs() < 1e-12);
    assert_eq!(degrees.histogram.iter().sum::<usize>(), graph.node_count());
}

#[test]
fn neighbours_are_grouped_by_relation() {
    let graph = graph();
    let dutch = graph.find("school", "Dutch").unwrap();
    let groups = graph.neighbour_groups(dutch);
    let summary: Vec<_> = groups
        .iter()
        .map(|group| (group.relation, group.outgoing, group.neighbours.len()))
        .collect();
    assert_eq!(summary, [("of_school", false, 3), ("belongs_to", false, 3)]);
    let (first, count) = groups[1].neighbours[0];
    assert_eq!(graph.nodes().name(first), "REMBRANDT Harmenszoon van Rijn");
    assert_eq!(count, 2);
}

#[test]
fn paths_are_shortest_and_readable() {
    let graph = graph();
    assert_eq!(
        walked(&graph, "rembrandt", "american").unwrap(),
        [
            "→belongs_to school:Dutch",
            "←belongs_to author:O'KEEFFE; \"Georgia\" <née>, Ölberg \\ 山",
            "→belongs_to school:American"
        ]
        .map(str::to_owned)
    );
    assert_eq!(
        walked(&graph, "author:goya", "spanish").unwrap(),
        ["→belongs_to school:Spanish"]
    );
    assert_eq!(
        walked(&graph, "author:goya", "author:GOYA"),
        Some(Vec::new())
    );
    assert_eq!(walked(&graph, "author:goya", "rembrandt"), None);
}
