use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::fault::ParameterFault;
use crate::value::Value;

/// Numbers are rounded to this many digits, or to as many of the range's width where
/// that is narrow, so that what is written down is what was tried.
const SIGNIFICANT_DIGITS: usize = 4;

/// The values that a parameter may take, both ends included.
#[derive(Clone, Debug, PartialEq)]
pub enum Range {
    /// Any number, all equally likely.
    Uniform {
        /// The smallest.
        low: f64,
        /// The largest.
        high: f64,
    },
    /// Any number above 0, all magnitudes equally likely.
    LogUniform {
        /// The smallest.
        low: f64,
        /// The largest.
        high: f64,
    },
    /// A whole number.
    Integer {
        /// The smallest.
        low: i64,
        /// The largest.
        high: i64,
    },
    /// One of some values.
    Choice(Vec<Value>),
}

/// A named range, written `NAME=RANGE`:
///
/// ```text
/// dropout=0..0.5                any number
/// learning_rate=1e-4..1e-1:log  any number, by magnitude
/// batch_size=16..64:int         a whole number
/// optimiser.kind=sgd,adamw      one of these
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// What it may be.
    pub range: Range,
}

impl Range {
    /// The interval in which the range is searched, its end excluded: the
    /// values themselves, their logarithms, or the places in a list.
    pub(crate) fn interval(&self) -> (f64, f64) {
        match self {
            Self::Uniform { low, high } => (*low, *high),
            Self::LogUniform { low, high } => (low.ln(), high.ln()),
            Self::Integer { low, high } => (*low as f64 - 0.5, *high as f64 + 0.5),
            Self::Choice(values) => (0.0, values.len() as f64),
        }
    }

    /// The value at a place of the interval.
    pub(crate) fn value(&self, place: f64) -> Value {
        match self {
            Self::Uniform { low, high } => {
                Value::Number(rounded(place, high - low).clamp(*low, *high))
            }
            Self::LogUniform { low, high } => {
                Value::Number(rounded(place.exp(), high - low).clamp(*low, *high))
            }
            Self::Integer { low, high } => {
                Value::Integer((place.round() as i64).clamp(*low, *high))
            }
            Self::Choice(values) => {
                let place = (place.max(0.0) as usize).min(values.len() - 1);
                values[place].clone()
            }
        }
    }

    /// Where in the interval a value lies; `None` where it is none of the
    /// range's.
    pub(crate) fn place(&self, value: &Value) -> Option<f64> {
        let (start, end) = self.interval();
        let place = match self {
            Self::Uniform { .. } | Self::Integer { .. } => value.number()?,
            Self::LogUniform { .. } => value.number()?.ln(),
            Self::Choice(values) => values.iter().position(|known| known == value)? as f64,
        };
        // The end itself is excluded, and rounding may touch either.
        let inside = (start - 1e-9..=end + 1e-9).contains(&place);
        inside.then(|| place.clamp(start, end.next_down()))
    }

    /// The value in the middle, to try whether a setting takes such values.
    pub fn middle(&self) -> Value {
        let (start, end) = self.interval();
        self.value(start + (end - start) / 2.0)
    }

    fn check(&self) -> Result<(), ParameterFault> {
        let grows = |low: f64, high: f64| match low < high && (high - low).is_finite() {
            true => Ok(()),
            false => Err(ParameterFault::Empty),
        };
        match self {
            Self::Uniform { low, high } => grows(*low, *high),
            Self::LogUniform { low, high } => {
                if *low <= 0.0 {
                    return Err(ParameterFault::NotPositive);
                }
                grows(*low, *high)
            }
            Self::Integer { low, high } => grows(*low as f64, *high as f64),
            Self::Choice(values) => {
                let mut places = values.iter().enumerate();
                let twice = places.find(|(place, value)| values[..*place].contains(value));
                match (values.len(), twice) {
                    (0 | 1, _) => Err(ParameterFault::NoChoice),
                    (_, Some((_, value))) => Err(ParameterFault::ValueTwice(value.clone())),
                    (_, None) => Ok(()),
                }
            }
        }
    }
}

/// `number` of a range of some `width` to a few significant digits.
fn rounded(number: f64, width: f64) -> f64 {
    let magnitude = |value: f64| value.abs().max(f64::MIN_POSITIVE).log10().floor();
    let more = (magnitude(number) - magnitude(width)).clamp(0.0, 12.0) as usize;
    let text = format!("{number:.*e}", SIGNIFICANT_DIGITS - 1 + more);
    text.parse().unwrap_or(number)
}

impl Parameter {
    /// A parameter, checked.
    ///
    /// # Errors
    /// [`Error::Parameter`] where the range is empty.
    pub fn new(name: impl Into<String>, range: Range) -> Result<Self> {
        let parameter = Self {
            name: name.into(),
            range,
        };
        match parameter.range.check() {
            Ok(()) => Ok(parameter),
            Err(fault) => Err(Error::Parameter {
                text: parameter.to_string(),
                fault,
            }),
        }
    }

    /// Reads `NAME=RANGE`.
    fn read(text: &str) -> Result<Self, ParameterFault> {
        let (name, range) = text.split_once('=').ok_or(ParameterFault::Form)?;
        if name.trim().is_empty() {
            return Err(ParameterFault::Form);
        }
        let range = Range::read(range)?;
        range.check()?;
        Ok(Self {
            name: name.trim().to_owned(),
            range,
        })
    }
}

