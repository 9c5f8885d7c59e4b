//! `artkg corpus fetch`.

use std::collections::HashSet;
use std::path::PathBuf;

use artkg_corpus::Corpus;
use artkg_files::counted;
use clap::Args;

use crate::commands::addresses::RequestArguments;
use crate::globals::{CommandResult, Globals, Outcome};

/// The options of `artkg corpus fetch`.
#[derive(Args)]
pub(crate) struct FetchArguments {
    /// The corpus folder
    corpus: PathBuf,
    /// Pixels of the shorter side to ask for, where a service has a choice: twice what the network
    /// sees is enough
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    side: u32,
    #[command(flatten)]
    requests: RequestArguments,
}

pub(crate) fn run(arguments: &FetchArguments, globals: &Globals) -> CommandResult {
    let corpus = Corpus::open(&arguments.corpus)?;
    let images = corpus
        .artworks
        .iter()
        .filter_map(|artwork| artwork.image.as_deref());
    let mut seen = HashSet::new();
    let addresses: Vec<String> = images
        .filter(|image| artkg_files::is_address(image) && seen.insert(*image))
        .map(str::to_owned)
        .collect();
    if addresses.is_empty() {
        globals.note("no image of this corpus has an address; there is nothing to fetch");
    }
    let session = globals.session()?;
    let folder = corpus.fetched_root();
    let fetched = arguments
        .requests
        .bring(&addresses, &folder, arguments.side, &session);
    let failures: Vec<String> = fetched
        .iter()
        .filter_map(|fetched| fetched.file.as_ref().err())
        .map(ToString::to_string)
        .collect();
    let there = fetched.iter().filter(|fetched| fetched.was_there).count();
    let new = fetched.len() - there - failures.len();
    let interrupted = session.is_stopped();
    // Those that nobody got round to have no fault.
    let failures = if interrupted { Vec::new() } else { failures };
    if globals.json {
        outln!(
            "{}",
            serde_json::json!({
                "folder": folder,
                "fetched": new,
                "fetched_earlier": there,
                "failures": failures,
                "interrupted": interrupted,
            })
        );
    } else if interrupted {
        outln!(
            "stopped after {}; the same command goes on from there",
            counted(new + there, "image")
        );
    } else {
        outln!(
            "{} fetched into {}; there already: {there}",
            counted(new, "image"),
            folder.display()
        );
    }
    Ok(match interrupted {
        true => Outcome::SomeFailed,
        false => globals.outcome(session.left_out_count()),
    })
}
