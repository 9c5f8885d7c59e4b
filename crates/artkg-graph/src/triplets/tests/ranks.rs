use super::super::evaluation::{Evaluation, Ranks, rank};
use super::super::known::Known;
use super::*;
use crate::embeddings::Embeddings;
use crate::node2vec::Node2VecOptions;

/// Six nodes of one kind and two of another on a line; the only relation is one
/// step to the right.
///
/// | node | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
/// |---|---|---|---|---|---|---|---|---|
/// | place | 0 | 1 | 2 | 3 | 1.5 | 1.5 | 1 | 9 |
fn line(held_out: &[(u32, u16, u32)]) -> (KnowledgeGraph, Embeddings) {
    let mut edges = vec![(0, 0, 1), (3, 0, 7)];
    edges.extend(held_out);
    let graph = graph(&[("stop", 6), ("other", 2)], &["next"], &edges);
    let options = TripletOptions {
        dimension: 1,
        ..TripletOptions::of(TripletModel::TransE)
    };
    let places = vec![0.0, 1.0, 2.0, 3.0, 1.5, 1.5, 1.0, 9.0];
    let embeddings = Embeddings::from_triplets(&graph, options, places, vec![1.0]);
    (graph, embeddings)
}

fn triplet((head, relation, tail): (u32, u16, u32)) -> Triplet {
    Triplet {
        head,
        relation,
        tail,
    }
}

fn ranks(held_out: &[(u32, u16, u32)]) -> [Vec<(f64, f64)>; 2] {
    let (graph, embeddings) = line(held_out);
    let known = Known::new(graph.node_count(), graph.triplets().into_iter());
    let held_out: Vec<Triplet> = held_out.iter().copied().map(triplet).collect();
    let pair = |ranks: Ranks| (ranks.of_kind, ranks.of_all);
    Evaluation::new(&embeddings, known)
        .ranks(&held_out, |_, _| {})
        .map(|side| side.into_iter().map(pair).collect())
}

#[test]
fn ranks_are_those_counted_by_hand() {
    // The tail of 0 is looked for at 1. Node 1 is no rival, since 0 → 1 is known;
    // 6, of another kind, is there; 4 and 5 are half a step off; 0 and 2 a step.
    // The head of 4 is looked for at 0.5: 0, 1 and 6 are half a step off.
    let [heads, tails] = ranks(&[(0, 0, 4)]);
    // 5 is as near as 4: between the places 1 and 2, or 2 and 3 with node 6.
    assert_eq!(tails, [(1.5, 2.5)]);
    // Node 1 is as near as 0, and among all nodes 6 is, too.
    assert_eq!(heads, [(1.5, 2.0)]);

    // Held-out edges are no rivals either: without 5 there is no tie.
    let [heads, tails] = ranks(&[(0, 0, 4), (0, 0, 5)]);
    assert_eq!(tails, [(1.0, 2.0), (1.0, 2.0)]);
    assert_eq!(heads, [(1.5, 2.0), (1.5, 2.0)]);

    // The tail of 2 is looked for at 3, where node 3 is; 2 is a step off, 4 and 5 are
    // one and a half, 1 and 6 two, and 0 three. 7 is six steps off.
    let [_, tails] = ranks(&[(2, 0, 0)]);
    assert_eq!(tails, [(6.0, 7.0)]);
}

#[test]
fn equal_scores_count_half() {
    assert_eq!(rank([3.0, 1.0].into_iter(), 2.0), 2.0);
    assert_eq!(rank([2.0, 2.0, 2.0].into_iter(), 2.0), 2.5);
    assert_eq!(rank([f32::NEG_INFINITY].into_iter(), -5.0), 1.0);
}

#[test]
fn metrics_are_means_over_ranks() {
    let metrics = Metrics::of(&[1.0, 2.0, 4.0, 20.0]);
    assert_eq!(
        metrics.mean_reciprocal_rank,
        (1.0 + 0.5 + 0.25 + 0.05) / 4.0
    );
    assert_eq!((metrics.hits_at_1, metrics.hits_at_3), (0.25, 0.5));
    assert_eq!((metrics.hits_at_10, metrics.mean_rank), (0.75, 6.75));
}

#[test]
fn predictions_are_told_by_side_rivals_and_relation() {
    let held_out = [(0, 0, 4), (2, 0, 0)];
    let (graph, embeddings) = line(&held_out);
    let held_out = held_out.map(triplet);
    let mut answered = Vec::new();
    let prediction = evaluate(&embeddings, &graph, &held_out, |done, total| {
        answered.push((done, total));
    });
    assert_eq!(prediction.triplets, 2);
    assert_eq!(prediction.of_kind.tail.mean_rank, (1.5 + 6.0) / 2.0);
    assert_eq!(prediction.of_all.tail.mean_rank, (2.5 + 7.0) / 2.0);
    let both = (prediction.of_all.head.mean_rank + prediction.of_all.tail.mean_rank) / 2.0;
    assert_eq!(prediction.of_all.both.mean_rank, both);
    let [relation] = &prediction.relations[..] else {
        panic!("{:?}", prediction.relations)
    };
    assert_eq!((relation.relation.as_str(), relation.triplets), ("next", 2));
    assert_eq!(relation.of_kind, prediction.of_kind);
    assert_eq!(answered.last(), Some(&(4, 4)));
}

#[test]
fn vectors_of_walks_rank_by_their_cosine() {
    let graph = graph(&[("node", 4)], &["next"], &[(0, 0, 1), (0, 0, 2)]);
    let options = Node2VecOptions {
        dimension: 2,
        ..Node2VecOptions::default()
    };
    // 1 is far along 0's direction; 2 is near 0 but points elsewhere; 3 lies between.
    let vectors = vec![1.0, 0.0, 50.0, 1.0, 0.5, 1.0, 0.8, 0.4];
    let embeddings = Embeddings::from_walks(&graph, options, vectors);
    let held_out = [triplet((0, 0, 2))];
    let prediction = evaluate(&embeddings, &graph, &held_out, |_, _| {});
    // 0 itself and 3 are nearer to 0 than 2; 1 is known.
    assert_eq!(prediction.of_all.tail.mean_rank, 3.0);
}

#[test]
fn what_is_no_number_ranks_last() {
    assert_eq!(rank([0.5, 0.1, 0.9].into_iter(), 0.5), 2.5);
    assert_eq!(rank([0.5, 0.1, 0.9].into_iter(), f32::NAN), 4.0);
    assert_eq!(rank([f32::NAN, 0.1].into_iter(), 0.5), 2.0);
}
