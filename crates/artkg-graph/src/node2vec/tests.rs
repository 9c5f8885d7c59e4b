use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::training::train;
use super::walks::Walker;
use super::*;
use crate::error::Result;

/// Two triangles joined by an edge, and a node that hangs on one of them.
fn small_graph(weighted: bool) -> Adjacency {
    let edges = [
        (0, 1, 1.0),
        (0, 2, 3.0),
        (1, 2, 2.0),
        (2, 3, 1.0),
        (3, 4, 4.0),
        (3, 5, 1.0),
        (4, 5, 1.0),
        (5, 6, 2.0),
    ];
    Adjacency::from_edges(7, || edges.into_iter(), weighted)
}

/// The exact probabilities of a step from `node`, reached from `previous`.
fn exact(graph: &Adjacency, options: &WalkOptions, previous: u32, node: u32) -> Vec<f64> {
    let mut shares = vec![0.0; graph.node_count()];
    for &next in graph.neighbours(node) {
        let factor = if next == previous {
            1.0 / options.return_parameter
        } else if graph.joined(next, previous) {
            1.0
        } else {
            1.0 / options.in_out_parameter
        };
        shares[next as usize] = f64::from(factor * graph.weight(node, next));
    }
    let total: f64 = shares.iter().sum();
    shares.iter().map(|share| share / total).collect()
}

#[test]
fn steps_follow_the_exact_second_order_probabilities() {
    // The 0.9999 quantiles of chi-square with 1, 2 and 3 degrees of freedom.
    const LIMITS: [f64; 4] = [0.0, 15.1, 18.4, 21.1];
    let draws = 20_000;
    for weighted in [false, true] {
        let graph = small_graph(weighted);
        for (p, q) in [
            (1.0, 1.0),
            (0.25, 4.0),
            (4.0, 0.25),
            (0.5, 0.5),
            (0.01, 1.0),
            (3.0, 2.0),
        ] {
            let options = WalkOptions {
                return_parameter: p,
                in_out_parameter: q,
                weighted,
                ..WalkOptions::default()
            };
            let walker = Walker::new(&graph, &options, 5);
            let mut random = Pcg64Mcg::seed_from_u64(11);
            for (previous, node) in [(0, 2), (1, 2), (3, 2), (2, 3), (5, 3), (3, 5), (6, 5)] {
                let mut counts = vec![0f64; graph.node_count()];
                for _ in 0..draws {
                    let next = walker.step(previous, node, &mut random).unwrap();
                    counts[next as usize] += 1.0;
                }
                let shares = exact(&graph, &options, previous, node);
                let mut statistic = 0.0;
                for (count, share) in counts.iter().zip(&shares) {
                    let expected = share * f64::from(draws);
                    if expected > 0.0 {
                        statistic += (count - expected).powi(2) / expected;
                    } else {
                        assert_eq!(*count, 0.0, "no edge leads there");
                    }
                }
                let freedom = graph.neighbours(node).len() - 1;
                assert!(
                    statistic < LIMITS[freedom],
                    "p {p} q {q} {previous}→{node}: chi-square {statistic}, {counts:?}"
                );
            }
        }
    }
}

