use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected true, false, a number or a word")]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A word.
    Text(String),
}

/// The values of a trial's parameters by name.
pub type Assignment = BTreeMap<String, Value>;

impl Value {
    /// Reads a flag, a number, or else a word.
    pub(crate) fn parse(text: &str) -> Self {
        if let Ok(flag) = text.parse() {
            return Self::Flag(flag);
        }
        if let Ok(integer) = text.parse() {
            return Self::Integer(integer);
        }
        match text.parse() {
            // "nan" and "inf" are words here.
            Ok(number) if f64::is_finite(number) => Self::Number(number),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// The value as a number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(integer) => Some(*integer as f64),
            Self::Number(number) => Some(*number),
            Self::Flag(_) | Self::Text(_) => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(formatter),
            Self::Integer(integer) => integer.fmt(formatter),
            // Debug shows a small number as 1e-5, and both show all digits.
            Self::Number(number) => match number.fract() == 0.0 && number.abs() < 1e15 {
                true => write!(formatter, "{number:.1}"),
                false => write!(formatter, "{number:?}"),
            },
            Self::Text(text) => text.fmt(formatter),
        }
    }
}

impl From<&Value> for toml::Value {
    fn from(value: &Value) -> Self {
        match value {
            Value::Flag(flag) => Self::Boolean(*flag),
            Value::Integer(integer) => Self::Integer(*integer),
            Value::Number(number) => Self::Float(*number),
            Value::Text(text) => Self::String(text.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_flags_are_told_apart_and_survive_json() {
        let cases = [
            ("true", Value::Flag(true)),
            ("12", Value::Integer(12)),
            ("1e-4", Value::Number(1e-4)),
            ("2.0", Value::Number(2.0)),
            ("adamw", Value::Text("adamw".to_owned())),
            ("inf", Value::Text("inf".to_owned())),
        ];
        for (text, expected) in cases {
            let value = Value::parse(text);
            assert_eq!(value, expected);
            assert_eq!(Value::parse(&value.to_string()), value);
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
        }
        assert_eq!(Value::Number(0.0001).to_string(), "0.0001");
        assert_eq!(Value::Number(1.234e-5).to_string(), "1.234e-5");
    }
}
