use std::path::PathBuf;

use artkg_files::exact_name;
use artkg_vocabulary::Attribute;

/// What can go wrong in tagging; a single bad image is no error but a
/// [`crate::Failure`] in the summary.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// The model.
    #[error(transparent)]
    Model(#[from] artkg_model::Error),
    /// A tensor operation.
    #[error(transparent)]
    Tensor(#[from] artkg_feed::Error),
    /// A word that names no task.
    #[error(transparent)]
    Attribute(#[from] artkg_vocabulary::NoAttribute),
    /// A tag file of no format.
    #[error(
        "{}: tags are written as .csv or .jsonl; give the output one of these endings",
        .0.display()
    )]
    Format(PathBuf),
    /// Two images that would have one caption.
    #[error(
        "{} and {} would have one caption, that of `{id}`; rename one of them",
        exact_name(first),
        exact_name(second)
    )]
    OneCaption {
        /// The one.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// The id of both.
        id: String,
    },
    /// A list of images without one.
    #[error("{}: the list is empty; write one image path a line", .0.display())]
    EmptyList(PathBuf),
    /// A confidence or a share that is none.
    #[error("`{0}` is no number from 0 to 1; write 0.8 for all tasks or author=0.8 for one")]
    NoShare(String),
    /// A task that the model does not have.
    #[error("the model has no task {task}; its tasks are {}", names(known))]
    NoTask {
        /// The task.
        task: Attribute,
        /// Those that it has.
        known: Vec<Attribute>,
    },
}

fn names(tasks: &[Attribute]) -> String {
    let names: Vec<&str> = tasks.iter().map(|task| task.name()).collect();
    names.join(", ")
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
