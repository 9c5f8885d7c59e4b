use std::fmt;

/// Why a named tensor does not fit where it is to go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TensorFault {
    /// It is not there.
    #[error("{0}: missing")]
    Missing(String),
    /// It has another shape.
    #[error("{name}: shape {found:?}, expected {expected:?}")]
    Shape {
        /// Its name.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that it should have.
        expected: Vec<usize>,
    },
    /// Nothing of its name is expected.
    #[error("{0}: belongs to no parameter")]
    Unknown(String),
}

/// The first few faults, and how many others there are.
pub(crate) struct Listed<'a>(pub(crate) &'a [TensorFault]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        for (place, fault) in self.0.iter().take(SHOWN).enumerate() {
            let between = if place == 0 { "" } else { "; " };
            write!(formatter, "{between}{fault}")?;
        }
        match self.0.len().checked_sub(SHOWN) {
            None | Some(0) => Ok(()),
            Some(more) => write!(formatter, "; and {more} more"),
        }
    }
}
