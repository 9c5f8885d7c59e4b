//! What a run takes where nothing is said: graph, embeddings and weights. Each choice is
//! printed.

use std::path::{Path, PathBuf};

use artkg_art::ArtSettings;
use artkg_corpus::Corpus;
use artkg_graph::node2vec::{Node2VecOptions, embed};
use artkg_graph::{BuildOptions, KnowledgeGraph, Schema};
use artkg_model::Mode;

use crate::globals::{Fallible, Globals};
use crate::here::{DEFAULT_EMBEDDINGS, DEFAULT_GRAPH};

/// The folders beside the corpus's own in which weights are looked for.
const WEIGHT_FOLDERS: [&str; 2] = [".", "weights"];

/// Finds or makes the graph and the embeddings that the system needs.
pub(super) fn choose_embeddings(settings: &mut ArtSettings, globals: &Globals) -> Fallible {
    if settings.mode != Mode::Kgm || settings.embeddings.is_some() {
        return Ok(());
    }
    let path = settings.corpus.join(DEFAULT_EMBEDDINGS);
    let beside = settings.corpus.join(DEFAULT_GRAPH);
    if path.exists() {
        globals.note(format!(
            "embeddings: {} (`--embeddings` takes others)",
            path.display()
        ));
        if settings.graph.is_none() && beside.exists() {
            globals.note(format!(
                "graph: {} (`--graph` takes another)",
                beside.display()
            ));
            settings.graph = Some(beside);
        }
        return Ok(());
    }
    let graph = match &settings.graph {
        Some(path) => KnowledgeGraph::load(path)?,
        None => graph(&settings.corpus, globals)?,
    };
    settings.graph.get_or_insert(beside);
    globals.note(format!("embeddings: making {} by node2vec", path.display()));
    let options = Node2VecOptions {
        seed: settings.training.seed,
        threads: globals.threads(),
        ..Node2VecOptions::default()
    };
    embed(&graph, &options, |_| {})?.save(&path)?;
    Ok(())
}

/// The graph of a corpus, which is built where there is none.
fn graph(folder: &Path, globals: &Globals) -> Result<KnowledgeGraph, Box<dyn std::error::Error>> {
    let path = folder.join(DEFAULT_GRAPH);
    if path.exists() {
        globals.note(format!("graph: {}", path.display()));
        return Ok(KnowledgeGraph::load(&path)?);
    }
    let corpus = Corpus::open(folder)?;
    globals.note(format!(
        "graph: building {} of the training works",
        path.display()
    ));
    let graph = KnowledgeGraph::build(&corpus, &Schema::built_in()?, &BuildOptions::default())?;
    graph.save(&path)?;
    Ok(graph)
}

/// Takes weights of the network that lie at hand.
pub(super) fn choose_weights(settings: &mut ArtSettings, globals: &Globals) {
    if settings.backbone.weights.is_some() {
        return;
    }
    let name = settings.backbone.name.to_string();
    let folders = WEIGHT_FOLDERS.map(PathBuf::from);
    match weights_in(&name, folders.iter().chain([&settings.corpus])) {
        Some(path) => {
            globals.note(format!(
                "weights: {} (`--weights` takes others)",
                path.display()
            ));
            settings.backbone.weights = Some(path.display().to_string());
        }
        None => {
            let known = match settings.backbone.name.architecture.learned_from_imagenet() {
                true => "`--weights imagenet` takes ImageNet's",
                false => "`--weights published` takes those that its authors published",
            };
            globals.note(format!(
                "weights: no {name}.safetensors here, in weights or in the corpus, so the network \
                 starts from random ones; {known}"
            ));
        }
    }
}

fn weights_in<'a>(name: &str, folders: impl IntoIterator<Item = &'a PathBuf>) -> Option<PathBuf> {
    let file = format!("{name}.safetensors");
    let paths = folders.into_iter().map(|folder| match folder.as_os_str() {
        here if here == "." => PathBuf::from(&file),
        _ => folder.join(&file),
    });
    paths.into_iter().find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_at_hand_are_those_of_the_network() {
        let folder = tempfile::tempdir().unwrap();
        let folders = ["a", "b"].map(|name| folder.path().join(name));
        assert_eq!(weights_in("resnet50", &folders), None);
        let path = folders[1].join("resnet50.safetensors");
        artkg_files::write_bytes(&path, b"x").unwrap();
        assert_eq!(weights_in("resnet50", &folders), Some(path));
        assert_eq!(weights_in("resnet18", &folders), None);
    }
}
