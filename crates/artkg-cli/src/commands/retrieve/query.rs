//! `artkg retrieve query`.

use std::collections::HashMap;
use std::path::PathBuf;

use artkg_corpus::{Artwork, Corpus};
use artkg_files::counted;
use artkg_image::{DecodeLimits, decode_file, encode_jpeg, resize_shorter_side};
use artkg_report::{Page, Picture};
use artkg_retrieve::{Found, Match, RetrievalModel};
use clap::Args;

use super::notes::note_retrieval;
use crate::commands::overwrite::OverwriteArgument;
use crate::globals::{CommandResult, Globals};
use crate::here;
use crate::stdout;

/// The side of the pictures on the page, in pixels, and their JPEG quality.
const THUMBNAIL: (usize, u8) = (240, 85);

/// The options of `artkg retrieve query`.
#[derive(Args)]
pub(crate) struct QueryArguments {
    /// What to look for, such as "a harbour at dusk by a Dutch painter"
    text: String,
    /// Retrieval file of `artkg retrieve train`
    #[arg(long)]
    model: PathBuf,
    /// Corpus folder: where titles, authors and pictures come from; the one here or the only one
    /// below when not given
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// How many artworks to find
    #[arg(long, default_value_t = 10)]
    top: usize,
    /// Page to write with the pictures
    #[arg(long, short, default_value = "query.html")]
    output: PathBuf,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

pub(crate) fn run(arguments: &QueryArguments, globals: &Globals) -> CommandResult {
    let model = RetrievalModel::load(&arguments.model, &globals.device)?;
    let corpus = Corpus::open(&here::corpus(arguments.corpus.as_deref(), globals)?)?;
    let model_file = Some(arguments.model.clone());
    let inputs: Vec<PathBuf> = corpus.files().chain(model_file).collect();
    let overwrite = arguments.overwrite;
    overwrite.claim(&arguments.output, &inputs, Page::is_file)?;
    note_retrieval(&arguments.model, &model, &corpus, globals);
    model.check_corpus(&corpus)?;
    let Found { matches, named } = model.query(&arguments.text, arguments.top)?;
    let artworks: HashMap<&str, &Artwork> = corpus
        .artworks
        .iter()
        .map(|artwork| (artwork.id.as_str(), artwork))
        .collect();
    let foreign: Vec<&Match> = matches
        .iter()
        .filter(|found| !artworks.contains_key(found.id.as_str()))
        .collect();
    for found in &foreign {
        errln!(
            "left out: {}: found with {:.3}, but {} has no such artwork",
            found.id,
            found.similarity,
            corpus.folder.display()
        );
    }
    let found: Vec<(&Match, &Artwork)> = matches
        .iter()
        .filter_map(|found| Some((found, *artworks.get(found.id.as_str())?)))
        .collect();
    let named: Vec<String> = named
        .iter()
        .map(|(attribute, class)| format!("{attribute} {class}"))
        .collect();
    if !named.is_empty() {
        globals.note(format!("the text names {}", named.join(", ")));
    }
    let mut page = Page::new(&arguments.text);
    page.subtitle(format!(
        "The nearest {} of {} of {}.",
        found.len(),
        counted(model.len(), "artwork"),
        model.corpus()
    ));
    page.section("Found").pictures(&pictures(&corpus, &found));
    artkg_files::write_bytes(&arguments.output, page.render().as_bytes())?;
    if globals.json {
        let rows: Vec<serde_json::Value> = found
            .iter()
            .map(|(found, artwork)| {
                serde_json::json!({
                    "id": found.id,
                    "similarity": found.similarity,
                    "title": artwork.cell("title"),
                    "author": artwork.first("author"),
                    "image": artwork.image,
                })
            })
            .collect();
        stdout::json_line(&rows)?;
        return Ok(globals.outcome(foreign.len()));
    }
    for (rank, (found, artwork)) in found.iter().enumerate() {
        outln!(
            "{:>3}  {:.3}  {}  {}",
            rank + 1,
            found.similarity,
            found.id,
            describe(artwork)
        );
    }
    outln!("page  {}", arguments.output.display());
    Ok(globals.outcome(foreign.len()))
}

/// Title and author.
fn describe(artwork: &Artwork) -> String {
    let title = artwork.cell("title").unwrap_or("without title");
    match artwork.first("author") {
        Some(author) => format!("{title} – {author}"),
        None => title.to_owned(),
    }
}

/// The pictures of artworks; those whose image cannot be read are words alone.
fn pictures(corpus: &Corpus, found: &[(&Match, &Artwork)]) -> Vec<Picture> {
    let (side, quality) = THUMBNAIL;
    let limits = DecodeLimits {
        smallest_side: Some(side as u32),
        ..DecodeLimits::default()
    };
    found
        .iter()
        .filter_map(|(found, artwork)| {
            let path = corpus.image_path(artwork)?;
            let pixels = decode_file(&path, &limits).ok()?;
            let file = encode_jpeg(&resize_shorter_side(&pixels, side), quality).ok()?;
            let title = artwork.cell("title").unwrap_or(&found.id);
            let mut lines = vec![title.to_owned()];
            lines.extend(artwork.first("author").map(str::to_owned));
            lines.push(format!("{} · {:.3}", found.id, found.similarity));
            Some(Picture { file, lines })
        })
        .collect()
}
