use super::super::known::Known;
use super::*;
use crate::embeddings::Embeddings;

fn bits(embeddings: &Embeddings) -> Vec<u32> {
    let values = embeddings
        .vectors()
        .iter()
        .chain(embeddings.relation_vectors());
    values.map(|value| value.to_bits()).collect()
}

fn in_pool<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap().install(work)
}

#[test]
fn every_model_and_loss_predicts_what_follows_from_the_rest() {
    let art = art();
    let split = hold_out(&art, 0.1, 1).unwrap();
    // Vectors that have learnt next to nothing.
    let random = TripletOptions {
        epochs: 1,
        learning_rate: 1e-9,
        ..options(TripletModel::TransE)
    };
    let random = embed(&split.training, &random, |_| {}).unwrap();
    let random = evaluate(&random, &art, &split.held_out, |_, _| {});
    for model in TripletModel::ALL {
        for loss in [Loss::LogSigmoid, Loss::Margin] {
            let mut options = TripletOptions {
                loss,
                ..options(model)
            };
            if loss == Loss::Margin {
                options.margin = 2.0;
            }
            let mut last = None;
            let embeddings = embed(&split.training, &options, |now| last = Some(now)).unwrap();
            let found = evaluate(&embeddings, &art, &split.held_out, |_, _| {});
            let mrr = |prediction: &LinkPrediction, name: &str| {
                let mut relations = prediction.relations.iter();
                let relation = relations.find(|known| known.relation == name).unwrap();
                relation.of_kind.tail.mean_reciprocal_rank
            };
            let what = format!("{model:?} {loss:?}: {found:?}");
            // Guessing among four schools and three periods gives 0.52 and 0.61.
            for relation in ["of_school", "from_period"] {
                assert!(mrr(&found, relation) > 0.7, "{relation}, {what}");
                assert!(mrr(&random, relation) < 0.7, "{relation}, {random:?}");
            }
            let all = |prediction: &LinkPrediction| prediction.of_all.both.mean_reciprocal_rank;
            assert!(
                all(&found) > 4.0 * all(&random),
                "{what}, at random {random:?}"
            );
            let last = last.unwrap();
            assert_eq!(last.triplets, last.total);
            let triplets = split.training.edge_count() * 2 * options.epochs;
            assert_eq!(last.total, triplets as u64);
            assert!(last.loss.is_finite());
        }
    }
}

#[test]
fn a_seed_gives_the_same_bits_with_any_number_of_threads() {
    let art = art();
    for model in TripletModel::ALL {
        let options = TripletOptions {
            epochs: 3,
            ..options(model)
        };
        let learn = |threads: usize, options: &TripletOptions| {
            in_pool(threads, || bits(&embed(&art, options, |_| {}).unwrap()))
        };
        let first = learn(1, &options);
        assert_eq!(learn(1, &options), first, "{model:?}");
        assert_eq!(learn(3, &options), first, "{model:?}");
        let other = TripletOptions { seed: 6, ..options };
        assert_ne!(learn(1, &other), first, "{model:?}");
    }
}

#[test]
fn a_seed_gives_the_same_prediction() {
    let art = art();
    let predict = || {
        let split = hold_out(&art, 0.1, 3).unwrap();
        let options = TripletOptions {
            epochs: 2,
            ..options(TripletModel::RotatE)
        };
        let embeddings = embed(&split.training, &options, |_| {}).unwrap();
        evaluate(&embeddings, &art, &split.held_out, |_, _| {})
    };
    assert_eq!(in_pool(1, predict), in_pool(2, predict));
}

#[test]
fn rotations_keep_lengths() {
    let options = TripletOptions {
        epochs: 2,
        dimension: 10,
        ..options(TripletModel::RotatE)
    };
    let embeddings = embed(&art(), &options, |_| {}).unwrap();
    assert_eq!(embeddings.relations().len(), 4);
    for vector in embeddings.relation_vectors().chunks_exact(10) {
        for place in 0..5 {
            assert!((vector[place].hypot(vector[5 + place]) - 1.0).abs() < 1e-5);
        }
    }
}

