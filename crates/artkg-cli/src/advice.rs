//! What to do about an error, in the words of the command line. The libraries' errors
//! say what is wrong; flags and commands are known here only.

mod collections;

use std::error::Error;

use artkg_vision::Misfit;
use artkg_weights::Error::Unavailable;

use collections::{of_corpora, of_graphs};

/// What to add to an error's message, where the command line has a way out.
pub(crate) fn advice(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<artkg_art::Error>() {
        return of_art(error);
    }
    if let Some(error) = error.downcast_ref::<artkg_tag::Error>() {
        return of_tags(error);
    }
    if let Some(error) = error.downcast_ref::<artkg_corpus::Error>() {
        return of_corpora(error);
    }
    if let Some(error) = error.downcast_ref::<artkg_graph::Error>() {
        return of_graphs(error);
    }
    if let Some(artkg_painter::Error::Corpus(error)) = error.downcast_ref() {
        return of_corpora(error);
    }
    if let Some(error) = error.downcast_ref::<artkg_text::Error>() {
        return of_texts(error);
    }
    if let Some(error) = error.downcast_ref::<artkg_vision::Error>() {
        return of_networks(error);
    }
    if let Some(error) = error.downcast_ref::<artkg_image::Error>() {
        return of_images(error);
    }
    error
        .downcast_ref::<artkg_files::Error>()
        .and_then(of_files)
}

/// The message of an error with its advice.
pub(crate) fn with_advice(error: &(dyn Error + 'static)) -> String {
    error.to_string() + &advice(error).unwrap_or_default()
}

fn of_files(error: &artkg_files::Error) -> Option<String> {
    use artkg_files::Error::{Exists, NoJournal, OtherJob};
    match error {
        Exists(_) => Some(", or pass --overwrite".into()),
        NoJournal(_) | OtherJob { .. } => Some(", or pass --overwrite to begin anew".into()),
        _ => None,
    }
}

fn of_art(error: &artkg_art::Error) -> Option<String> {
    use artkg_art::Error::{Corpus, File, Graph, Text, Vision};
    match error {
        Corpus(error) => of_corpora(error),
        Graph(error) => of_graphs(error),
        File(error) => of_files(error),
        Text(error) => of_texts(error),
        Vision(error) => of_networks(error),
        _ => None,
    }
}

fn of_tags(error: &artkg_tag::Error) -> Option<String> {
    use artkg_tag::Error::{File, Model};
    match error {
        File(error) => of_files(error),
        Model(error) => of_art(error),
        _ => None,
    }
}

fn of_texts(error: &artkg_text::Error) -> Option<String> {
    match error {
        artkg_text::Error::File(error) => of_files(error),
        _ => None,
    }
}

fn of_images(error: &artkg_image::Error) -> Option<String> {
    use artkg_image::Error::{FileTooLarge, TooLarge};
    match error {
        TooLarge { .. } | FileTooLarge { .. } => Some(" (--memory-limit sets the limit)".into()),
        _ => None,
    }
}

fn of_networks(error: &artkg_vision::Error) -> Option<String> {
    use artkg_vision::Error::{NoImagenetV1, NoPublicWeights, NotAsSafetensors, Source, Weights};
    Some(match error {
        Source(Unavailable(_)) => " and pass --weights PATH".into(),
        NoImagenetV1(request) => {
            let (network, _) = request.split_once('-').unwrap_or((request, ""));
            format!(": ask for {network} or pass a file of v1 weights with --weights PATH")
        }
        NotAsSafetensors(network) => format!(" and pass --weights {network}.safetensors"),
        NoPublicWeights(_) => ", or pass a file with --weights PATH".into(),
        Weights { misfit, .. } => match &**misfit {
            Misfit::Architecture { stored, .. } => {
                format!("; pass --backbone {stored} or another file")
            }
            Misfit::Variant {
                architecture,
                stored,
                ..
            } => format!("; pass --backbone {architecture}-{stored} or another file"),
            _ => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn flags_are_named_with_the_errors_that_they_help_against() {
        let exists = || artkg_files::Error::Exists(PathBuf::from("tags.csv"));
        let misfit = |misfit| artkg_vision::Error::Weights {
            path: PathBuf::from("w.safetensors"),
            misfit: Box::new(misfit),
        };
        let unavailable = "hub:owner/name".parse::<artkg_text::ModelSource>().unwrap();
        let hub = artkg_weights::Hub::new(PathBuf::from("nowhere")).offline(true);
        let unavailable = unavailable.file("model.safetensors", &hub).unwrap_err();
        let artkg_weights::Error::ModelUnavailable(unavailable) = unavailable else {
            panic!("{unavailable}");
        };
        let cases: [(Box<dyn Error>, &str); 10] = [
            (
                Box::new(artkg_image::Error::FileTooLarge {
                    path: PathBuf::from("z.jpg"),
                    length: 30_000_000_000,
                    limit: 512_000_000,
                }),
                "z.jpg is a file of 30.0 GB, limit 512 MB; raise the memory limit, or convert or \
                 replace it (--memory-limit sets the limit)",
            ),
            (
                Box::new(exists()),
                "tags.csv exists; choose another output, or pass --overwrite",
            ),
            (
                Box::new(artkg_tag::Error::File(exists())),
                "choose another output, or pass --overwrite",
            ),
            (
                Box::new(artkg_art::Error::Text(artkg_text::Error::File(exists()))),
                "choose another output, or pass --overwrite",
            ),
            (
                Box::new(misfit(Misfit::Architecture {
                    stored: "resnet18",
                    wanted: "resnet50",
                })),
                "not of resnet50; pass --backbone resnet18 or another file",
            ),
            (
                Box::new(misfit(Misfit::Variant {
                    architecture: "resnet50",
                    stored: "v1",
                    wanted: "v1.5",
                })),
                "; pass --backbone resnet50-v1 or another file",
            ),
            (
                Box::new(artkg_vision::Error::NotAsSafetensors("googlenet")),
                ") and pass --weights googlenet.safetensors",
            ),
            (
                Box::new(artkg_vision::Error::NoImagenetV1("resnet50-v1".into())),
                "not resnet50-v1: ask for resnet50 or pass a file of v1 weights",
            ),
            (
                Box::new(artkg_vision::Error::NoPublicWeights("seresnet101")),
                "take seresnet50, or pass a file with --weights PATH",
            ),
            (
                Box::new(artkg_vision::Error::Source(Unavailable(unavailable))),
                "yourself and pass --weights PATH",
            ),
        ];
        for (error, expected) in cases {
            let message = with_advice(error.as_ref());
            assert!(message.contains(expected), "{message}");
        }
        assert_eq!(advice(&artkg_vision::Error::EmptyBatch), None);
    }
}