#[test]
fn walks_follow_edges_and_depend_on_seed_round_and_start_only() {
    let graph = small_graph(false);
    let options = WalkOptions {
        length: 30,
        return_parameter: 0.5,
        in_out_parameter: 2.0,
        ..WalkOptions::default()
    };
    let walker = Walker::new(&graph, &options, 9);
    let draw = |walker: &Walker<'_>, round, start| {
        let mut walk = Vec::new();
        walker.walk(round, start, &mut walk);
        walk
    };
    let walk = draw(&walker, 3, 6);
    assert_eq!((walk[0], walk.len()), (6, 30));
    assert!(walk.windows(2).all(|pair| graph.joined(pair[0], pair[1])));
    assert_eq!(draw(&walker, 3, 6), walk);
    assert_ne!(draw(&walker, 4, 6), walk);
    assert_ne!(draw(&Walker::new(&graph, &options, 10), 3, 6), walk);
    let mut order = walker.order(0);
    assert_ne!(order, walker.order(1));
    order.sort_unstable();
    assert_eq!(order, [0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn adjacency_merges_parallel_edges_and_drops_loops() {
    let edges = [(0, 1, 1.0), (1, 0, 2.0), (2, 2, 5.0), (0, 2, 0.5)];
    let graph = Adjacency::from_edges(4, || edges.into_iter(), true);
    assert_eq!(graph.edge_count(), 2);
    assert_eq!(graph.neighbours(0), [1, 2]);
    assert_eq!(graph.neighbours(3), [0u32; 0]);
    assert_eq!((graph.weight(0, 1), graph.weight(0, 2)), (3.0, 0.5));
    assert_eq!(graph.weight(2, 2), 0.0);
}

/// Communities of `size` nodes: an edge within one with probability `within`,
/// between two with probability `between`.
fn communities(count: u32, size: u32, within: f64, between: f64) -> Vec<(u32, u32, f32)> {
    let mut random = Pcg64Mcg::seed_from_u64(6);
    let mut edges = Vec::new();
    for a in 0..count * size {
        for b in 0..a {
            let share = if a / size == b / size {
                within
            } else {
                between
            };
            if random.random::<f64>() < share {
                edges.push((a, b, 1.0));
            }
        }
    }
    edges
}

fn options(dimension: usize, epochs: usize, threads: usize) -> Node2VecOptions {
    Node2VecOptions {
        dimension,
        epochs,
        threads,
        walks: WalkOptions {
            length: 40,
            ..WalkOptions::default()
        },
        window: 5,
        seed: 3,
        ..Node2VecOptions::default()
    }
}

fn embedded(
    nodes: usize,
    edges: &[(u32, u32, f32)],
    options: &Node2VecOptions,
) -> Result<Vec<f32>> {
    let graph = Adjacency::from_edges(nodes, || edges.iter().copied(), false);
    train(&graph, options, |_| {})
}

fn cosine(vectors: &[f32], dimension: usize, a: u32, b: u32) -> f32 {
    let row = |node: u32| &vectors[node as usize * dimension..][..dimension];
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let (a, b) = (row(a), row(b));
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn planted_communities_separate() {
    let edges = communities(2, 40, 0.3, 0.01);
    for threads in [1, 2] {
        // A dimension that is no multiple of a register's length.
        let vectors = embedded(80, &edges, &options(20, 3, threads)).unwrap();
        assert!(vectors.iter().all(|value| value.is_finite()));
        let mut nearest_agree = 0;
        for node in 0..80 {
            let nearest = (0..80)
                .filter(|&other| other != node)
                .max_by(|&a, &b| {
                    cosine(&vectors, 20, node, a).total_cmp(&cosine(&vectors, 20, node, b))
                })
                .unwrap();
            nearest_agree += usize::from(nearest / 40 == node / 40);
        }
        assert!(
            nearest_agree >= 78,
            "{nearest_agree} of 80 with {threads} threads"
        );
    }
}

#[test]
fn held_out_edges_are_predicted() {
    let mut edges = communities(8, 30, 0.3, 0.01);
    let mut random = Pcg64Mcg::seed_from_u64(8);
    let mut held_out = Vec::new();
    edges.retain(|edge| {
        let kept = random.random::<f64>() >= 0.1;
        if !kept {
            held_out.push(*edge);
        }
        kept
    });
    let graph = Adjacency::from_edges(240, || edges.iter().copied(), false);
    let vectors = train(&graph, &options(32, 2, 1), |_| {}).unwrap();
    let mut wins = 0.0;
    for &(a, b, _) in &held_out {
        let (mut c, mut d) = (0, 0);
        while c == d || graph.joined(c, d) {
            (c, d) = (random.random_range(0..240), random.random_range(0..240));
        }
        let (edge, other) = (cosine(&vectors, 32, a, b), cosine(&vectors, 32, c, d));
        wins += if edge > other { 1.0 } else { 0.0 };
    }
    let share = wins / held_out.len() as f64;
    assert!(
        held_out.len() > 100 && share > 0.85,
        "AUC {share} on {} edges",
        held_out.len()
    );
}

#[test]
fn one_thread_gives_the_same_bits() {
    let edges = communities(2, 20, 0.3, 0.05);
    let bits = |options: &Node2VecOptions| -> Vec<u32> {
        let vectors = embedded(40, &edges, options).unwrap();
        vectors.iter().map(|value| value.to_bits()).collect()
    };
    let first = bits(&options(24, 1, 1));
    assert_eq!(bits(&options(24, 1, 1)), first);
    let other_seed = Node2VecOptions {
        seed: 4,
        ..options(24, 1, 1)
    };
    assert_ne!(bits(&other_seed), first);
}

#[test]
fn many_negatives_tiny_graphs_and_isolated_nodes_work() {
    let many = Node2VecOptions {
        negatives: 20,
        ..options(8, 1, 2)
    };
    let vectors = embedded(3, &[(0, 1, 1.0)], &many).unwrap();
    assert_eq!(vectors.len(), 24);
    assert!(vectors.iter().all(|value| value.is_finite()));
    let message = embedded(3, &[], &many).unwrap_err().to_string();
    assert!(message.contains("without edges"), "{message}");
}

#[test]
fn vectors_beyond_all_numbers_are_an_error() {
    let wild = Node2VecOptions {
        negatives: 1000,
        initial_learning_rate: 1.0,
        final_learning_rate: 1.0,
        epochs: 5,
        ..options(8, 1, 1)
    };
    let edges = communities(2, 6, 0.8, 0.1);
    let message = embedded(12, &edges, &wild).unwrap_err().to_string();
    assert!(message.contains("diverges"), "{message}");
}

#[test]
fn progress_ends_at_the_total() {
    let graph = small_graph(false);
    let mut last = None;
    train(&graph, &options(8, 2, 2), |progress| last = Some(progress)).unwrap();
    assert_eq!(
        last,
        Some(Progress {
            walks: 140,
            total: 140
        })
    );
}

#[test]
fn senseless_options_are_refused() {
    let refused = |change: fn(&mut Node2VecOptions)| {
        let mut options = Node2VecOptions::default();
        change(&mut options);
        options.check().unwrap_err().to_string()
    };
    assert!(refused(|o| o.dimension = 0).contains("dimension is 0"));
    assert!(refused(|o| o.walks.return_parameter = f32::NAN).contains("NaN"));
    assert!(refused(|o| o.walks.length = 1).contains("walk length"));
    assert!(refused(|o| o.final_learning_rate = 0.5).contains("final"));
}
