//! `artkg tags`.

use std::path::{Path, PathBuf};

use artkg_exchange::TagFile;
use artkg_files::counted;
use clap::{Args, Subcommand};

use crate::commands::known::Known;
use crate::commands::outputs::{Destination, OutputArguments};
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// The commands of `artkg tags`.
#[derive(Subcommand)]
pub(crate) enum TagsCommand {
    /// Write the tags of a finished tag file in another format
    Convert(ConvertArguments),
}

/// The options of `artkg tags convert`.
#[derive(Args)]
pub(crate) struct ConvertArguments {
    /// Tag file ending in .csv, .jsonl or .parquet
    tags: PathBuf,
    /// File to write, in the format of its ending, or folder for sidecars and annotations
    /// [default: tags with the ending of the format; sidecars lie beside their images]
    output: Option<PathBuf>,
    #[command(flatten)]
    outputs: OutputArguments,
    /// Corpus folder that has the titles of the artworks, and the numbers of authority files
    #[cfg(feature = "collections")]
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Replace what is there
    #[arg(long)]
    overwrite: bool,
}

pub(crate) fn run(command: TagsCommand, globals: &Globals) -> CommandResult {
    let TagsCommand::Convert(arguments) = command;
    let destination = Destination::new(arguments.output.as_deref(), &arguments.outputs)?;
    #[cfg(feature = "collections")]
    let (known, corpus) = match &arguments.corpus {
        Some(folder) => {
            let corpus = artkg_corpus::Corpus::open(folder)?;
            (Known::of(&corpus), Some(corpus.description.name))
        }
        None => (Known::default(), None),
    };
    #[cfg(not(feature = "collections"))]
    let (known, corpus) = (Known::default(), None::<String>);
    let matching = match &corpus {
        Some(_) => Matching::of(&TagFile::open(&arguments.tags)?, &known)?,
        None => Matching::default(),
    };
    let exchange = arguments.outputs.exchange(known)?;
    let published = exchange.publish(&arguments.tags, &destination, arguments.overwrite)?;
    if globals.json {
        let mut json = published.json();
        if corpus.is_some() {
            json["without_id"] = matching.without_id.into();
            json["unknown_ids"] = matching.unknown.into();
        }
        stdout::json_line(&json)?;
    }
    let outcome = globals.outcome(published.say(globals));
    match corpus.and_then(|corpus| matching.say(&arguments.tags, &corpus)) {
        Some(text) => {
            errln!("warning: {text}");
            Ok(Outcome::SomeFailed)
        }
        None => Ok(outcome),
    }
}

/// How the images of a tag file go with the artworks of a corpus.
#[derive(Debug, Default, PartialEq, Eq)]
struct Matching {
    /// Images whose id is that of an artwork.
    known: usize,
    /// Images without an id.
    without_id: usize,
    /// Images whose id no artwork has, and the first such id.
    unknown: usize,
    example: Option<String>,
}

impl Matching {
    fn of(tags: &TagFile, known: &Known) -> artkg_exchange::Result<Self> {
        let mut matching = Self::default();
        for tags in tags.tags()? {
            match tags?.id.filter(|id| !id.is_empty()) {
                None => matching.without_id += 1,
                Some(id) if known.ids.contains(&id) => matching.known += 1,
                Some(id) => {
                    matching.unknown += 1;
                    matching.example.get_or_insert(id);
                }
            }
        }
        Ok(matching)
    }

    /// What of the tags goes with no artwork, in words.
    fn say(&self, tags: &Path, corpus: &str) -> Option<String> {
        let Self {
            known,
            without_id,
            unknown,
            example,
        } = self;
        let tags = tags.display();
        let ids = "`artkg tag --corpus FOLDER` writes ids";
        match (known, without_id, unknown) {
            (_, 0, 0) => None,
            (0, _, 0) => Some(format!(
                "{tags} has no ids, so that no work of {corpus} is known by one and its titles are \
                 not written; {ids}"
            )),
            (_, _, 0) => Some(format!(
                "{} in {tags} without an id, and so without a title of {corpus}; {ids}",
                counted(*without_id, "image")
            )),
            _ => {
                let unnamed = match without_id {
                    0 => String::new(),
                    _ => format!(", {without_id} without an id"),
                };
                Some(format!(
                    "{} in {tags} without a work in {corpus}, and so without a title: {unknown} \
                     with an id that it does not have, such as `{}`{unnamed}; are these tags of \
                     another corpus?",
                    counted(unknown + without_id, "image"),
                    example.as_deref().unwrap_or_default()
                ))
            }
        }
    }
}
