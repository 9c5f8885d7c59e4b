/// The validation metric that chooses the best epoch: the share of queries, in
/// both directions, whose artwork or text is among the first ten.
pub(crate) const DECIDING_METRIC: &str = "recall_at_10";

/// What is measured on the validation split.
pub(crate) const METRICS: [&str; 5] = [
    DECIDING_METRIC,
    "text_to_art.recall_at_10",
    "art_to_text.recall_at_10",
    "text_to_art.median_rank",
    "art_to_text.median_rank",
];
