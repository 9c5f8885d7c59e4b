use std::fmt;

use serde::{Deserialize, Serialize};

/// What a source says instead of that somebody made a work; the terms are those
/// of the Getty's Categories for the Description of Works of Art.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Qualifier {
    /// On grounds of style or documents, not for certain.
    #[serde(rename = "attributed to")]
    AttributedTo,
    /// By assistants, under the master's eye; also `studio of`.
    #[serde(rename = "workshop of")]
    WorkshopOf,
    /// By somebody near the master.
    #[serde(rename = "circle of")]
    CircleOf,
    /// By somebody who took after the master, maybe later.
    #[serde(rename = "follower of")]
    FollowerOf,
    /// By an imitator at any time; also `style of`, `imitator of`.
    #[serde(rename = "manner of")]
    MannerOf,
    /// A print, a version or a variant of a work of theirs.
    #[serde(rename = "after")]
    After,
    /// A copy of a work of theirs.
    #[serde(rename = "copy after")]
    CopyAfter,
    /// By somebody of their school.
    #[serde(rename = "school of")]
    SchoolOf,
    /// By a pupil.
    #[serde(rename = "pupil of")]
    PupilOf,
    /// Once attributed to them; no longer.
    #[serde(rename = "formerly attributed to")]
    FormerlyAttributedTo,
    /// Said with doubt: `possibly`, `probably`, a question mark.
    #[serde(rename = "possibly")]
    Possibly,
}

impl Qualifier {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::AttributedTo,
        Self::WorkshopOf,
        Self::CircleOf,
        Self::FollowerOf,
        Self::MannerOf,
        Self::After,
        Self::CopyAfter,
        Self::SchoolOf,
        Self::PupilOf,
        Self::FormerlyAttributedTo,
        Self::Possibly,
    ];

    /// The name in corpora and schemas: `workshop of`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AttributedTo => "attributed to",
            Self::WorkshopOf => "workshop of",
            Self::CircleOf => "circle of",
            Self::FollowerOf => "follower of",
            Self::MannerOf => "manner of",
            Self::After => "after",
            Self::CopyAfter => "copy after",
            Self::SchoolOf => "school of",
            Self::PupilOf => "pupil of",
            Self::FormerlyAttributedTo => "formerly attributed to",
            Self::Possibly => "possibly",
        }
    }

    /// The qualifier of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

impl fmt::Display for Qualifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_files() {
        for qualifier in Qualifier::ALL {
            assert_eq!(Qualifier::named(qualifier.name()), Some(qualifier));
            let json = serde_json::to_string(&qualifier).unwrap();
            assert_eq!(json, format!("{:?}", qualifier.name()));
        }
        assert_eq!(Qualifier::named("by"), None);
    }
}
