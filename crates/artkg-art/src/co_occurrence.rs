use artkg_corpus::{Corpus, Split};
use artkg_model::CoOccurrence;
use artkg_vocabulary::Vocabulary;

/// Counts which classes the training works of `corpus` have together.
pub(crate) fn co_occurrence(vocabularies: &[Vocabulary], corpus: &Corpus) -> CoOccurrence {
    let classes = vocabularies.iter().map(Vocabulary::len).collect();
    let works = corpus.split(Split::Train).map(|work| {
        let class = |vocabulary: &Vocabulary| work.target(vocabulary);
        vocabularies.iter().map(class).collect()
    });
    CoOccurrence::of(classes, works)
}
