use artkg_files::checksum;
use candle_core::DType;
use safetensors::SafeTensorError;

/// What is wrong with a file that is not valid safetensors, and the way out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TensorFileFault {
    /// It is a file of another kind: which one, and what to do.
    #[error("{0}")]
    Foreign(&'static str),
    /// It ends inside its header.
    #[error("the file is truncated: it ends inside its header, after {bytes} bytes; {AGAIN}")]
    HeaderCut {
        /// Its length.
        bytes: u64,
    },
    /// It is shorter than its header says.
    #[error("the file is truncated: it has {bytes} of {expected} bytes; {AGAIN}")]
    Cut {
        /// Its length.
        bytes: u64,
        /// The length that its header says.
        expected: u64,
    },
    /// It is longer than its header says.
    #[error("the file is damaged: it has {bytes} bytes instead of {expected}; {AGAIN}")]
    TooLong {
        /// Its length.
        bytes: u64,
        /// The length that its header says.
        expected: u64,
    },
    /// Its header makes no sense.
    #[error("the file is damaged or not safetensors: {0}; {AGAIN}")]
    Header(#[source] SafeTensorError),
    /// Its content is not that of its checksum.
    #[error("the file is damaged: {0}; {AGAIN}")]
    Checksum(#[source] checksum::ChecksumFault),
    /// Values of a tensor are infinite or no numbers.
    #[error(
        "{faulty} of the {values} values of tensor {name} are infinite or no numbers, so nothing \
         can be computed with it; train it again, or take another copy"
    )]
    NotFinite {
        /// The tensor.
        name: String,
        /// How many of its values.
        faulty: usize,
        /// How many values it has.
        values: usize,
    },
    /// One of its tensors makes no sense.
    #[error("tensor {name} cannot be read: {source}")]
    Tensor {
        /// The tensor.
        name: String,
        /// What is wrong with it.
        source: Box<candle_core::Error>,
    },
}

const AGAIN: &str = "copy or download it again";

/// Why a tensor cannot be part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unstorable {
    /// Its name has a meaning of its own there.
    #[error("the name is reserved by the format")]
    Name,
    /// Its data type is none of the format's.
    #[error("data type {0:?} is not supported")]
    DataType(DType),
}
