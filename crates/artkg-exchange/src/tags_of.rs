use artkg_tag::Tags;

use crate::error::Result;

/// The tags of a file, in its order.
pub type TagsOf<'a> = Box<dyn Iterator<Item = Result<Tags>> + 'a>;
