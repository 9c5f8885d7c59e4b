//! The table of `artkg graph embed --hold-out`.

use artkg_files::counted;
use artkg_graph::triplets::{LinkPrediction, Metrics};

/// Prints how well held-out edges rank: overall, then by relation.
pub(super) fn print(prediction: &LinkPrediction) {
    outln!();
    outln!(
        "{} held out; ranks of their nodes, true ones aside, among",
        counted(prediction.triplets, "edge")
    );
    outln!(
        "{:<28} {:>7} {:>7} {:>7} {:>7} {:>9}",
        "",
        "MRR",
        "Hits@1",
        "Hits@3",
        "Hits@10",
        "mean rank"
    );
    for (rivals, sides) in [
        ("nodes of their kind", &prediction.of_kind),
        ("all nodes", &prediction.of_all),
    ] {
        line(rivals, &sides.both);
        line("  head", &sides.head);
        line("  tail", &sides.tail);
    }
    outln!();
    outln!("by relation, among nodes of their kind");
    for relation in &prediction.relations {
        outln!("{} ({})", relation.relation, relation.triplets);
        line("  head", &relation.of_kind.head);
        line("  tail", &relation.of_kind.tail);
    }
}

fn line(name: &str, metrics: &Metrics) {
    outln!(
        "{name:<28} {:>7.3} {:>7.3} {:>7.3} {:>7.3} {:>9.1}",
        metrics.mean_reciprocal_rank,
        metrics.hits_at_1,
        metrics.hits_at_3,
        metrics.hits_at_10,
        metrics.mean_rank,
    );
}
