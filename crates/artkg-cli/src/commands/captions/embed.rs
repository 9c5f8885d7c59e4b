//! `artkg captions embed`.

use std::path::PathBuf;
use std::time::Instant;

use artkg_captions::{CaptionSource, TextColumns, TextEncoder, TextSource, embed_texts};
use artkg_corpus::Corpus;
use artkg_files::counted;
use artkg_graph::Embeddings;
use artkg_vision::Hub;
use clap::Args;
use serde_json::json;

use crate::commands::graph::build::options;
use crate::commands::overwrite::OverwriteArgument;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::here;
use crate::stdout;

/// The arguments of `artkg captions embed`.
#[derive(Args)]
pub(crate) struct EmbedArguments {
    /// Corpus folder; the one here or the only one below when not given
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Captions file, or corpus for the corpus's own captions
    #[arg(long, value_name = "FILE")]
    captions: Option<CaptionSource>,
    /// Texts written by people instead of captions: title, description or both: title,description
    #[arg(
        long,
        required_unless_present = "captions",
        conflicts_with = "captions",
        value_delimiter = ','
    )]
    field: Vec<TextColumns>,
    /// What turns texts into vectors: tf-idf, or a sentence encoder of the BERT family, a folder
    /// or hub:OWNER/NAME
    #[arg(long, default_value = "hub:sentence-transformers/all-MiniLM-L6-v2")]
    encoder: String,
    /// Number of words that tf-idf counts: the length of its vectors
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    words: u32,
    /// The splits whose artworks get vectors, of train, val, test, none and all; vectors used as
    /// context in training must be of train only
    #[arg(long, value_delimiter = ',', default_value = "train")]
    splits: Vec<String>,
    /// The safetensors file to write, in the format of `artkg graph embed`
    #[arg(long, short, default_value = "texts.safetensors")]
    output: PathBuf,
    /// Also write the vectors in word2vec's text format
    #[arg(long, value_name = "FILE")]
    word2vec: Option<PathBuf>,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

impl EmbedArguments {
    fn source(&self) -> TextSource {
        match &self.captions {
            Some(captions) => TextSource::Captions(captions.clone()),
            None => TextSource::Columns(TextColumns::together(&self.field).unwrap_or_default()),
        }
    }

    /// Refuses outputs that would replace what is not theirs.
    fn claim_outputs(&self, corpus: &Corpus) -> artkg_files::Result<()> {
        let captions = match &self.captions {
            Some(CaptionSource::File(path)) => Some(path.clone()),
            _ => None,
        };
        let inputs: Vec<PathBuf> = corpus.files().chain(captions).collect();
        let overwrite = self.overwrite;
        overwrite.claim(&self.output, &inputs, Embeddings::is_file)?;
        match &self.word2vec {
            Some(path) => overwrite.claim(path, &inputs, Embeddings::is_word2vec),
            None => Ok(()),
        }
    }

    fn encoder(&self) -> Result<TextEncoder, artkg_text::Error> {
        Ok(match self.encoder.as_str() {
            TextEncoder::TF_IDF => TextEncoder::TfIdf(self.words as usize),
            source => TextEncoder::Sentence(source.parse()?),
        })
    }
}

pub(crate) fn run(arguments: &EmbedArguments, globals: &Globals) -> CommandResult {
    let chosen = options(&arguments.splits)?;
    let encoder = arguments.encoder()?;
    let corpus = Corpus::open(&here::corpus(arguments.corpus.as_deref(), globals)?)?;
    arguments.claim_outputs(&corpus)?;
    let hub = Hub::from_environment().progress(globals.shows_progress());
    let start = Instant::now();
    let embeddings = embed_texts(
        &corpus,
        &arguments.source(),
        &encoder,
        &chosen,
        &hub,
        &globals.session_without_stop(),
    )?;
    let seconds = start.elapsed().as_secs_f64();
    embeddings.save(&arguments.output)?;
    if let Some(path) = &arguments.word2vec {
        embeddings.write_word2vec(path)?;
    }
    let provenance = embeddings.provenance();
    for warning in &provenance.graph.warnings {
        errln!("warning: {warning}");
    }
    if globals.json {
        let result = json!({
            "embeddings": arguments.output,
            "artworks": embeddings.len(),
            "dimension": embeddings.dimension(),
            "seconds": seconds,
            "provenance": provenance,
        });
        stdout::json(&result)?;
    } else {
        outln!(
            "{}: {} of {} in {seconds:.1} s, {} left out",
            arguments.output.display(),
            counted(embeddings.len(), "vector"),
            counted(embeddings.dimension(), "number"),
            counted(provenance.graph.left_out, "artwork"),
        );
    }
    Ok(Outcome::Success)
}
