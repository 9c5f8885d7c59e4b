//! What has to be said of a retrieval model before its results are.

use std::path::Path;

use artkg_corpus::Corpus;
use artkg_retrieve::RetrievalModel;

use crate::commands::model_notes::{note_checksum, note_synthetic};
use crate::globals::Globals;

/// Says that the model learned from generated paintings, that nothing vouches for its
/// file, or that its index is of a corpus of another name.
pub(super) fn note_retrieval(
    path: &Path,
    model: &RetrievalModel,
    corpus: &Corpus,
    globals: &Globals,
) {
    if model.is_synthetic() {
        note_synthetic(path, model.corpus(), globals);
    }
    note_checksum(path, model.checksum(), globals);
    if model.corpus() != corpus.description.name {
        globals.note(format!(
            "warning: the index of {} holds artworks of {}, and {} is {}: the same id may be \
             another artwork here",
            path.display(),
            model.corpus(),
            corpus.folder.display(),
            corpus.description.name
        ));
    }
}
