use std::path::PathBuf;

use artkg_corpus::Split;

use crate::shared::SharedClasses;

/// What can go wrong when a model is measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model over the corpus.
    #[error(transparent)]
    Inference(#[from] artkg_infer::Error),
    /// A chart or page.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
    /// A corpus that the model has no word for.
    #[error(
        "{}: no artwork of the {split} split has a value that is a class of the model, which learned \
         from {learned_from}: {}",
        corpus.display(),
        examples(shared)
    )]
    NothingShared {
        /// The corpus folder.
        corpus: PathBuf,
        /// The split.
        split: Split,
        /// The name of the corpus that the model learned from.
        learned_from: String,
        /// The values of each task.
        shared: Vec<SharedClasses>,
    },
}

/// The tasks with a value of each.
fn examples(shared: &[SharedClasses]) -> String {
    let words = shared.iter().map(|one| match &one.foreign {
        Some(value) => format!("its values of {} are such as `{value}`", one.task),
        None => format!("it has no value of {}", one.task),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
