use artkg_train::MemoryShortage;

use super::advice;

/// The way out of an error of a training run.
pub(super) fn of_training(error: &artkg_train::Error) -> Option<String> {
    use artkg_train::Error as E;
    let text = match error {
        E::Append { .. } => "make room or access, then continue the run with --resume",
        E::Busy(_) => "stop that one or choose another name",
        E::Occupied(_) => "continue it with --resume, or choose another name",
        E::Changed { .. } => "use the same settings, or start a new run under another name",
        E::DataChanged { .. } | E::DataRecord { .. } | E::DataFormat { .. } => {
            "start a new run in another folder"
        }
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

/// The way out of an error of a study.
pub(super) fn of_tuning(error: &artkg_tune::Error) -> Option<String> {
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
