use artkg_train::MemoryShortage;

use super::ways::Ways;

/// The way out of an error of a training run.
pub(super) fn of_training(error: &artkg_train::Error) -> Option<Ways> {
    use artkg_train::Error as E;
    Some(match error {
        E::Append { .. } => "make room or access, then continue the run with `--resume`".into(),
        E::Busy(_) => "stop that one or choose another folder with `--output`".into(),
        E::Occupied(_) => [
            "continue it with `--resume`",
            "choose another folder with `--output`",
        ]
        .into(),
        E::Changed { .. } => {
            "use the same settings, or start a new run in another folder with `--output`".into()
        }
        E::DataChanged { .. } | E::DataRecord { .. } | E::DataFormat { .. } => {
            "start a new run in another folder with `--output`".into()
        }
        E::Frozen(_) => [
            "resume with the `--weights` and `--freeze` of then",
            "start a new run in another folder with `--output`",
        ]
        .into(),
        E::Optimiser { .. } => "resume with those".into(),
        E::NotFinite { kept, .. } => {
            let kept = match kept {
                Some(path) => format!("{} holds the last good state", path.display()),
                None => "there was no checkpoint yet".to_owned(),
            };
            format!("{kept}; look at that batch, or try a lower learning rate or gradient_clip")
                .into()
        }
        E::Memory(shortage) => on_memory(shortage),
        _ => return None,
    })
}

fn on_memory(shortage: &MemoryShortage) -> Ways {
    const SMALLER: [&str; 3] = [
        "take a smaller network, or smaller images (`--crop`)",
        "freeze more of the network (`--freeze layer3`)",
        "take an optimiser with less state (`--optimiser sgd`)",
    ];
    let [network, freeze, optimiser] = SMALLER.map(str::to_owned);
    match shortage {
        MemoryShortage::Unmeasured { .. } => {
            "this program cannot measure it; leave memory_limit out".into()
        }
        MemoryShortage::Resumed { .. } => [
            "a run keeps the micro-batches that it was started with: raise `--memory-limit` to \
             resume it",
            "raise memory_limit: a run keeps the micro-batches that it was started with",
        ]
        .into(),
        MemoryShortage::Limit { .. } => [
            "raise the limit: this is with one example at a time".to_owned(),
            network,
            freeze,
            optimiser,
        ]
        .into(),
        MemoryShortage::Machine {
            needed, fitting, ..
        } => {
            let parts = match fitting {
                Some((parts, peak)) => format!(
                    "pass `--accumulate {parts}` to compute each batch in {parts} parts ({peak}), \
                     or a smaller `--batch-size`"
                ),
                None => "free memory".to_owned(),
            };
            let most = needed.to_string().replace(' ', "");
            let most =
                format!("say with `--memory-limit {most}` that it may take more than is free");
            [parts, network, freeze, optimiser, most].into()
        }
    }
}

/// The way out of an error of a study.
pub(super) fn of_tuning(error: &artkg_tune::Error) -> Option<Ways> {
    use artkg_tune::Error as E;
    Some(match error {
        E::Occupied(_) => [
            "continue it with `--resume`",
            "choose another folder with `--output`",
        ]
        .into(),
        E::Busy(_) => "stop that one or choose another folder with `--output`".into(),
        E::Changed { .. } => {
            "use the same settings, or start a new study in another folder with `--output`".into()
        }
        E::NothingToSearch => "name a setting with `--parameter NAME=RANGE`".into(),
        _ => return None,
    })
}
