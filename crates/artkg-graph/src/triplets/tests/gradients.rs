//! The gradients against finite differences, and against candle's autograd of the
//! same loss written in tensors.

use artkg_nn::{Device, Tensor, Var};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::super::chunk::{ChunkGradients, Model};
use super::super::known::Known;
use super::super::sampling::{Chunk, Sampler};
use super::super::table::Table;
use super::super::{Loss, Side, Triplet, TripletModel, TripletOptions};
use super::graph;
use crate::graph::KnowledgeGraph;

const NODES: usize = 11;
const RELATION: u16 = 1;
/// Not a whole block: rows have padding.
const DIMENSION: usize = 6;

/// Five works, four authors and two schools, some of them joined.
fn small_graph() -> KnowledgeGraph {
    graph(
        &[("work", 5), ("author", 4), ("school", 2)],
        &["of_school", "created_by"],
        &[
            (0, 1, 5),
            (1, 1, 5),
            (2, 1, 6),
            (3, 1, 7),
            (3, 1, 8),
            (0, 0, 9),
            (4, 0, 10),
        ],
    )
}

fn triplets() -> Vec<Triplet> {
    let of_relation = small_graph().triplets().into_iter();
    of_relation.filter(|t| t.relation == RELATION).collect()
}

fn options(model: TripletModel, loss: Loss, temperature: f32) -> TripletOptions {
    TripletOptions {
        dimension: DIMENSION,
        negatives: 12,
        loss,
        margin: 0.7,
        adversarial_temperature: temperature,
        regularisation: 0.0,
        ..TripletOptions::of(model)
    }
}

/// What is learnt, without padding: the nodes' rows, the relations' rows.
fn parameters(options: &TripletOptions) -> (Vec<f32>, Vec<f32>) {
    let mut random = Pcg64Mcg::seed_from_u64(3);
    let mut values = |count| -> Vec<f32> {
        (0..count)
            .map(|_| 2.0 * random.random::<f32>() - 1.0)
            .collect()
    };
    let learnt = match options.model {
        TripletModel::RotatE => DIMENSION / 2,
        _ => DIMENSION,
    };
    (values(NODES * DIMENSION), values(2 * learnt))
}

/// Rows of relations or nodes as tables hold them. A row of a relation of RotatE is
/// one part.
fn table(model: TripletModel, rows: &[f32], length: usize) -> Table {
    let is_angles = length != DIMENSION;
    let layout = if is_angles {
        TripletModel::TransE
    } else {
        model
    };
    Table::new(layout.width(length), layout.padded(rows, length))
}

/// The loss of the triplets, and its gradient in nodes and relations.
fn differentiate(
    options: &TripletOptions,
    side: Side,
    (nodes, relations): (&[f32], &[f32]),
) -> (f64, Vec<f32>, Vec<f32>, Vec<u32>) {
    let graph = small_graph();
    let model = Model {
        options,
        sampler: Sampler::new(graph.nodes(), options),
        known: Known::new(NODES, graph.triplets().into_iter()),
        nodes: table(options.model, nodes, DIMENSION),
        relations: table(options.model, relations, relations.len() / 2),
    };
    let triplets = triplets();
    let chunk = Chunk {
        triplets: &triplets,
        side,
        number: 4,
    };
    let mut gradients = ChunkGradients::new(options);
    // Twice: the second time, it must not matter what was there.
    gradients.compute(&model, &chunk);
    gradients.compute(&model, &chunk);
    let rows = options.model.trimmed(&gradients.rows, DIMENSION);
    let mut of_nodes = vec![0.0; nodes.len()];
    for (&node, row) in gradients.nodes.iter().zip(rows.chunks_exact(DIMENSION)) {
        let of_node = &mut of_nodes[node as usize * DIMENSION..][..DIMENSION];
        of_node
            .iter_mut()
            .zip(row)
            .for_each(|(sum, value)| *sum += value);
    }
    let mut of_relations = vec![0.0; relations.len()];
    let learnt = relations.len() / 2;
    of_relations[learnt..].copy_from_slice(&gradients.of_relation[..learnt]);
    let negatives = gradients.nodes[2 * triplets.len()..].to_vec();
    (gradients.loss, of_nodes, of_relations, negatives)
}

fn cases() -> impl Iterator<Item = (TripletModel, Loss, Side)> {
    TripletModel::ALL.into_iter().flat_map(|model| {
        [Loss::Margin, Loss::LogSigmoid]
            .into_iter()
            .flat_map(move |loss| Side::ALL.map(|side| (model, loss, side)))
    })
}

