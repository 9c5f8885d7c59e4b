//! `artkg corpus synth`.

use std::path::PathBuf;

use artkg_files::counted;
use artkg_painter::{DemoOptions, synthesize};
use clap::Args;
use serde_json::json;

use super::existing::refuse_existing;
use crate::commands::overwrite::OverwriteArgument;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// The arguments of `artkg corpus synth`.
#[derive(Args)]
pub(crate) struct SynthArguments {
    /// The corpus folder to write
    #[arg(long, short)]
    output: PathBuf,
    /// Number of paintings to make
    #[arg(long, default_value_t = DemoOptions::default().count)]
    paintings: usize,
    /// Width and height of a painting, in pixels
    #[arg(long, default_value_t = DemoOptions::default().size)]
    size: usize,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

pub(super) fn run(arguments: &SynthArguments, globals: &Globals) -> CommandResult {
    let folder = &arguments.output;
    refuse_existing(folder, &[], arguments.overwrite)?;
    let options = DemoOptions {
        count: arguments.paintings,
        size: arguments.size,
        seed: globals.seed(),
    };
    let corpus = synthesize(folder, &options)?;
    let counts = corpus.description.counts;
    if globals.json {
        stdout::json(&json!({ "corpus": folder, "synthetic": true, "counts": counts }))?;
    } else {
        outln!(
            "{}: {} ({} train, {} val, {} test)",
            folder.display(),
            counted(counts.artworks, "synthetic painting"),
            counts.train,
            counts.validation,
            counts.test
        );
        globals.note(format!("next: `artkg corpus stats {}`", folder.display()));
    }
    Ok(Outcome::Success)
}