impl Range {
    fn read(text: &str) -> Result<Self, ParameterFault> {
        let Some((low, high)) = text.split_once("..") else {
            let values = text.split(',').map(|value| Value::parse(value.trim()));
            return Ok(Self::Choice(values.collect()));
        };
        let (high, kind) = match high.split_once(':') {
            Some((high, kind)) => (high, kind.trim()),
            None => (high, ""),
        };
        let ends = || match (number(low), number(high)) {
            (Some(low), Some(high)) => Ok((low, high)),
            _ => Err(ParameterFault::NotNumbers),
        };
        match kind {
            "" => ends().map(|(low, high)| Self::Uniform { low, high }),
            "log" => ends().map(|(low, high)| Self::LogUniform { low, high }),
            "int" => match (low.trim().parse(), high.trim().parse()) {
                (Ok(low), Ok(high)) => Ok(Self::Integer { low, high }),
                _ => Err(ParameterFault::NotWhole),
            },
            _ => Err(ParameterFault::Suffix),
        }
    }
}

impl FromStr for Parameter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::read(text).map_err(|fault| Error::Parameter {
            text: text.to_owned(),
            fault,
        })
    }
}

/// A finite number.
fn number(text: &str) -> Option<f64> {
    text.trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
}

impl fmt::Display for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}=", self.name)?;
        match &self.range {
            Range::Uniform { low, high } => write!(formatter, "{low:?}..{high:?}"),
            Range::LogUniform { low, high } => write!(formatter, "{low:?}..{high:?}:log"),
            Range::Integer { low, high } => write!(formatter, "{low}..{high}:int"),
            Range::Choice(values) => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                formatter.write_str(&values.join(","))
            }
        }
    }
}

impl TryFrom<String> for Parameter {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Parameter> for String {
    fn from(parameter: Parameter) -> Self {
        parameter.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in [
            "dropout=0.0..0.5",
            "training.optimiser.learning_rate=0.0001..0.1:log",
            "weight_decay=1e-6..0.01:log",
            "batch_size=16..64:int",
            "kind=sgd,adamw",
            "mirror=true,false",
            "power=-1.5..2.0",
        ] {
            let parameter: Parameter = text.parse().unwrap();
            assert_eq!(parameter.to_string(), text);
        }
    }

    #[test]
    fn senseless_ranges_are_named() {
        for (text, expected) in [
            ("dropout", "NAME=LOW..HIGH"),
            ("=1..2", "NAME=LOW..HIGH"),
            ("dropout=0.5..0", "below the largest"),
            ("dropout=1..1", "below the largest"),
            ("rate=0..1:log", "above 0"),
            ("rate=a..b", "no numbers"),
            ("rate=0..inf", "no numbers"),
            ("size=1.5..3:int", "no whole numbers"),
            ("size=1..3:integer", "log or int"),
            ("kind=sgd", "two values or more"),
            ("kind=sgd,adam,sgd", "given twice"),
        ] {
            let message = text.parse::<Parameter>().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
            assert!(message.contains(text), "{message}");
        }
    }

    #[test]
    fn narrow_ranges_have_many_values() {
        for text in [
            "beta2=0.999..0.99999",
            "a=1000.0..1001.0",
            "a=1000..1001:log",
        ] {
            let range = text.parse::<Parameter>().unwrap().range;
            let (start, end) = range.interval();
            let places = (0..100).map(|step| start + (end - start) * f64::from(step) / 100.0);
            let mut values: Vec<String> =
                places.map(|place| range.value(place).to_string()).collect();
            values.dedup();
            assert_eq!(values.len(), 100, "{text}");
        }
    }

    #[test]
    fn values_keep_to_their_range_and_have_a_place_in_it() {
        for text in [
            "a=0.0..0.5",
            "a=1e-5..0.3:log",
            "a=3..5:int",
            "a=x,y,z",
            "a=-2.0..-1.0",
        ] {
            let range = text.parse::<Parameter>().unwrap().range;
            let (start, end) = range.interval();
            for step in 0..=1000 {
                let place = start + (end - start) * f64::from(step) / 1000.0;
                let value = range.value(place);
                let found = range.place(&value).expect("a value of the range");
                assert!(start <= found && found < end, "{text} {value}");
                assert_eq!(range.value(found), value, "{text}");
            }
        }
    }

    #[test]
    fn integers_are_equally_likely_at_the_ends() {
        let range = "a=1..4:int".parse::<Parameter>().unwrap().range;
        let (start, end) = range.interval();
        let mut counts = [0; 4];
        for step in 0..4000 {
            let place = start + (end - start) * (f64::from(step) + 0.5) / 4000.0;
            let number = range.value(place).number().unwrap();
            counts[number as usize - 1] += 1;
        }
        assert_eq!(counts, [1000; 4]);
    }

    #[test]
    fn foreign_values_have_no_place() {
        let range = "a=1..4:int".parse::<Parameter>().unwrap().range;
        assert_eq!(range.place(&Value::Integer(5)), None);
        assert_eq!(range.place(&Value::Text("x".to_owned())), None);
    }
}
