use crate::value::Value;

/// What is wrong with a parameter.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ParameterFault {
    /// It is not written as one.
    #[error("write NAME=LOW..HIGH, NAME=LOW..HIGH:log, NAME=LOW..HIGH:int or NAME=A,B")]
    Form,
    /// Its ends are words.
    #[error("the ends are no numbers")]
    NotNumbers,
    /// Its ends are no whole numbers, as `int` asks for.
    #[error("the ends are no whole numbers")]
    NotWhole,
    /// Something else than `log` or `int` says how to search.
    #[error("behind the colon stands log or int")]
    Suffix,
    /// There is nothing between its ends.
    #[error("the smallest value must be below the largest")]
    Empty,
    /// A range by magnitude that starts at 0 or below.
    #[error("by magnitude, values start above 0")]
    NotPositive,
    /// A choice of one or none.
    #[error("a choice needs two values or more, such as a,b")]
    NoChoice,
    /// A value that is given twice.
    #[error("the value {0} is given twice")]
    ValueTwice(Value),
    /// Another parameter has the same name.
    #[error("{0} is given twice")]
    NameTwice(String),
}

/// What is wrong with the key of a setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// It is empty, or a part of it.
    #[error("is no key of a settings file")]
    Form,
    /// It leads below a value.
    #[error("{0} is below a value that is no table")]
    BelowValue(String),
    /// It leads to a place that a list does not have.
    #[error("{part} is no place in a list of {length}")]
    Place {
        /// The place.
        part: String,
        /// How many there are.
        length: usize,
    },
    /// Several keys end like this.
    #[error("may be {}; write it out", .0.join(" or "))]
    Ambiguous(Vec<String>),
}
