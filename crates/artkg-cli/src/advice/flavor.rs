use std::io::ErrorKind;

use super::ways::Ways;

/// The way out of an error of flavour tagging.
pub(super) fn of_flavor(error: &artkg_flavor::Error) -> Option<Ways> {
    use artkg_flavor::{Error as E, ModelFault};
    let text = match error {
        E::Network(artkg_nn::Error::File(artkg_files::Error::Io { source, .. }))
            if source.kind() == ErrorKind::NotFound =>
        {
            "`artkg flavor train` leaves model.safetensors in its folder"
        }
        E::Unpacking { .. } => "copy it again",
        E::Fault(_) => "leave `--strict` out to skip such events",
        E::NoTraining => {
            "pass `--class CLASS=FILE` for each class; `artkg flavor synth` makes some events"
        }
        E::OneClass(_) => "pass `--class CLASS=FILE` for each class",
        E::TooFewEvents(_) => "pass `--validation CLASS=FILE`",
        E::Setting {
            key: "validation_share",
            ..
        } => "give files with `--validation`",
        E::MemoryLimit => "lower `batch_size` instead",
        E::NoModels => "pass `--model FILE`",
        E::DifferentClasses { .. } => "measure them one by one",
        E::Diverged => "train it with a lower learning rate",
        E::Model {
            fault: ModelFault::NotATagger,
            ..
        } => "pass the model.safetensors of an `artkg flavor train` run",
        _ => return None,
    };
    Some(text.into())
}
