use std::path::PathBuf;

/// An error of the client that speaks to the hub.
pub type ClientError = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong with weights and where they come from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A file of tensors could not be read.
    #[error(transparent)]
    Tensors(Box<artkg_nn::Error>),
    /// A text that names no file on the hub.
    #[error(
        "\"hub:{0}\" names no file on the hub; write hub:OWNER/NAME, for example \
         hub:timm/resnet50.a1_in1k, with @REVISION and :FILE where needed"
    )]
    HubName(String),
    /// No text where weights were to be named.
    #[error("the weights are an empty text; write imagenet, none, hub:OWNER/NAME or a path")]
    NoWeightsNamed,
    /// No text where a model was to be named.
    #[error("the model is an empty text; write a folder or hub:OWNER/NAME")]
    NoModelNamed,
    /// A file of the hub that is not available.
    #[error(transparent)]
    Unavailable(Box<Unavailable>),
    /// A file of a model on the hub that is not available.
    #[error(
        "{0}, with model.safetensors, config.json and tokenizer.json in one folder, and pass the \
         folder"
    )]
    ModelUnavailable(Box<Unavailable>),
    /// A model's folder without one of its files.
    #[error(
        "{}: there is no {file}; a model's folder has model.safetensors, config.json and \
         tokenizer.json, as its repository on the hub", folder.display()
    )]
    NoSuchFile {
        /// The folder.
        folder: PathBuf,
        /// The file.
        file: String,
    },
    /// One of a model's JSON files that does not say what is expected of it.
    #[error("{}: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
}

/// A file of the hub that is not available.
#[derive(Debug, thiserror::Error)]
#[error("cannot get {file} of {repository} from the hub ({reason}): download {address} yourself")]
pub struct Unavailable {
    /// The repository, `owner/name`.
    pub repository: String,
    /// Path inside the repository.
    pub file: String,
    /// Why.
    #[source]
    pub reason: Reason,
    /// Where the file is on the web.
    pub address: String,
}

/// Why a file of the hub cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// `HF_HUB_OFFLINE` is set.
    #[error("it is not in {} and HF_HUB_OFFLINE forbids downloads", .cache.display())]
    Offline {
        /// Where downloaded files lie.
        cache: PathBuf,
    },
    /// The program cannot download.
    #[error("it is not in {} and this program was built without downloads", .cache.display())]
    WithoutNetwork {
        /// Where downloaded files lie.
        cache: PathBuf,
    },
    /// The server has no such file.
    #[error("there is no such file or repository: {0}")]
    Missing(#[source] ClientError),
    /// The server wants to know who asks.
    #[error("there is no such repository, or it needs an access token in HF_TOKEN: {0}")]
    Forbidden(#[source] ClientError),
    /// Anything else on the way.
    #[error(transparent)]
    Failed(ClientError),
}

impl Reason {
    /// Whether a file that not every repository has is to be taken as absent.
    pub(crate) fn means_absent(&self) -> bool {
        !matches!(self, Self::Forbidden(_) | Self::Failed(_))
    }
}

impl From<artkg_nn::Error> for Error {
    /// Boxed, as errors of tensors are large.
    fn from(error: artkg_nn::Error) -> Self {
        Self::Tensors(Box::new(error))
    }
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