fn assert_close(found: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    let largest = expected
        .iter()
        .fold(1e-3f32, |most, value| most.max(value.abs()));
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance * largest,
            "{what}, value {place}: {found}, expected {expected}"
        );
    }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    const STEP: f32 = 2e-3;
    for (model, loss, side) in cases() {
        let options = options(model, loss, 0.0);
        let (nodes, relations) = parameters(&options);
        let (_, of_nodes, of_relations, _) = differentiate(&options, side, (&nodes, &relations));
        // The slopes to the left and to the right: they differ at the corners of
        // absolute values and of the margin, where each between them is right.
        let slopes = |is_node: bool, place: usize| {
            let moved = |step: f32| {
                let (mut nodes, mut relations) = (nodes.clone(), relations.clone());
                let values = if is_node { &mut nodes } else { &mut relations };
                values[place] += step;
                differentiate(&options, side, (&nodes, &relations)).0
            };
            let (left, here, right) = (moved(-STEP), moved(0.0), moved(STEP));
            let slope = |rise: f64| (rise / f64::from(STEP)) as f32;
            (slope(here - left), slope(right - here))
        };
        let what = format!("{model:?} {loss:?} {side:?}");
        for (is_node, found) in [(true, &of_nodes), (false, &of_relations)] {
            let expected: Vec<(f32, f32)> = (0..found.len())
                .map(|place| slopes(is_node, place))
                .collect();
            let largest = expected.iter().fold(1e-3f32, |most, (left, right)| {
                most.max(left.abs()).max(right.abs())
            });
            assert!(!is_node || largest > 0.1, "{what} is flat");
            let corners = expected
                .iter()
                .filter(|(left, right)| (left - right).abs() > 0.04 * largest)
                .count();
            assert!(4 * corners < expected.len(), "{what}: {corners} corners");
            for (place, (found, (left, right))) in found.iter().zip(expected).enumerate() {
                let tolerance = 0.02 * largest;
                let range = left.min(right) - tolerance..=left.max(right) + tolerance;
                assert!(
                    range.contains(found),
                    "{what}, value {place}: {found}, slopes {left} and {right}"
                );
            }
        }
    }
}

/// Columns `start..` of half the width.
fn half(rows: &Tensor, second: bool) -> Tensor {
    let width = rows.dim(1).unwrap() / 2;
    rows.narrow(1, if second { width } else { 0 }, width)
        .unwrap()
}

/// The queries of rows of known nodes: `[triplets, dimension]`.
fn queries(model: TripletModel, side: Side, known: &Tensor, relation: &Tensor) -> Tensor {
    match (model, side) {
        (TripletModel::TransE, Side::Tail) => known.broadcast_add(relation).unwrap(),
        (TripletModel::TransE, Side::Head) => known.broadcast_sub(relation).unwrap(),
        (TripletModel::DistMult, _) => known.broadcast_mul(relation).unwrap(),
        (TripletModel::RotatE, side) => {
            let turn = if side == Side::Tail { 1.0 } else { -1.0 };
            let (cosine, sine) = (relation.cos().unwrap(), relation.sin().unwrap());
            let sine = (sine * turn).unwrap();
            let (real, imaginary) = (half(known, false), half(known, true));
            let times = |a: &Tensor, b: &Tensor| a.broadcast_mul(b).unwrap();
            let new_real = (times(&real, &cosine) - times(&imaginary, &sine)).unwrap();
            let new_imaginary = (times(&real, &sine) + times(&imaginary, &cosine)).unwrap();
            Tensor::cat(&[new_real, new_imaginary], 1).unwrap()
        }
    }
}

/// The scores of every node for every query: `[queries, nodes]`.
fn scores(model: TripletModel, queries: &Tensor, nodes: &Tensor) -> Tensor {
    let difference = || {
        let queries = queries.unsqueeze(1).unwrap();
        queries.broadcast_sub(&nodes.unsqueeze(0).unwrap()).unwrap()
    };
    match model {
        TripletModel::TransE => difference().abs().unwrap().sum(2).unwrap().neg().unwrap(),
        TripletModel::DistMult => queries.matmul(&nodes.t().unwrap()).unwrap(),
        TripletModel::RotatE => {
            let squares = difference().sqr().unwrap();
            let width = DIMENSION / 2;
            let real = squares.narrow(2, 0, width).unwrap();
            let imaginary = squares.narrow(2, width, width).unwrap();
            let moduli = (real + imaginary).unwrap().sqrt().unwrap();
            moduli.sum(2).unwrap().neg().unwrap()
        }
    }
}

