//! What to do about an error, in the words and flags of the command line: libraries
//! say what is wrong, and know of neither.

use std::error::Error;
use std::io::ErrorKind;

use artkg_train::MemoryShortage;

/// What helps against `error`, if anything is known to.
pub(crate) fn advice(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref() {
        return on_flavor(error);
    }
    if let Some(error) = error.downcast_ref::<artkg_art::Error>() {
        return match error {
            artkg_art::Error::Training(error) => on_training(error),
            artkg_art::Error::Tuning(error) => on_tuning(error),
            _ => None,
        };
    }
    if let Some(error) = error.downcast_ref() {
        return on_training(error);
    }
    error.downcast_ref().and_then(on_tuning)
}

fn on_training(error: &artkg_train::Error) -> Option<String> {
    use artkg_train::Error as E;
    let text = match error {
        E::Append { .. } => "make room or access, then continue the run with --resume",
        E::Busy(_) => "stop that one or choose another name",
        E::Occupied(_) => "continue it with --resume, or choose another name",
        E::Changed { .. } => "use the same settings, or start a new run under another name",
        E::DataChanged { .. } | E::DataRecord { .. } => "start a new run in another folder",
        E::Frozen(_) => {
            "resume with the --weights and --freeze of then, or start a new run under another name"
        }
        E::Optimiser { .. } => "resume with those",
        E::NotFinite { kept, .. } => {
            let kept = match kept {
                Some(path) => format!("{} holds the last good state", path.display()),
                None => "there was no checkpoint yet".to_owned(),
            };
            return Some(format!(
                "{kept}; look at that batch, or try a lower learning rate or gradient_clip"
            ));
        }
        E::Memory(shortage) => return Some(on_memory(shortage)),
        E::Tuning(error) => return on_tuning(error),
        E::Parameter { source, .. } => return advice(source.as_ref()),
        _ => return None,
    };
    Some(text.to_owned())
}

fn on_memory(shortage: &MemoryShortage) -> String {
    let smaller = "a smaller network, smaller images (--crop), more of the network frozen \
                   (--freeze layer3), or an optimiser with less state (--optimiser sgd)";
    match shortage {
        MemoryShortage::Unmeasured { .. } => {
            "this program cannot measure it; leave memory_limit out".to_owned()
        }
        MemoryShortage::Resumed { .. } => {
            "a run keeps the micro-batches that it was started with: raise --memory-limit to \
             resume it"
                .to_owned()
        }
        MemoryShortage::Limit { .. } => {
            format!("that is with one example at a time: raise the limit, or take {smaller}")
        }
        MemoryShortage::Machine {
            needed, fitting, ..
        } => {
            let parts = match fitting {
                Some((parts, peak)) => format!(
                    "pass --accumulate {parts} to compute each batch in {parts} parts ({peak}), a \
                     smaller --batch-size, "
                ),
                None => "take ".to_owned(),
            };
            let most = needed.to_string().replace(' ', "");
            format!(
                "{parts}{smaller}; or free memory, or say with --memory-limit {most} that it may \
                 take more than is free"
            )
        }
    }
}

fn on_tuning(error: &artkg_tune::Error) -> Option<String> {
    use artkg_tune::Error as E;
    let text = match error {
        E::Occupied(_) => "continue it with --resume, remove it, or choose another name",
        E::Busy(_) => "stop that one or choose another name",
        E::Changed { .. } => "use the same settings, or start a new study under another name",
        E::NothingToSearch => "name a setting with --parameter NAME=RANGE",
        _ => return None,
    };
    Some(text.to_owned())
}

fn on_flavor(error: &artkg_flavor::Error) -> Option<String> {
    use artkg_flavor::{Error as E, ModelFault};
    let text = match error {
        E::Network(artkg_nn::Error::File(error)) if error.source.kind() == ErrorKind::NotFound => {
            "`artkg flavor train` leaves model.safetensors in its folder"
        }
        E::Unpacking { .. } => "copy it again",
        E::Fault(_) => "leave --strict out to skip such events",
        E::NoTraining => {
            "pass --class CLASS=FILE for each class; `artkg flavor synth` makes some events"
        }
        E::OneClass(_) => "pass --class CLASS=FILE for each class",
        E::TooFewEvents(_) => "pass --validation CLASS=FILE",
        E::Setting {
            key: "validation_share",
            ..
        } => "or give --validation files",
        E::MemoryLimit => "lower batch_size instead",
        E::NoModels => "pass --model FILE",
        E::DifferentClasses { .. } => "measure them one by one",
        E::Diverged => "train it with a lower learning rate",
        E::Model {
            fault: ModelFault::NotATagger,
            ..
        } => "pass the model.safetensors of an `artkg flavor train` run",
        E::Training(error) => return on_training(error),
        E::Tuning(error) => return on_tuning(error),
        _ => return None,
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use artkg_train::{Amount, MemorySize};

    use super::*;

    const MIB: u64 = 1 << 20;

    fn on(error: impl Error + 'static) -> String {
        advice(&error).unwrap_or_default()
    }

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
        assert!(text.contains("raise --memory-limit to resume"), "{text}");
    }

    #[test]
    fn advice_is_found_through_the_errors_around() {
        let occupied = || artkg_train::Error::Occupied(PathBuf::from("run"));
        assert!(on(occupied()).contains("--resume"));
        assert!(on(artkg_art::Error::Training(occupied())).contains("--resume"));
        assert!(on(artkg_flavor::Error::Training(occupied())).contains("--resume"));
        let study = artkg_tune::Error::Occupied(PathBuf::from("study"));
        assert!(on(study).contains("--resume"));
        let parameter = artkg_train::Error::Parameter {
            parameter: "lost_tracks=0..1".to_owned(),
            source: Box::new(artkg_flavor::Error::NoTraining),
        };
        assert!(on(parameter).contains("--class"));
        let frozen = artkg_train::Error::Frozen(PathBuf::from("last.safetensors"));
        assert!(on(frozen).contains("--weights"));
        let kept = artkg_train::Error::NotFinite {
            quantity: "the loss".to_owned(),
            epoch: 1,
            step: 2,
            batch: "1, 2".to_owned(),
            kept: Some(PathBuf::from("last.safetensors")),
        };
        assert!(on(kept).starts_with("last.safetensors holds the last good state"));
    }

    #[test]
    fn what_needs_no_advice_has_none() {
        assert!(advice(&artkg_train::Error::NoRun(PathBuf::from("run"))).is_none());
        assert!(advice(&std::io::Error::other("x")).is_none());
    }
}
