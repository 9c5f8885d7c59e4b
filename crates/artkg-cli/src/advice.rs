//! What to do about an error. The libraries say what is wrong; the commands and
//! options that help are known here only.

#[cfg(feature = "train")]
mod art;
#[cfg(feature = "collections")]
mod corpus;
mod exchange;
mod files;
#[cfg(feature = "flavor")]
mod flavor;
#[cfg(feature = "collections")]
mod graph;
mod images;
mod model;
mod networks;
#[cfg(feature = "train")]
mod products;
#[cfg(feature = "runs")]
mod training;
mod ways;

use std::error::Error;

use crate::running::Running;
use ways::Ways;

/// The way out of an error, where another command or an option of `running` is one.
pub(crate) fn advice(error: &(dyn Error + 'static), running: &Running) -> Option<String> {
    ways(error)?.in_command(running)
}

/// The ways out of an error, whatever command runs.
fn ways(error: &(dyn Error + 'static)) -> Option<Ways> {
    let error = innermost(error);
    let advice = None
        .or_else(|| files::of_files(error.downcast_ref()?))
        .or_else(|| model::of_models(error.downcast_ref()?))
        .or_else(|| images::of_images(error.downcast_ref()?))
        .or_else(|| networks::of_networks(error.downcast_ref()?))
        .or_else(|| networks::of_weights(error.downcast_ref()?))
        .or_else(|| exchange::of_exchange(error.downcast_ref()?));
    #[cfg(feature = "collections")]
    let advice = advice
        .or_else(|| corpus::of_corpus(error.downcast_ref()?))
        .or_else(|| graph::of_graph(error.downcast_ref()?));
    #[cfg(feature = "runs")]
    let advice = advice
        .or_else(|| training::of_training(error.downcast_ref()?))
        .or_else(|| training::of_tuning(error.downcast_ref()?));
    #[cfg(feature = "train")]
    let advice = advice
        .or_else(|| art::of_art(error.downcast_ref()?))
        .or_else(|| model::of_inference(error.downcast_ref()?))
        .or_else(|| products::of_captions(error.downcast_ref()?))
        .or_else(|| products::of_comparisons(error.downcast_ref()?))
        .or_else(|| products::of_retrieval(error.downcast_ref()?));
    #[cfg(feature = "flavor")]
    let advice = advice.or_else(|| flavor::of_flavor(error.downcast_ref()?));
    advice
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
    handed_on! {
        artkg_exchange: File Tags;
        artkg_model: File Vision;
        artkg_tag: File Model;
        artkg_text: File;
        artkg_vision: Source;
    }
    #[cfg(feature = "collections")]
    handed_on! {
        artkg_painter: Corpus;
    }
    #[cfg(feature = "runs")]
    {
        // Boxed, so that it is no error itself.
        if let Some(artkg_train::Error::Parameter { source, .. }) = error.downcast_ref() {
            return Some(source.as_ref());
        }
        handed_on! {
            artkg_train: Tuning;
        }
    }
    #[cfg(feature = "train")]
    {
        handed_on! {
            artkg_art: Captions Corpus File Graph Inference Model Text Training Tuning Vision Weights;
            artkg_captions: Corpus File Graph Image Text Vision;
            artkg_evaluate: Inference;
            artkg_explain: Graph Image Inference Model Vision;
            artkg_infer: File Model Vision;
        }
        // Boxed, so that it is no error itself.
        if let Some(artkg_compare::Error::Art(inner)) = error.downcast_ref() {
            return Some(&**inner);
        }
        handed_on! {
            artkg_compare: Captions Corpus File Inference Model Training Vision Weights;
            artkg_retrieve: Corpus File Inference Model Text Training;
        }
    }
    #[cfg(feature = "flavor")]
    handed_on! {
        artkg_flavor: Training Tuning;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use artkg_vision::Misfit;

    use super::*;

    fn assert_advised(error: impl Error + 'static, says: &str) {
        let text = on(error);
        assert!(text.contains(says), "{text}");
    }

    /// All ways out of an error.
    fn on(error: impl Error + 'static) -> String {
        ways(&error).map_or_else(String::new, |ways| format!("{ways:?}"))
    }

    /// What a command says of an error.
    #[cfg(feature = "collections")]
    fn in_command(names: &[&str], error: impl Error + 'static) -> Option<String> {
        advice(&error, &Running::named(crate::program, names))
    }

    #[test]
    fn errors_of_outputs_and_weights_name_options() {
        let exists = || artkg_files::Error::Exists(PathBuf::from("tags.csv"));
        assert_advised(exists(), "--overwrite");
        assert_advised(artkg_tag::Error::File(exists()), "--overwrite");
        assert_advised(artkg_text::Error::File(exists()), "--overwrite");
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
        assert_advised(v1, "ask for resnet50");
        let unpublished = artkg_vision::Error::NoPublicWeights("seresnet101");
        assert_advised(unpublished, "--weights PATH");
    }

    #[test]
    fn errors_of_models_name_options() {
        let captioner = artkg_model::Error::NeedsCaptions {
            captioner: "somebody".into(),
        };
        assert_advised(captioner, "--captions");
        assert_advised(artkg_model::Error::NoCurves, "--abstain");
    }

    #[cfg(feature = "collections")]
    #[test]
    fn advice_names_options_of_its_own_command_only() {
        let large = || artkg_image::Error::FileTooLarge {
            path: PathBuf::from("a.jpg"),
            length: 9,
            limit: 8,
        };
        assert_eq!(in_command(&["corpus", "check"], large()), None);
        let advice = in_command(&["tag"], large()).unwrap();
        assert!(advice.contains("--memory-limit"), "{advice}");
        let exists = || artkg_files::Error::NotOurs(PathBuf::from("a"));
        assert!(in_command(&["graph", "build"], exists()).is_some());
        assert_eq!(in_command(&["graph", "stats"], exists()), None);
    }

    #[cfg(feature = "train")]
    #[test]
    fn commands_without_an_option_say_where_its_setting_is() {
        let fault = || artkg_art::Error::NoEmbeddings("embeddings.safetensors".into());
        let train = in_command(&["train"], fault()).unwrap();
        assert!(train.contains("--mode mtl"), "{train}");
        let tune = in_command(&["tune"], fault()).unwrap();
        assert_eq!(
            tune,
            "such settings are changed in the file that `--config` names"
        );
    }

    #[test]
    fn other_errors_have_none() {
        assert_eq!(ways(&std::fmt::Error), None);
        assert_eq!(ways(&std::io::Error::other("x")), None);
    }

    #[cfg(feature = "collections")]
    mod of_collections {
        use artkg_corpus::{Corpus, CorpusDescription, ImportOptions, Mapping, import, silent};
        use artkg_graph::{BuildOptions, KnowledgeGraph, Schema};

        use super::*;

        #[test]
        fn errors_of_corpora_name_commands_and_options() {
            let folder = tempfile::tempdir().unwrap();
            let missing = Corpus::open(folder.path()).unwrap_err();
            assert_advised(missing, "artkg corpus import");
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
            let load = |path: &std::path::Path| KnowledgeGraph::load(path).unwrap_err();
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

    #[cfg(feature = "runs")]
    mod of_runs {
        use artkg_files::{Amount, MemorySize};
        use artkg_train::MemoryShortage;

        use super::*;

        const MIB: u64 = 1 << 20;

        #[test]
        fn a_shortage_of_memory_says_the_way_out() {
            let limit = MemorySize(500 * MIB);
            let amount = |mebibytes| Amount(mebibytes * MIB);
            let on_memory = |shortage: MemoryShortage| on(artkg_train::Error::from(shortage));
            let text = on_memory(MemoryShortage::Limit {
                least: amount(640),
                limit,
            });
            assert!(text.contains("--freeze"), "{text}");
            let text = on_memory(MemoryShortage::Machine {
                needed: amount(1360),
                free: amount(1000),
                fitting: Some((2, amount(988))),
            });
            for expected in ["--accumulate 2", "--memory-limit 1.3GiB", "988 MiB"] {
                assert!(text.contains(expected), "{text}");
            }
            let text = on_memory(MemoryShortage::Resumed {
                needed: amount(640),
                limit,
            });
            assert!(text.contains("raise `--memory-limit` to resume"), "{text}");
        }

        #[test]
        fn errors_of_runs_and_studies_name_options() {
            let occupied = artkg_train::Error::Occupied(PathBuf::from("run"));
            assert!(on(occupied).contains("--resume"));
            let study = artkg_tune::Error::Occupied(PathBuf::from("study"));
            assert!(on(study).contains("--resume"));
            let frozen = artkg_train::Error::Frozen(PathBuf::from("last.safetensors"));
            assert!(on(frozen).contains("--weights"));
            let kept = artkg_train::Error::NotFinite {
                quantity: "the loss".to_owned(),
                epoch: 1,
                step: 2,
                batch: "1, 2".to_owned(),
                kept: Some(PathBuf::from("last.safetensors")),
            };
            assert!(on(kept).contains("last.safetensors holds the last good state"));
        }

        #[test]
        fn what_needs_no_advice_has_none() {
            assert!(ways(&artkg_train::Error::NoRun(PathBuf::from("run"))).is_none());
        }
    }

    #[cfg(feature = "train")]
    mod of_training {
        use super::*;

        #[test]
        fn advice_is_found_through_the_errors_around() {
            let folder = tempfile::tempdir().unwrap();
            let missing = || artkg_corpus::Corpus::open(folder.path()).unwrap_err();
            assert_advised(artkg_art::Error::from(missing()), "artkg corpus import");
            let wrapped = artkg_compare::Error::from(artkg_art::Error::from(missing()));
            assert_advised(wrapped, "artkg corpus import");
            let captioner = artkg_model::Error::NeedsCaptions {
                captioner: "somebody".into(),
            };
            let compared = artkg_compare::Error::from(artkg_infer::Error::Model(captioner));
            assert_advised(compared, "--captions");
            let exists = artkg_files::Error::Exists(PathBuf::from("captions.csv"));
            let captions = artkg_captions::Error::from(artkg_text::Error::File(exists));
            assert_advised(captions, "--overwrite");
            let occupied = artkg_train::Error::Occupied(PathBuf::from("run"));
            assert_advised(artkg_art::Error::Training(occupied), "--resume");
        }

        #[test]
        fn errors_of_the_hub_name_options() {
            let source: artkg_text::ModelSource = "hub:owner/name".parse().unwrap();
            let hub = artkg_weights::Hub::new(PathBuf::from("nowhere")).offline(true);
            let unavailable = source.file("model.safetensors", &hub).unwrap_err();
            let artkg_weights::Error::ModelUnavailable(unavailable) = unavailable else {
                panic!("{unavailable}");
            };
            let unavailable = artkg_weights::Error::Unavailable(unavailable);
            assert_advised(artkg_vision::Error::Source(unavailable), "--weights PATH");
        }
    }

    #[cfg(feature = "flavor")]
    #[test]
    fn advice_is_found_through_errors_of_flavour_tagging() {
        let occupied = artkg_train::Error::Occupied(PathBuf::from("run"));
        assert_advised(artkg_flavor::Error::Training(occupied), "--resume");
        let parameter = artkg_train::Error::Parameter {
            parameter: "lost_tracks=0..1".to_owned(),
            source: Box::new(artkg_flavor::Error::NoTraining),
        };
        assert_advised(parameter, "--class");
    }
}

/// That no advice names an option which the program lacks.
#[cfg(all(feature = "train", feature = "flavor"))]
#[cfg(test)]
mod named_options_tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use crate::running::{Running, named_options};

    /// Every option of every command.
    fn all_options(command: &clap::Command) -> BTreeSet<String> {
        let own = command.get_arguments().filter_map(clap::Arg::get_long);
        let mut options: BTreeSet<String> = own.map(|name| format!("--{name}")).collect();
        for below in command.get_subcommands() {
            options.extend(all_options(below));
        }
        options
    }

    /// The program's sources without their tests.
    fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(sources(&path));
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
            found.push((path, text[..end].to_owned()));
        }
        found
    }

    #[test]
    fn every_option_that_is_named_exists() {
        let mut program = crate::program();
        program.build();
        let known = all_options(&program);
        let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        let mut named = 0;
        for (path, text) in sources {
            // Its own definitions are no messages.
            let text = text.replace("\\\n", " ");
            for option in named_options(&text) {
                named += 1;
                assert!(known.contains(&option), "{}: {option}", path.display());
            }
            // And those of a command are that command's.
            for command in text.split('`').filter(|part| part.starts_with("artkg ")) {
                if command.contains("--") {
                    let anywhere = Running::named(crate::program, &[]);
                    assert!(anywhere.can(&format!("`{command}`")), "{command}");
                }
            }
        }
        assert!(named > 100, "{named}");
    }
}
