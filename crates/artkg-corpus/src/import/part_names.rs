//! What columns are called that say more of another column's values.

use crate::identity::IDENTITY_COLUMN;

pub(super) const AUTHOR: &str = "author";
pub(super) const ROLE: &str = "author_role";
pub(super) const QUALIFIER: &str = "author_qualifier";

/// Whether one of our columns is such a part.
pub(super) fn is_part(name: &str) -> bool {
    name == ROLE || name == QUALIFIER || name == IDENTITY_COLUMN || base(name).is_some()
}

/// The column whose identities another one holds.
pub(super) fn base(name: &str) -> Option<&str> {
    name.strip_suffix(IDENTITY_COLUMN)?.strip_suffix('_')
}