fn softplus(x: &Tensor) -> Tensor {
    (x.exp().unwrap() + 1.0).unwrap().log().unwrap()
}

#[test]
fn gradients_are_those_of_candle() {
    let device = &Device::Cpu;
    for (model, loss, side) in cases() {
        let mut options = options(model, loss, 0.8);
        options.regularisation = 0.05;
        let (nodes, relations) = parameters(&options);
        let (found_loss, of_nodes, of_relations, negatives) =
            differentiate(&options, side, (&nodes, &relations));

        let triplets = triplets();
        let count = triplets.len();
        let column = |side: Side| {
            let column: Vec<u32> = triplets.iter().map(|t| t.node(side)).collect();
            Tensor::from_vec(column, count, device).unwrap()
        };
        let node_rows = Tensor::from_vec(nodes.clone(), (NODES, DIMENSION), device).unwrap();
        let relation_rows =
            Tensor::from_vec(relations.clone(), (2, relations.len() / 2), device).unwrap();
        let (nodes, relations) = (
            Var::from_tensor(&node_rows).unwrap(),
            Var::from_tensor(&relation_rows).unwrap(),
        );
        let relation = relations
            .as_tensor()
            .narrow(0, usize::from(RELATION), 1)
            .unwrap();
        let pick = |rows: &Tensor| nodes.as_tensor().index_select(rows, 0).unwrap();
        let (known, replaced) = (pick(&column(side.other())), pick(&column(side)));
        let queries = queries(model, side, &known, &relation);
        let of_replaced = scores(model, &queries, &replaced);
        let identity = Tensor::eye(count, artkg_nn::DType::F32, device).unwrap();
        let positive = (of_replaced * identity).unwrap().sum_keepdim(1).unwrap();
        let drawn = Tensor::from_vec(negatives.clone(), negatives.len(), device).unwrap();
        let negative = scores(model, &queries, &pick(&drawn));

        let is_mistake: Vec<f32> = triplets
            .iter()
            .flat_map(|t| negatives.iter().map(move |&node| (t, node)))
            .map(|(t, node)| {
                let other = match side {
                    Side::Head => Triplet { head: node, ..*t },
                    Side::Tail => Triplet { tail: node, ..*t },
                };
                f32::from(u8::from(!triplets.contains(&other)))
            })
            .collect();
        assert!(is_mistake.contains(&0.0) && is_mistake.contains(&1.0));
        let is_mistake = Tensor::from_vec(is_mistake, (count, negatives.len()), device).unwrap();
        let weights = (negative.detach() * 0.8).unwrap().exp().unwrap();
        let weights = (weights * is_mistake).unwrap();
        let weights = weights
            .broadcast_div(&weights.sum_keepdim(1).unwrap())
            .unwrap();
        let margin = f64::from(options.margin);
        let total = match loss {
            Loss::Margin => {
                let excess = negative.broadcast_sub(&positive).unwrap();
                let excess = (excess + margin).unwrap().relu().unwrap();
                (excess * weights).unwrap().sum_all().unwrap()
            }
            Loss::LogSigmoid => {
                let positive = softplus(&(positive.neg().unwrap() - margin).unwrap());
                let negative = softplus(&(negative + margin).unwrap());
                let negative = (negative * weights).unwrap().sum_all().unwrap();
                (positive.sum_all().unwrap() + negative).unwrap()
            }
        };
        let what = format!("{model:?} {loss:?} {side:?}");
        let expected_loss = f64::from(total.to_scalar::<f32>().unwrap());
        assert!(
            (found_loss - expected_loss).abs() < 1e-4 * expected_loss,
            "{what}: the loss"
        );
        let squares = (known.sqr().unwrap() + replaced.sqr().unwrap()).unwrap();
        let penalty = (squares.sum_all().unwrap() * (0.05 / 2.0)).unwrap();
        let gradients = (total + penalty).unwrap().backward().unwrap();
        let expected = |variable: &Var| -> Vec<f32> {
            let gradient = gradients.get(variable.as_tensor()).unwrap();
            gradient.flatten_all().unwrap().to_vec1().unwrap()
        };
        assert_close(
            &of_nodes,
            &expected(&nodes),
            1e-4,
            &format!("{what}, nodes"),
        );
        let expected = expected(&relations);
        assert_close(
            &of_relations,
            &expected,
            1e-4,
            &format!("{what}, relations"),
        );
    }
}
