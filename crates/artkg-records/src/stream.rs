//! What all formats have in common.

use std::path::Path;

use crate::error::Result;
use crate::fault::Fault;
use crate::place::Place;
use crate::reading::Reading;
use crate::values::Values;

/// The records of a source, one after another.
///
/// After [`Stream::advance`] the other methods speak of the record it came to.
pub trait Stream {
    /// How the source was read.
    fn reading(&self) -> Reading;

    /// The names of the fields that records may have.
    fn fields(&self) -> &[String];

    /// Goes to the next record that is not blank; `false` where there is none.
    ///
    /// # Errors
    /// A file that cannot be read on.
    fn advance(&mut self) -> Result<bool>;

    /// The file that the record stands in.
    fn path(&self) -> &Path;

    /// Where it stands there.
    fn place(&self) -> Place;

    /// Why the record cannot be used, if so.
    fn fault(&self) -> Option<Fault>;

    /// What the record has in a field; the field's place in [`Stream::fields`].
    fn values(&self, field: usize) -> Values<'_>;

    /// Whether it has anything in a field.
    fn has(&self, field: usize) -> bool {
        self.values(field)
            .any(|value| !value.text.trim().is_empty())
    }
}
