//! What to do about an error. The libraries say what is wrong; the commands and
//! options that help are known here only.

mod corpus;
mod files;
mod graph;
mod model;

use std::error::Error;

use self::corpus::of_corpus;
use self::files::of_files;
use self::graph::of_graph;
use self::model::{of_inference, of_models};

/// The way out of an error, where a command or an option of artkg is one.
pub(crate) fn advice(error: &(dyn Error + 'static)) -> Option<String> {
    let error = innermost(error);
    let advice = None
        .or_else(|| of_corpus(error.downcast_ref()?))
        .or_else(|| of_graph(error.downcast_ref()?))
        .or_else(|| of_files(error.downcast_ref()?))
        .or_else(|| of_models(error.downcast_ref()?))
        .or_else(|| of_inference(error.downcast_ref()?));
    advice.map(str::to_owned)
}

/// The error that the crates above its own only hand on.
fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    match inner(error) {
        Some(inner) => innermost(inner),
        None => error,
    }
}

/// The error that another one stands for.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    /// Of each error of a crate above others the variants that hand one on.
    macro_rules! handed_on {
        ($($crate_name:ident: $($variant:ident)+;)+) => {
            $(if let Some(error) = error.downcast_ref::<$crate_name::Error>() {
                return match error {
                    $($crate_name::Error::$variant(inner) => Some(inner),)+
                    _ => None,
                };
            })+
        };
    }
    // Boxed, so that it is no error itself.
    if let Some(artkg_compare::Error::Art(inner)) = error.downcast_ref() {
        return Some(&**inner);
    }
    if let Some(artkg_retrieve::Error::Art(inner)) = error.downcast_ref() {
        return Some(&**inner);
    }
    handed_on! {
        artkg_art: Captions Corpus File Graph Inference Model Text Training Tuning Vision;
        artkg_captions: Corpus File Graph Image Text Vision;
        artkg_compare: Captions Corpus File Inference Model Training Vision;
        artkg_evaluate: Inference;
        artkg_explain: Graph Image Inference Model Vision;
        artkg_infer: File Model Vision;
        artkg_model: File Vision;
        artkg_painter: Corpus;
        artkg_retrieve: Corpus File Inference Model Text Training;
        artkg_tag: File Model;
        artkg_text: File;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use artkg_corpus::{Corpus, CorpusDescription, ImportOptions, Mapping, import, silent};
    use artkg_graph::{BuildOptions, KnowledgeGraph, Schema};

    use super::*;

    fn assert_advised(error: impl Error + 'static, says: &str) {
        let text = advice(&error).unwrap_or_default();
        assert!(text.contains(says), "{error}: {text}");
    }

    #[test]
    fn errors_of_corpora_name_commands_and_options() {
        let folder = tempfile::tempdir().unwrap();
        let missing = || Corpus::open(folder.path()).unwrap_err();
        assert_advised(missing(), "artkg corpus import");
        assert_advised(artkg_art::Error::from(missing()), "artkg corpus import");
        let wrapped = artkg_compare::Error::from(artkg_art::Error::from(missing()));
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

    #[test]
    fn other_errors_have_none() {
        assert_eq!(advice(&std::fmt::Error), None);
    }
}
