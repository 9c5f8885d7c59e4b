//! What has to be said of a model before its results are.

use std::path::Path;

use artkg_files::checksum::Checksum;
use artkg_model::Predictor;

use crate::globals::Globals;

/// Says of a model of art what its user has to know: that it learned from generated
/// paintings, or that nothing vouches for its file.
pub(crate) fn note_model(path: &Path, predictor: &Predictor, globals: &Globals) {
    let learned_from = &predictor.description().provenance.data;
    if learned_from.synthetic {
        note_synthetic(path, &learned_from.name, globals);
    }
    note_checksum(path, predictor.checksum(), globals);
}

/// Says that a model learned from generated paintings.
pub(crate) fn note_synthetic(path: &Path, corpus: &str, globals: &Globals) {
    globals.note(format!(
        "warning: {} learned from generated paintings ({corpus}), not from works of art; what it \
         says of these means nothing",
        path.display()
    ));
}

/// Says that a file has no checksum, so that damage to it would not show.
pub(crate) fn note_checksum(path: &Path, checksum: Option<&Checksum>, globals: &Globals) {
    if let Some(warning) = checksum.and_then(|checksum| checksum.warning(path)) {
        globals.note(warning);
    }
}
