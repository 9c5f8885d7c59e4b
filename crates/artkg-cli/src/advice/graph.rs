use artkg_graph::{Error as Graph, FileKind};

use super::ways::Ways;

/// The way out of an error of a graph or of embeddings.
pub(super) fn of_graph(error: &Graph) -> Option<Ways> {
    let advice = match error {
        Graph::Unreadable {
            kind,
            source: artkg_files::Error::Io { source, .. },
        } if source.kind() == std::io::ErrorKind::NotFound => match kind {
            FileKind::Graph => "`artkg graph build` writes graph.akg into the corpus folder",
            FileKind::Embeddings => {
                "`artkg graph embed` writes embeddings.safetensors beside the graph"
            }
        },
        Graph::WrongKind {
            expected: FileKind::Graph,
            ..
        } => "`artkg graph build` writes one",
        Graph::WrongKind {
            expected: FileKind::Embeddings,
            ..
        } => "`artkg graph embed` writes one",
        Graph::Version { kind, .. } | Graph::Damaged { kind, .. } => match kind {
            FileKind::Graph => "build the graph again with `artkg graph build`",
            FileKind::Embeddings => "embed the graph again with `artkg graph embed`",
        },
        Graph::NoArtworks { artworks: 0, .. } => "`artkg corpus check` says more",
        Graph::NoArtworks { unsplit: 0, .. } => "choose other splits with `--splits`",
        Graph::NoArtworks { .. } => {
            let ways = [
                "take them with `--splits none`",
                "give them splits with `artkg corpus import --split`",
            ];
            return Some(ways.into());
        }
        Graph::NoTexts { .. } => "choose other splits with `--splits`",
        Graph::RepeatedId { .. } => "`artkg corpus check` lists such problems",
        Graph::UnknownName { suggestions, .. } if suggestions.is_empty() => {
            "`artkg graph export --format csv` lists all names"
        }
        _ => return None,
    };
    Some(advice.into())
}
