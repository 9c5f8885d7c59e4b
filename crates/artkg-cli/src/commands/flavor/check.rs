use std::path::PathBuf;

use artkg_flavor::{Error, ReadWatcher, for_each_block, parse};
use clap::Args;

use super::watch::Watch;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// The options of `artkg flavor check`.
#[derive(Args)]
pub(crate) struct CheckArguments {
    /// Track files: plain, gzip or zstd
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Stop at the first malformed line
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(arguments: &CheckArguments, globals: &Globals) -> CommandResult {
    let mut watch = Watch::of_everything(globals);
    let mut failed = false;
    let mut results = Vec::new();
    for path in &arguments.files {
        let mut summary = artkg_flavor::FileSummary::default();
        let read = for_each_block(
            path,
            |chunk| Ok(parse(chunk)),
            |parsed| {
                for fault in &parsed.faults {
                    if arguments.strict {
                        return Err(Error::Fault(fault.clone()));
                    }
                    watch.fault(fault);
                }
                summary.add(&parsed);
                Ok(())
            },
        );
        let read = read.and_then(|()| summary.require_events(path));
        match read {
            Ok(()) => watch.file(path, summary),
            Err(error) if arguments.strict || arguments.files.len() == 1 => {
                return Err(error.into());
            }
            Err(error) => {
                globals.print_error(&error);
                failed = true;
            }
        }
        results.push((path, summary));
    }
    if globals.json {
        let results = results.iter().map(|(path, summary)| {
            serde_json::json!({
                "file": path,
                "events": summary.events,
                "tracks": summary.tracks,
                "malformed_events": summary.skipped,
                "malformed_lines": summary.faults,
            })
        });
        let results: Vec<_> = results.collect();
        stdout::json(&results)?;
    } else {
        outln!(
            "{:>9} {:>10} {:>9} {:>9}  file",
            "events",
            "tracks",
            "left out",
            "malformed"
        );
        for (path, summary) in &results {
            outln!(
                "{:>9} {:>10} {:>9} {:>9}  {}",
                summary.events,
                summary.tracks,
                summary.skipped,
                summary.faults,
                path.display()
            );
        }
    }
    Ok(match failed {
        true => Outcome::SomeFailed,
        false => watch.outcome(),
    })
}
