/// What can go wrong with the hub. Callers add how to pass a file of one's own.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A text that names no file on the hub.
    #[error(
        "\"hub:{0}\" names no file on the hub; write hub:OWNER/NAME, for example \
         hub:timm/resnet50.a1_in1k, with @REVISION and :FILE where needed"
    )]
    Name(String),
    /// A file that is not available.
    #[error(
        "cannot get {file} of {repository} from the hub ({reason}): download {address} yourself"
    )]
    Unavailable {
        /// The repository, `owner/name`.
        repository: String,
        /// Path inside the repository.
        file: String,
        /// Why.
        reason: String,
        /// Where the file is on the web.
        address: String,
    },
}

/// The result type of this crate.
pub type Result<T> = std::result::Result<T, Error>;
