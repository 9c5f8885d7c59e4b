use artkg_corpus::{Corpus, Split};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::RetrievalModel;
use crate::text_side::Record;

/// How often the right one is among the first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recall {
    /// Share of queries whose own is the first.
    pub at_1: f64,
    /// Share of queries whose own is among the first five.
    pub at_5: f64,
    /// Share of queries whose own is among the first ten.
    pub at_10: f64,
    /// The median of its rank, from 1.
    pub median_rank: f64,
}

/// Retrieval measured on one split.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RetrievalEvaluation {
    /// Artworks with a text and an image: queries and candidates.
    pub artworks: usize,
    /// The artwork of a text.
    pub text_to_art: Recall,
    /// The text of an artwork.
    pub art_to_text: Recall,
    /// What guessing would reach.
    pub random: Recall,
}

impl Recall {
    /// Of the ranks of the right ones, from 1.
    pub fn of(mut ranks: Vec<usize>) -> Self {
        ranks.sort_unstable();
        let count = ranks.len();
        let within = |first: usize| {
            let found = ranks.partition_point(|&rank| rank <= first);
            found as f64 / count.max(1) as f64
        };
        let median_rank = match count {
            0 => 0.0,
            _ if count % 2 == 1 => ranks[count / 2] as f64,
            _ => (ranks[count / 2 - 1] + ranks[count / 2]) as f64 / 2.0,
        };
        Self {
            at_1: within(1),
            at_5: within(5),
            at_10: within(10),
            median_rank,
        }
    }
}

/// What guessing reaches among `candidates` on average.
pub(crate) fn random_recall(candidates: usize) -> Recall {
    let share = |first: usize| (first as f64 / candidates.max(1) as f64).min(1.0);
    Recall {
        at_1: share(1),
        at_5: share(5),
        at_10: share(10),
        median_rank: (candidates as f64 + 1.0) / 2.0,
    }
}

/// The rank, from 1, of row `i` of `candidates` for row `i` of `queries`, both
/// `[rows, dimension]` of length one. Of equally similar ones half count as
/// better.
pub(crate) fn ranks(queries: &[f32], candidates: &[f32], dimension: usize) -> Vec<usize> {
    let dot = |left: &[f32], right: &[f32]| -> f32 {
        left.iter()
            .zip(right)
            .map(|(left, right)| left * right)
            .sum()
    };
    queries
        .chunks_exact(dimension)
        .enumerate()
        .map(|(row, query)| {
            let own = &candidates[row * dimension..(row + 1) * dimension];
            let own = dot(query, own);
            let (mut better, mut equal) = (0, 0);
            for (other, candidate) in candidates.chunks_exact(dimension).enumerate() {
                let similarity = dot(query, candidate);
                better += usize::from(similarity > own);
                equal += usize::from(similarity == own && other != row);
            }
            1 + better + equal / 2
        })
        .collect()
}

/// Measures a retrieval model on a split: texts and artworks of the split only.
///
/// # Errors
/// When no artwork of the split has a text and is in the model's index.
pub fn evaluate_retrieval(
    model: &RetrievalModel,
    corpus: &Corpus,
    split: Split,
) -> Result<RetrievalEvaluation> {
    let side = model.text_side();
    let (mut records, mut images) = (Vec::new(), Vec::new());
    for artwork in corpus.split(split) {
        let record = Record::of(artwork, &side.vocabularies);
        let (Some(record), Some(vector)) = (record, model.vector(&artwork.id)) else {
            continue;
        };
        records.push(record);
        images.extend_from_slice(vector);
    }
    if records.is_empty() {
        return Err(Error::Usage(format!(
            "no artwork of the {split} split of {} has a text and is in the index; train the \
             retrieval model on this corpus",
            corpus.folder.display()
        )));
    }
    let texts = model.embed_records(&records)?;
    let dimension = model.dimension();
    Ok(RetrievalEvaluation {
        artworks: records.len(),
        text_to_art: Recall::of(ranks(&texts, &images, dimension)),
        art_to_text: Recall::of(ranks(&images, &texts, dimension)),
        random: random_recall(records.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_a_table_worked_by_hand() {
        // Three queries and candidates in the plane.
        let queries = [1.0, 0.0, 0.0, 1.0, 0.6, 0.8];
        let candidates = [0.8, 0.6, 1.0, 0.0, 0.0, 1.0];
        // Query 0: cosines .8, 1, 0; query 1: .6, 0, 1; query 2: .96, .6, .8.
        assert_eq!(ranks(&queries, &candidates, 2), [2, 3, 2]);
    }

    #[test]
    fn a_model_that_says_the_same_of_all_is_no_better_than_guessing() {
        let same = [1.0, 0.0].repeat(21);
        let recall = Recall::of(ranks(&same, &same, 2));
        assert_eq!((recall.at_10, recall.median_rank), (0.0, 11.0));
        assert_eq!(random_recall(21).median_rank, 11.0);
    }

    #[test]
    fn recall_counts_ranks() {
        let recall = Recall::of(vec![1, 12, 5, 6]);
        assert_eq!((recall.at_1, recall.at_5, recall.at_10), (0.25, 0.5, 0.75));
        assert_eq!(recall.median_rank, 5.5);
    }
}
