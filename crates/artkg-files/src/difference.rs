//! What two runs of the same work do not have in common.

use std::fmt;

/// Something that was said once and is said otherwise now: a setting, an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is: `model`, `inputs`, a setting's dotted key.
    pub name: String,
    /// What it was, as it is written in a file; `None` where it was not set.
    pub was: Option<String>,
    /// What it is; `None` where it is not set.
    pub is: Option<String>,
}

/// `seed was 1, is not set`.
impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<String>| match value {
            Some(value) => shortened(value),
            None => "not set".to_owned(),
        };
        let (was, is) = (shown(&self.was), shown(&self.is));
        write!(formatter, "{} was {was}, is {is}", self.name)
    }
}

/// Differences one after the other.
pub struct Listed<'a>(pub &'a [Difference]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, difference) in self.0.iter().enumerate() {
            let between = if place == 0 { "" } else { "; " };
            write!(formatter, "{between}{difference}")?;
        }
        Ok(())
    }
}

/// The beginning of a long text: a job may have thousands of inputs.
fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