#[test]
fn every_node_and_relation_keeps_an_edge() {
    let art = art();
    let split = hold_out(&art, 0.3, 2).unwrap();
    let count = (0.3 * art.edge_count() as f64).round() as usize;
    assert_eq!(split.held_out.len(), count);
    let left = split.training.triplets();
    assert_eq!(left.len() + count, art.edge_count());
    assert!(split.held_out.iter().all(|triplet| !left.contains(triplet)));
    assert_eq!(split.training.node_count(), art.node_count());
    assert_eq!(hold_out(&art, 0.3, 2).unwrap().held_out, split.held_out);
    assert_ne!(hold_out(&art, 0.3, 3).unwrap().held_out, split.held_out);
    assert!(split.training.provenance().warnings[0].contains("held out"));

    // As many as possible, and no more.
    let most = hold_out(&art, 0.99, 2).unwrap();
    assert!(most.held_out.len() < (0.99 * art.edge_count() as f64) as usize);
    let left = most.training.triplets();
    for node in 0..art.node_count() as u32 {
        assert!(
            left.iter().any(|t| t.head == node || t.tail == node),
            "{node}"
        );
    }
    for relation in 0..4 {
        assert!(left.iter().any(|t| t.relation == relation), "{relation}");
    }
}

#[test]
fn nothing_to_hold_out_or_to_learn_is_refused() {
    let pairs = graph(&[("node", 4)], &["next"], &[(0, 0, 1), (2, 0, 3)]);
    let message = hold_out(&pairs, 0.5, 0).unwrap_err().to_string();
    assert!(message.contains("no edge"), "{message}");
    for share in [0.0, 1.0, -0.1, f64::NAN] {
        let message = hold_out(&art(), share, 0).unwrap_err().to_string();
        assert!(message.contains("held-out share is"), "{message}");
    }
    let empty = graph(&[("node", 3)], &[], &[]);
    let refused = embed(&empty, &options(TripletModel::TransE), |_| {});
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("without edges"), "{message}");
}

#[test]
fn known_nodes_are_found_from_both_sides() {
    let edges = [
        (0, 0, 3),
        (0, 1, 3),
        (0, 0, 1),
        (2, 0, 3),
        (3, 0, 0),
        (0, 0, 3),
    ];
    let graph = graph(&[("node", 5)], &["a", "b"], &edges);
    let known = Known::new(5, graph.triplets().into_iter());
    assert_eq!(known.nodes(Side::Tail, 0, 0), [1, 3]);
    assert_eq!(known.nodes(Side::Tail, 0, 1), [3]);
    assert_eq!(known.nodes(Side::Head, 3, 0), [0, 2]);
    assert_eq!(known.nodes(Side::Head, 0, 0), [3]);
    assert_eq!(known.nodes(Side::Tail, 4, 0), [0u32; 0]);
    assert_eq!(known.nodes(Side::Head, 3, 2), [0u32; 0]);
}

#[test]
fn padding_comes_and_goes() {
    let rows: Vec<f32> = (1..=12).map(|value| value as f32).collect();
    for model in TripletModel::ALL {
        let padded = model.padded(&rows, 6);
        assert_eq!(padded.len(), 2 * model.width(6), "{model:?}");
        assert_eq!(padded.iter().sum::<f32>(), 78.0, "{model:?}");
        assert_eq!(model.trimmed(&padded, 6), rows, "{model:?}");
    }
    let padded = TripletModel::RotatE.padded(&rows, 6);
    assert_eq!((padded[2], padded[3], padded[16]), (3.0, 0.0, 4.0));
}

#[test]
fn senseless_options_are_refused() {
    let refused = |change: fn(&mut TripletOptions)| {
        let mut options = TripletOptions::of(TripletModel::RotatE);
        change(&mut options);
        options.check().unwrap_err().to_string()
    };
    assert!(refused(|o| o.dimension = 7).contains("even"));
    assert!(refused(|o| o.epochs = 0).contains("epochs is 0"));
    assert!(refused(|o| o.negatives = 0).contains("negatives"));
    assert!(refused(|o| o.same_kind = 1.5).contains("same kind"));
    assert!(refused(|o| o.margin = f32::NAN).contains("NaN"));
    assert!(refused(|o| o.learning_rate = 0.0).contains("learning rate"));
    for model in TripletModel::ALL {
        TripletOptions::of(model).check().unwrap();
        assert_eq!(model.name().to_lowercase().parse(), Ok(model));
    }
    assert!(
        "complex"
            .parse::<TripletModel>()
            .unwrap_err()
            .contains("RotatE")
    );
}
