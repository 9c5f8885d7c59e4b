//! Names of columns as a mapping gives them.

use std::fmt;

use serde::Deserialize;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

/// One column name or several.
#[derive(Clone, Debug)]
pub enum Names {
    /// The source has this column.
    One(String),
    /// The source has some of these columns.
    Several(Vec<String>),
}

impl Names {
    /// The names, in order.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

/// Which of the columns that the mapping does not use are kept.
#[derive(Clone, Debug)]
pub enum Extra {
    /// All or none.
    All(bool),
    /// These.
    Named(Vec<String>),
}

impl Default for Extra {
    fn default() -> Self {
        Self::All(false)
    }
}

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct NamesVisitor;

        impl<'de> Visitor<'de> for NamesVisitor {
            type Value = Names;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a column's name or a list of names")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> std::result::Result<Names, E> {
                Ok(Names::One(name.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(
                self,
                names: A,
            ) -> std::result::Result<Names, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(names)).map(Names::Several)
            }
        }

        deserializer.deserialize_any(NamesVisitor)
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct ExtraVisitor;

        impl<'de> Visitor<'de> for ExtraVisitor {
            type Value = Extra;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("true, false or a list of columns")
            }

            fn visit_bool<E: de::Error>(self, all: bool) -> std::result::Result<Extra, E> {
                Ok(Extra::All(all))
            }

            fn visit_seq<A: SeqAccess<'de>>(
                self,
                names: A,
            ) -> std::result::Result<Extra, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(names)).map(Extra::Named)
            }
        }

        deserializer.deserialize_any(ExtraVisitor)
    }
}
