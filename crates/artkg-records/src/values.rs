//! What a record has in a field.

use std::borrow::Cow;
use std::slice;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// Its text; empty where a list has an element without this value.
    pub text: Cow<'a, str>,
    /// Whether all its bytes made sense in the file's encoding.
    pub sound: bool,
}

/// The values of one field of one record, in their order.
///
/// Fields of one list (`makers[].name`, `makers[].role`) have as many values as it has
/// elements, so that those of one element stand at the same place; what an element lacks
/// is empty.
#[derive(Clone, Debug)]
pub enum Values<'a> {
    /// A cell of a table, or what else is single.
    One(Option<Value<'a>>),
    /// The values of a list.
    Several(slice::Iter<'a, String>),
}

impl<'a> Values<'a> {
    /// A sound value.
    pub(crate) fn one(text: &'a str) -> Self {
        Self::One(Some(Value {
            text: Cow::Borrowed(text),
            sound: true,
        }))
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        match self {
            Self::One(value) => value.take(),
            Self::Several(values) => values.next().map(|text| Value {
                text: Cow::Borrowed(text),
                sound: true,
            }),
        }
    }
}
