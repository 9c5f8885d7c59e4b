use std::path::PathBuf;

use artkg_flavor::{is_toy_file, synthesise, toy_files};
use clap::Args;

use crate::commands::overwrite::OverwriteArgument;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// The options of `artkg flavor synth`.
#[derive(Args)]
pub(crate) struct SynthArguments {
    /// Folder for the files, one per class
    #[arg(long, short, default_value = "flavor-events")]
    output: PathBuf,
    /// Events of each class
    #[arg(long, default_value_t = 1000)]
    events: usize,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

pub(super) fn run(arguments: &SynthArguments, globals: &Globals) -> CommandResult {
    if arguments.events == 0 {
        return Err("--events 0: nothing to make".into());
    }
    for file in toy_files(&arguments.output) {
        arguments.overwrite.claim(&file, &[], is_toy_file)?;
    }
    let files = synthesise(&arguments.output, arguments.events, globals.seed())?;
    globals.note("toy events: they show how the program works and say nothing about physics");
    let mut classes = Vec::new();
    for (class, path) in &files {
        if !globals.json {
            outln!("{}", path.display());
        }
        classes.push(format!("--class {class}={}", path.display()));
    }
    if globals.json {
        let files = files
            .iter()
            .map(|(class, path)| serde_json::json!({"class": class, "file": path}));
        stdout::json(&files.collect::<Vec<_>>())?;
    } else {
        globals.note(format!("next: artkg flavor train {}", classes.join(" ")));
    }
    Ok(Outcome::Success)
}
