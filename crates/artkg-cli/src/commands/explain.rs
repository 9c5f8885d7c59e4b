//! `artkg explain`.

use std::path::{Path, PathBuf};

use artkg_corpus::Corpus;
use artkg_explain::{
    Explainer, Explanation, NearWork, explanation_page, nearest_by_embedding, nearest_by_features,
    ties,
};
use artkg_graph::{Embeddings, KnowledgeGraph};
use artkg_image::{DecodeLimits, Pixels, read_picture};
use artkg_model::{Predictor, StoredModel};
use artkg_nn::Precision;
use artkg_report::Page;
use artkg_session::Session;
use artkg_text::Captions;
use artkg_vocabulary::shown_class;
use clap::Args;

use crate::commands::consistency::ConsistencyArgument;
use crate::commands::model_notes::note_model;
use crate::commands::overwrite::{OverwriteArgument, given};
use crate::defaults::with_default;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::here::{DEFAULT_EMBEDDINGS, DEFAULT_GRAPH};
use crate::stdout;

/// The page in the output folder.
const PAGE: &str = "index.html";

/// The options of `artkg explain`.
#[derive(Args)]
pub(crate) struct ExplainArguments {
    /// Image whose tags to explain
    image: PathBuf,
    /// Model file of a training run
    #[arg(long)]
    model: PathBuf,
    /// Corpus folder that the model was trained on, for similar training works
    #[arg(long)]
    corpus: Option<PathBuf>,
    #[arg(long, help = with_default(
        "Graph file, for the ties between the tags",
        format_args!("{DEFAULT_GRAPH} in the corpus folder"),
    ))]
    graph: Option<PathBuf>,
    #[arg(long, help = with_default(
        "Node embeddings that the model was trained with, for works near in the graph",
        format_args!("{DEFAULT_EMBEDDINGS} in the corpus folder"),
    ))]
    embeddings: Option<PathBuf>,
    /// Captions file, for a model that reads captions; the image's id in it is its name without
    /// extension
    #[arg(long)]
    captions: Option<PathBuf>,
    /// Works to show of each kind
    #[arg(long, default_value_t = 6)]
    neighbors: usize,
    /// Folder where the features of the training works are kept
    #[arg(long, default_value = "cache")]
    cache: PathBuf,
    /// Folder to write a page and pictures to, or a page ending in .html
    #[arg(long, short, default_value = "explanation")]
    output: PathBuf,
    #[command(flatten)]
    overwrite: OverwriteArgument,
    #[command(flatten)]
    consistency: ConsistencyArgument,
}

pub(crate) fn run(arguments: ExplainArguments, globals: &Globals) -> CommandResult {
    let picture = read_picture(&arguments.image, &DecodeLimits::default())?;
    let corpus = arguments.corpus.as_deref().map(Corpus::open).transpose()?;
    let stored = StoredModel::load(&arguments.model, &globals.device)?;
    let mut predictor = Predictor::new(&stored, Precision::F32)?;
    predictor = arguments.consistency.applied(predictor)?;
    note_model(&arguments.model, &predictor, globals);
    if let Some(path) = &arguments.captions {
        predictor = predictor.with_captions(&Captions::read(path)?)?;
    }
    let explainer = Explainer::new(stored, predictor);
    arguments.claim_outputs(&explainer, corpus.as_ref())?;
    let session = globals.session()?;
    if let Some(warning) = &picture.warning {
        session.left_out(&warning.to_string());
    }
    let pixels = picture.pixels;
    let id = arguments.image.file_stem().unwrap_or_default();
    let sight = explainer.explain(&pixels, &id.to_string_lossy())?;
    let alike = match &corpus {
        Some(corpus) => match alike(&explainer, corpus, &sight.features, &arguments, &session)? {
            Some(near) => Some(near),
            None => {
                globals.note("stopped; the same command goes on from there");
                return Ok(Outcome::SomeFailed);
            }
        },
        None => None,
    };
    let near_in_graph = match (
        &sight.projection,
        arguments.beside_corpus(Beside::Embeddings),
    ) {
        (Some(projection), Some(path)) => Some(nearest_by_embedding(
            explainer.description(),
            &Embeddings::load(&path)?,
            projection,
            arguments.neighbors,
        )?),
        _ => None,
    };
    let ties = match arguments.beside_corpus(Beside::Graph) {
        Some(path) => ties(&KnowledgeGraph::load(&path)?, &sight.tags),
        None => Vec::new(),
    };
    let explanation = Explanation {
        image: arguments.image.to_string_lossy().into_owned(),
        sight,
        alike,
        near_in_graph,
        ties,
    };
    let written = write(
        &explanation,
        &pixels,
        &explainer,
        corpus.as_ref(),
        &arguments.output,
    )?;
    if globals.json {
        stdout::json(&explanation)?;
    } else {
        print(&explanation, corpus.as_ref());
        outln!("page  {}", written.display());
    }
    Ok(globals.outcome(session.left_out_count()))
}

