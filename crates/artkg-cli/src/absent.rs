//! The commands that this build of the program lacks.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// A feature of this package, and the commands that it brings.
pub(crate) struct Part {
    pub(crate) feature: &'static str,
    /// Whether this build has it.
    pub(crate) built: bool,
    pub(crate) commands: &'static [&'static str],
}

pub(crate) const PARTS: [Part; 3] = [
    Part {
        feature: "collections",
        built: cfg!(feature = "collections"),
        commands: &["corpus", "graph"],
    },
    Part {
        feature: "train",
        built: cfg!(feature = "train"),
        commands: &[
            "captions", "train", "compare", "tune", "eval", "retrieve", "explain", "demo",
        ],
    },
    Part {
        feature: "flavor",
        built: cfg!(feature = "flavor"),
        commands: &["flavor"],
    },
];

fn absent() -> impl Iterator<Item = &'static Part> {
    PARTS.iter().filter(|part| !part.built)
}

/// What the help says of them; nothing where all are there.
pub(crate) fn note() -> Option<StyledStr> {
    let lines: Vec<String> = absent()
        .map(|part| format!("  {}: {}", part.feature, part.commands.join(", ")))
        .collect();
    (!lines.is_empty()).then(|| {
        format!(
            "Built without these features, and so without their commands:\n{}",
            lines.join("\n")
        )
        .into()
    })
}

/// The error of a command line; one that names an absent command says which feature it needs.
pub(crate) fn explained(error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    let Some(part) = absent().find(|part| part.commands.contains(&name.as_str())) else {
        return error;
    };
    let message = format!(
        "`artkg {name}` needs the feature `{}`, without which this program was built\n",
        part.feature
    );
    clap::Error::raw(ErrorKind::InvalidSubcommand, message)
}
