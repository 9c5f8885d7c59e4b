//! Errors of corpora and graphs.

use artkg_graph::FileKind;

use crate::commands::corpus::lost_column;

pub(super) fn of_corpora(error: &artkg_corpus::Error) -> Option<String> {
    use artkg_corpus::Error as Corpus;
    let advice = match error {
        Corpus::Record(_) => "; `artkg corpus check` lists every problem",
        Corpus::NotACorpus { .. } => {
            "; `artkg corpus import` makes a corpus from a table and a folder of images"
        }
        Corpus::Format { .. } => "; make it again with `artkg corpus import`",
        Corpus::NoIdColumn { .. } => {
            "; a foreign table becomes a corpus with `artkg corpus import`"
        }
        Corpus::LostColumns { lost } => {
            let lines: Vec<String> = lost.iter().map(lost_column).collect();
            return Some(format!(
                "; {}; without `--strict` the corpus is written all the same",
                lines.join("; ")
            ));
        }
        Corpus::LackingColumns { .. } => {
            "; name the source's columns with `--column OURS=THEIRS`, or use another `--source`"
        }
        Corpus::UnknownSource { .. } => ", and `--mapping FILE` takes one of your own",
        Corpus::ZeroBytes { .. } => ", or read UTF-16 with `--encoding utf-16le`",
        _ => return None,
    };
    Some(advice.to_owned())
}

pub(super) fn of_graphs(error: &artkg_graph::Error) -> Option<String> {
    use artkg_graph::Error as Graph;
    let advice = match error {
        Graph::Unreadable {
            kind,
            source: artkg_files::Error::Io { source, .. },
        } if source.kind() == std::io::ErrorKind::NotFound => match kind {
            FileKind::Graph => "; `artkg graph build` writes graph.akg into the corpus folder",
            FileKind::Embeddings => {
                "; `artkg graph embed` writes embeddings.safetensors beside the graph"
            }
        },
        Graph::WrongKind {
            expected: FileKind::Graph,
            ..
        } => "; `artkg graph build` writes one",
        Graph::WrongKind {
            expected: FileKind::Embeddings,
            ..
        } => "; `artkg graph embed` writes one",
        Graph::Version { kind, .. } | Graph::Damaged { kind, .. } => match kind {
            FileKind::Graph => "; build the graph again with `artkg graph build`",
            FileKind::Embeddings => "; embed the graph again with `artkg graph embed`",
        },
        Graph::NoArtworks { artworks: 0, .. } => "; `artkg corpus check` says more",
        Graph::NoArtworks { unsplit: 0, .. } | Graph::NoTexts { .. } => {
            "; choose others with `--splits`"
        }
        Graph::NoArtworks { .. } => {
            "; take them with `--splits none`, or give them splits with \
             `artkg corpus import --split`"
        }
        Graph::RepeatedId { .. } => "; `artkg corpus check` lists such problems",
        Graph::UnknownName { suggestions, .. } if suggestions.is_empty() => {
            "; `artkg graph export --format csv` lists all"
        }
        _ => return None,
    };
    Some(advice.to_owned())
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::path::{Path, PathBuf};

    use artkg_corpus::{Corpus, CorpusDescription, ImportOptions, Mapping, import, silent};
    use artkg_graph::{BuildOptions, KnowledgeGraph, Schema};

    use crate::advice::with_advice;

    fn assert_advised(error: impl Error + 'static, says: &str) {
        let text = with_advice(&error);
        assert!(text.contains(says), "{text}");
    }

    #[test]
    fn errors_of_corpora_name_commands_and_options() {
        let folder = tempfile::tempdir().unwrap();
        let missing = || Corpus::open(folder.path()).unwrap_err();
        assert_advised(missing(), "artkg corpus import");
        assert_advised(artkg_art::Error::from(missing()), "artkg corpus import");
        let wrapped = artkg_tag::Error::from(artkg_art::Error::from(missing()));
        assert_advised(wrapped, "artkg corpus import");
        assert_advised(Mapping::built_in("louvre").unwrap_err(), "--mapping FILE");
        let table = folder.path().join("table.csv");
        std::fs::write(&table, "a,b\n1,2\n").unwrap();
        let options = ImportOptions::default();
        let lacking = import(&[table], folder.path(), &options, &silent).unwrap_err();
        assert_advised(lacking, "--column OURS=THEIRS");
    }

    #[test]
    fn errors_of_graphs_name_commands_and_options() {
        let folder = tempfile::tempdir().unwrap();
        let load = |path: &Path| KnowledgeGraph::load(path).unwrap_err();
        assert_advised(load(&folder.path().join("graph.akg")), "artkg graph build");
        let path = folder.path().join("text.akg");
        std::fs::write(&path, "no graph").unwrap();
        assert_advised(load(&path), "artkg graph build");
        let embeddings = artkg_graph::Embeddings::load(&folder.path().join("e")).unwrap_err();
        assert_advised(embeddings, "artkg graph embed");
        let corpus = Corpus {
            description: CorpusDescription::new("test", "images"),
            artworks: vec![artkg_corpus::Artwork::default()],
            folder: PathBuf::new(),
        };
        let schema = Schema::built_in().unwrap();
        let none = KnowledgeGraph::build(&corpus, &schema, &BuildOptions::default());
        assert_advised(none.unwrap_err(), "--splits none");
    }
}
