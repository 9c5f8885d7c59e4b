use std::path::{Path, PathBuf};

use artkg_vocabulary::Attribute;

/// What can go wrong when a model is made, read or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// The engine.
    #[error(transparent)]
    Network(#[from] artkg_nn::Error),
    /// A tensor operation.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// The backbone or its weights.
    #[error(transparent)]
    Vision(#[from] artkg_vision::Error),
    /// A safetensors file of something else.
    #[error("{}: not an artkg model; pass the {expected} of a training run", path.display())]
    NotAModel {
        /// The file.
        path: PathBuf,
        /// What model files are called.
        expected: &'static str,
    },
    /// A model file of another version.
    #[error(
        "{}: model format {format} is not the format {expected} that this version of artkg reads; \
         train the model again with its config.toml",
        path.display()
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
        /// The format that is read.
        expected: u32,
    },
    /// A model file whose parts do not go together.
    #[error("{}: {source}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A model file whose description cannot be true.
    #[error("{}: the model description is damaged: {fault}", path.display())]
    Description {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: DescriptionFault,
    },
    /// The classifiers were given values beside the image where they take none, or the
    /// other way round.
    #[error("this model takes {expected} values beside the image")]
    SideInput {
        /// How many it takes.
        expected: usize,
    },
    /// A word that names no system.
    #[error("unknown mode `{mode}`; use {}", known.join(", "))]
    UnknownMode {
        /// The word.
        mode: String,
        /// Those that there are.
        known: Vec<&'static str>,
    },
    /// A word that names no use of the context.
    #[error("unknown context `{context}`; use regress, or a list of fuse, prototypes and joint")]
    UnknownContext {
        /// The word.
        context: String,
    },
    /// A strength of the joint choice that makes no sense.
    #[error("a strength of {strength} makes no sense: give 0 to {greatest}, or leave it out")]
    Strength {
        /// What was asked for.
        strength: f64,
        /// The greatest that is allowed.
        greatest: f64,
    },
    /// The model has one task only, so that nothing can be chosen jointly.
    #[error("the model gives one tag only, which goes with itself")]
    OneTask,
    /// The model file does not say which tags go together.
    #[error(
        "the model file does not say which tags go together; it comes from an older version of \
         artkg, so train the model again"
    )]
    NoJointPrior,
    /// The model file does not say how many tags are wrong above which confidence.
    #[error(
        "the model file has no risk–coverage curves; it comes from an older version of artkg, so \
         train the model again"
    )]
    NoCurves,
    /// The curves of the model file are for another strength of the joint choice.
    #[error("the model's risk–coverage curves hold for the fitted strength")]
    OtherStrength,
    /// The model was given captions and reads none.
    #[error("this model reads no captions")]
    ReadsNoCaptions,
    /// The model reads captions and was given none.
    #[error("this model reads captions made by {captioner}")]
    NeedsCaptions {
        /// What made those that it learned from.
        captioner: String,
    },
}

impl Error {
    /// A model file that cannot be used.
    pub(crate) fn damaged(
        path: &Path,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Damaged {
            path: path.to_path_buf(),
            source: source.into(),
        }
    }
}

/// The widest layer, and the longest vector beside an image, that a file may ask for.
pub(crate) const WIDEST: usize = 1 << 16;

/// What a description says that cannot be true.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DescriptionFault {
    /// It is no description, or of another shape.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A model without tasks.
    #[error("it has no task")]
    NoTask,
    /// Two heads of one task.
    #[error("it has the task {0} twice")]
    Twice(Attribute),
    /// Not one temperature for each task.
    #[error("{temperatures} temperatures for {tasks} tasks")]
    Temperatures {
        /// How many there are.
        temperatures: usize,
        /// How many are needed.
        tasks: usize,
    },
    /// A temperature that calibrates nothing.
    #[error("the temperature of {task} is {value}; it has to be above 0 and finite")]
    Temperature {
        /// The task.
        task: Attribute,
        /// Its temperature.
        value: f32,
    },
    /// Sizes of images, means or deviations that cannot be used.
    #[error(transparent)]
    Preprocessing(artkg_image::Error),
    /// A layer or vector of an absurd width.
    #[error("{what} has a width of {width}; it has to be from 1 to {WIDEST}")]
    Width {
        /// What has it.
        what: &'static str,
        /// The width.
        width: usize,
    },
    /// A standardisation of node embeddings that divides by nothing.
    #[error("node embeddings have a mean of {mean} and a deviation of {deviation}")]
    Standardisation {
        /// The mean.
        mean: f64,
        /// The deviation.
        deviation: f64,
    },
    /// Not one risk–coverage curve for each task.
    #[error("a risk–coverage curve for each task is needed")]
    Curves,
    /// Co-occurrences that do not fit the tasks.
    #[error("{0}")]
    Joint(String),
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
