use std::fmt;
use std::str::FromStr;

use crate::artwork::Artwork;
use crate::error::Error;
use crate::maker::{MAKERS_COLUMN, Maker, author_cell, makers_cell};

/// What becomes of makers who are not simply the author of a work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Qualified {
    /// They stay makers of the work, with their qualifier, and are no author.
    #[default]
    Keep,
    /// They are left out.
    Drop,
    /// They are authors as well.
    AsAuthor,
}

impl Qualified {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Keep, Self::Drop, Self::AsAuthor];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Drop => "drop",
            Self::AsAuthor => "as-author",
        }
    }

    /// Does so with artworks whose makers were read.
    pub(super) fn apply(self, artworks: &mut [Artwork]) {
        if self == Self::Keep {
            return;
        }
        for artwork in artworks {
            let mut makers = artwork.makers();
            if !makers.iter().any(|maker| maker.qualifier().is_some()) {
                continue;
            }
            match self {
                Self::Keep => {}
                Self::Drop => {
                    makers.retain(|maker| maker.qualifier().is_none());
                    set(artwork, MAKERS_COLUMN, &makers_cell(&makers));
                }
                Self::AsAuthor => set(artwork, "author", &author_cell(&makers, |_| true)),
            }
        }
    }
}

/// Sets the authors and all makers of an artwork.
pub(super) fn set_makers(artwork: &mut Artwork, makers: &[Maker]) {
    let authors = author_cell(makers, |maker| maker.qualifier().is_none());
    set(artwork, "author", &authors);
    set(artwork, MAKERS_COLUMN, &makers_cell(makers));
}

/// Sets a cell of any column but `split`, which cannot fail.
pub(super) fn set(artwork: &mut Artwork, column: &str, cell: &str) {
    let _ = artwork.set_cell(column, cell);
}

impl fmt::Display for Qualified {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Qualified {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|known| known.name() == text)
            .ok_or_else(|| Error::UnknownQualified {
                value: text.to_owned(),
                known: Self::ALL.map(Self::name),
            })
    }
}