/// What may lie in the corpus folder.
#[derive(Clone, Copy)]
enum Beside {
    Graph,
    Embeddings,
}

impl ExplainArguments {
    /// Refuses outputs that would replace what is not theirs. The pictures of a folder are
    /// ours where its page is.
    fn claim_outputs(
        &self,
        explainer: &Explainer,
        corpus: Option<&Corpus>,
    ) -> artkg_files::Result<()> {
        let embeddings = self.beside_corpus(Beside::Embeddings);
        let graph = self.beside_corpus(Beside::Graph);
        let mut inputs = given([
            Some(&self.image),
            Some(&self.model),
            self.captions.as_ref(),
            embeddings.as_ref(),
            graph.as_ref(),
        ]);
        inputs.extend(corpus.into_iter().flat_map(Corpus::files));
        let claim = |path: &Path, is_ours: &dyn Fn(&[u8]) -> bool| {
            self.overwrite.claim(path, &inputs, is_ours)
        };
        if is_page(&self.output) {
            return claim(&self.output, &Page::is_file);
        }
        let page = self.output.join(PAGE);
        claim(&page, &Page::is_file)?;
        let is_our_folder = page.exists();
        for task in &explainer.description().vocabularies {
            let picture = picture(&self.output, &task.attribute.to_string());
            claim(&picture, &|_| is_our_folder)?;
        }
        Ok(())
    }

    /// A file that was given, or the one in the corpus folder where there is one.
    fn beside_corpus(&self, what: Beside) -> Option<PathBuf> {
        let (given, name) = match what {
            Beside::Graph => (&self.graph, "graph.akg"),
            Beside::Embeddings => (&self.embeddings, "embeddings.safetensors"),
        };
        given.clone().or_else(|| {
            let path = self.corpus.as_ref()?.join(name);
            path.exists().then_some(path)
        })
    }
}

fn alike(
    explainer: &Explainer,
    corpus: &Corpus,
    features: &[f32],
    arguments: &ExplainArguments,
    session: &Session,
) -> Result<Option<Vec<NearWork>>, Box<dyn std::error::Error>> {
    Ok(nearest_by_features(
        explainer,
        corpus,
        features,
        arguments.neighbors,
        &arguments.cache,
        session,
    )?)
}

/// Writes the page, into a folder with the pictures, and says where it is.
fn write(
    explanation: &Explanation,
    pixels: &Pixels,
    explainer: &Explainer,
    corpus: Option<&Corpus>,
    output: &Path,
) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let html = explanation_page(explanation, pixels, explainer.description(), corpus)?.render();
    if is_page(output) {
        artkg_files::write_bytes(output, html.as_bytes())?;
        return Ok(output.to_path_buf());
    }
    artkg_files::create_folder(output)?;
    for (place, tag) in explanation.sight.tags.iter().enumerate() {
        let png = explanation.heat_png(pixels, place)?;
        artkg_files::write_bytes(&picture(output, &tag.task.to_string()), &png)?;
    }
    let page = output.join(PAGE);
    artkg_files::write_bytes(&page, html.as_bytes())?;
    Ok(page)
}

/// Whether an output is a page by itself and no folder.
fn is_page(output: &Path) -> bool {
    let ending = output.extension();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("html"))
}

/// The picture of a task's tag.
fn picture(folder: &Path, task: &str) -> PathBuf {
    folder.join(format!("{task}.png"))
}

fn print(explanation: &Explanation, corpus: Option<&Corpus>) {
    for tag in &explanation.sight.tags {
        let (task, confidence) = (tag.task.name(), 100.0 * tag.confidence);
        outln!(
            "{task:<10} {confidence:>5.1} %  {}",
            shown_class(&tag.class)
        );
    }
    for conflict in &explanation.sight.conflicts {
        outln!("conflict: {conflict}");
    }
    for tie in &explanation.ties {
        outln!("{}", tie.sentence());
    }
    let sections = [
        ("training works that look alike", &explanation.alike),
        (
            "works near in the knowledge graph",
            &explanation.near_in_graph,
        ),
    ];
    for (heading, works) in sections {
        let Some(works) = works else { continue };
        outln!();
        outln!("{heading}");
        for work in works {
            outln!(
                "  {:.3}  {}{}",
                work.cosine,
                work.id,
                title(&work.id, corpus)
            );
        }
    }
}

/// Title and author of a work behind its id, where they are known.
fn title(id: &str, corpus: Option<&Corpus>) -> String {
    let artwork = corpus.and_then(|corpus| corpus.artworks.iter().find(|artwork| artwork.id == id));
    let Some(artwork) = artwork else {
        return String::new();
    };
    let parts = [artwork.cell("title"), artwork.first("author")];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    format!("  {}", parts.join(" – "))
}
