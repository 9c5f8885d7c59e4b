use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What a knowledge graph model does with the graph beside learning to predict
/// an artwork's node: `regress` (nothing), or `fuse`, `prototypes` and `joint`,
/// joined by `+`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContextUse {
    /// Whether the predicted embedding is an input of the classifiers beside the
    /// features.
    pub fuse: bool,
    /// Whether its cosine similarity to the node embedding of each class,
    /// scaled, is added to the class's logit.
    pub prototypes: bool,
    /// Whether classes are judged together: a random field on the logits whose
    /// factors say how often an author's works are of a school, a timeframe and a
    /// type in the graph. Training goes through its marginals.
    pub joint: bool,
}

impl ContextUse {
    /// The paper's: only the loss knows of the graph.
    pub const REGRESS: Self = Self {
        fuse: false,
        prototypes: false,
        joint: false,
    };

    /// All combinations, the paper's first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..8).map(|bits| Self {
            fuse: bits & 1 > 0,
            prototypes: bits & 2 > 0,
            joint: bits & 4 > 0,
        })
    }

    /// All of these together.
    ///
    /// # Errors
    /// When `regress` stands beside others.
    pub fn together(uses: &[Self]) -> Result<Self, Error> {
        let names: Vec<String> = uses.iter().map(|usage| usage.name()).collect();
        names.join("+").parse()
    }

    /// The word on the command line.
    pub fn name(self) -> String {
        let uses = [
            (self.fuse, "fuse"),
            (self.prototypes, "prototypes"),
            (self.joint, "joint"),
        ];
        let names: Vec<&str> = uses
            .into_iter()
            .filter_map(|(is_used, name)| is_used.then_some(name))
            .collect();
        match names.is_empty() {
            true => "regress".to_owned(),
            false => names.join("+"),
        }
    }
}

impl fmt::Display for ContextUse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.name())
    }
}

impl FromStr for ContextUse {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "regress" {
            return Ok(Self::REGRESS);
        }
        let mut usage = Self::REGRESS;
        for part in text.split('+') {
            match part {
                "fuse" => usage.fuse = true,
                "prototypes" => usage.prototypes = true,
                "joint" => usage.joint = true,
                _ => {
                    return Err(Error::UnknownContext {
                        context: text.to_owned(),
                    });
                }
            }
        }
        Ok(usage)
    }
}

impl TryFrom<String> for ContextUse {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<ContextUse> for String {
    fn from(kind: ContextUse) -> Self {
        kind.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        assert_eq!(ContextUse::all().next(), Some(ContextUse::REGRESS));
        for usage in ContextUse::all() {
            assert_eq!(usage.name().parse::<ContextUse>().unwrap(), usage);
        }
        let both: ContextUse = "joint+fuse".parse().unwrap();
        assert_eq!(both.name(), "fuse+joint");
        let read = |text: &str| text.parse::<ContextUse>().unwrap();
        let listed = ContextUse::together(&[read("joint"), read("fuse")]);
        assert_eq!(listed.unwrap(), both);
        let error = ContextUse::together(&[read("regress"), read("fuse")]).unwrap_err();
        assert!(error.to_string().contains("regress+fuse"), "{error}");
        for wrong in ["", "all", "fuse+", "regress+fuse"] {
            assert!(wrong.parse::<ContextUse>().is_err(), "{wrong}");
        }
    }
}
