//! What to do about an error. The libraries say what is wrong; the commands and
//! options that help are known here only.

mod corpus;
mod files;
mod graph;
mod images;
mod model;
mod networks;

use std::error::Error;

use self::corpus::{of_corpus, of_lost_columns};
use self::files::of_files;
use self::graph::of_graph;
use self::images::of_images;
use self::model::{of_inference, of_models};
use self::networks::{of_networks, of_weights};

/// The way out of an error, where a command or an option of artkg is one.
pub(crate) fn advice(error: &(dyn Error + 'static)) -> Option<String> {
    let error = innermost(error);
    let advice = None
        .or_else(|| of_corpus(error.downcast_ref()?))
        .or_else(|| of_graph(error.downcast_ref()?))
        .or_else(|| of_files(error.downcast_ref()?))
        .or_else(|| of_models(error.downcast_ref()?))
        .or_else(|| of_inference(error.downcast_ref()?))
        .or_else(|| of_images(error.downcast_ref()?));
    advice
        .map(str::to_owned)
        .or_else(|| of_lost_columns(error.downcast_ref()?))
        .or_else(|| of_networks(error.downcast_ref()?))
        .or_else(|| of_weights(error.downcast_ref()?))
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
        artkg_art: Captions Corpus File Graph Inference Model Text Training Tuning Vision Weights;
        artkg_captions: Corpus File Graph Image Text Vision;
        artkg_compare: Captions Corpus File Inference Model Training Vision Weights;
        artkg_evaluate: Inference;
        artkg_explain: Graph Image Inference Model Vision;
        artkg_infer: File Model Vision;
        artkg_model: File Vision;
        artkg_painter: Corpus;
        artkg_retrieve: Corpus File Inference Model Text Training;
        artkg_tag: File Model;
        artkg_text: File;
        artkg_vision: Source;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use artkg_corpus::{Corpus, CorpusDescription, ImportOptions, Mapping, import, silent};
    use artkg_graph::{BuildOptions, KnowledgeGraph, Schema};
    use artkg_vision::Misfit;

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
    fn errors_of_outputs_and_weights_name_options() {
        let exists = || artkg_files::Error::Exists(PathBuf::from("tags.csv"));
        assert_advised(exists(), "--overwrite");
        assert_advised(artkg_tag::Error::File(exists()), "--overwrite");
        let captions = artkg_captions::Error::from(artkg_text::Error::File(exists()));
        assert_advised(captions, "--overwrite");
        let misfit = |misfit| artkg_vision::Error::Weights {
            path: PathBuf::from("w.safetensors"),
            misfit: Box::new(misfit),
        };
        let architecture = Misfit::Architecture {
            stored: "resnet18",
            wanted: "resnet50",
        };
        assert_advised(misfit(architecture), "--backbone resnet18");
        let variant = Misfit::Variant {
            architecture: "resnet50",
            stored: "v1",
            wanted: "v1.5",
        };
        assert_advised(misfit(variant), "--backbone resnet50-v1");
        let googlenet = artkg_vision::Error::NotAsSafetensors("googlenet");
        assert_advised(googlenet, "--weights googlenet.safetensors");
        let v1 = artkg_vision::Error::NoImagenetV1("resnet50-v1".into());
        assert_advised(v1, "ask for resnet50, or");
        let unpublished = artkg_vision::Error::NoPublicWeights("seresnet101");
        assert_advised(unpublished, "--weights PATH");
        let source: artkg_text::ModelSource = "hub:owner/name".parse().unwrap();
        let hub = artkg_weights::Hub::new(PathBuf::from("nowhere")).offline(true);
        let unavailable = source.file("model.safetensors", &hub).unwrap_err();
        let artkg_weights::Error::ModelUnavailable(unavailable) = unavailable else {
            panic!("{unavailable}");
        };
        let unavailable = artkg_weights::Error::Unavailable(unavailable);
        assert_advised(artkg_vision::Error::Source(unavailable), "--weights PATH");
    }

    #[test]
    fn errors_of_models_name_options() {
        let captioner = || artkg_model::Error::NeedsCaptions {
            captioner: "somebody".into(),
        };
        assert_advised(captioner(), "--captions");
        let compared = artkg_compare::Error::from(artkg_infer::Error::Model(captioner()));
        assert_advised(compared, "--captions");
        assert_advised(artkg_model::Error::NoCurves, "--abstain");
    }

    #[test]
    fn other_errors_have_none() {
        assert_eq!(advice(&std::fmt::Error), None);
    }
}
