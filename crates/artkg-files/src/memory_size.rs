use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An amount of memory, written `6GiB`, `500 MB` or as a number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MemorySize(pub u64);

const UNITS: [(&str, u64); 9] = [
    ("tib", 1 << 40),
    ("gib", 1 << 30),
    ("mib", 1 << 20),
    ("kib", 1 << 10),
    ("tb", 1_000_000_000_000),
    ("gb", 1_000_000_000),
    ("mb", 1_000_000),
    ("kb", 1000),
    ("b", 1),
];

/// A text that is no [`MemorySize`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no amount of memory; write one such as 6GiB, 6.5 GB or 800MiB")]
pub struct NoMemorySize(pub String);

impl FromStr for MemorySize {
    type Err = NoMemorySize;

    fn from_str(text: &str) -> Result<Self, NoMemorySize> {
        let refused = || NoMemorySize(text.to_owned());
        let lower = text.trim().to_ascii_lowercase();
        let unit = UNITS.iter().find(|(unit, _)| lower.ends_with(unit));
        let (name, factor) = unit.copied().unwrap_or(("", 1));
        let number = lower[..lower.len() - name.len()].trim();
        let value: f64 = number.parse().map_err(|_| refused())?;
        let bytes = value * factor as f64;
        match bytes.is_finite() && bytes >= 1.0 {
            true => Ok(Self(bytes as u64)),
            false => Err(refused()),
        }
    }
}

/// Bytes where only they are exact, so that settings read back as written.
impl fmt::Display for MemorySize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS
            .iter()
            .find(|(_, factor)| self.0.is_multiple_of(*factor));
        let name = match whole {
            Some(&("tib", _)) => "TiB",
            Some(&("gib", _)) => "GiB",
            Some(&("mib", _)) => "MiB",
            Some(&("kib", _)) => "KiB",
            Some(&("tb", _)) => "TB",
            Some(&("gb", _)) => "GB",
            Some(&("mb", _)) => "MB",
            Some(&("kb", _)) => "kB",
            _ => "B",
        };
        let factor = whole.map_or(1, |(_, factor)| *factor);
        write!(formatter, "{}{name}", self.0 / factor)
    }
}

impl TryFrom<String> for MemorySize {
    type Error = NoMemorySize;

    fn try_from(text: String) -> Result<Self, NoMemorySize> {
        text.parse()
    }
}

impl From<MemorySize> for String {
    fn from(size: MemorySize) -> Self {
        size.to_string()
    }
}

/// An amount of memory for people: `1.4 GiB`, `230 MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub u64);

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = self.0 as f64 / f64::from(1 << 20);
        match mebibytes < 1024.0 {
            true => write!(formatter, "{mebibytes:.0} MiB"),
            false => write!(formatter, "{:.1} GiB", mebibytes / 1024.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written() {
        let read = |text: &str| text.parse::<MemorySize>().unwrap().0;
        assert_eq!(read("6GiB"), 6 << 30);
        assert_eq!(read(" 500 mb "), 500_000_000);
        assert_eq!(read("6 GB"), 6_000_000_000);
        assert_eq!(read("1.5kib"), 1536);
        assert_eq!(read("4096"), 4096);
        for bytes in [1, 999, 1000, 1024, 500_000_000, 6 << 30, (6 << 30) + 1] {
            assert_eq!(read(&MemorySize(bytes).to_string()), bytes);
        }
        assert_eq!(MemorySize(6 << 30).to_string(), "6GiB");
        for text in ["", "GiB", "-1GB", "6 gigabytes", "nan", "0"] {
            let message = text.parse::<MemorySize>().unwrap_err().to_string();
            assert!(message.contains("6GiB"), "{message}");
        }
    }
}
