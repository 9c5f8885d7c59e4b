use artkg_art::{Error, Fault};

/// The way out of an error of training a model of art.
pub(super) fn of_art(error: &Error) -> Option<String> {
    let advice = match error {
        Error::Setting(fault) => return of_settings(fault),
        Error::NoImages { .. } | Error::NoUsableImages => "`artkg corpus check` says more",
        Error::SmallImages { .. } => "raise `--crop`",
        Error::NoCorpus => {
            "pass `--corpus FOLDER`, which `artkg corpus import` makes, or `--config FILE`"
        }
        Error::NoTrainingCaptions => "`artkg captions generate` makes captions of this corpus",
        Error::NoColumn { .. } => "name columns of the corpus with `--task`",
        Error::NoEmbeddings(_) => {
            "make them with `artkg graph embed` and pass `--embeddings`, or train without context \
             with `--mode mtl`"
        }
        Error::NoClass { .. } => "lower `--minimum-count`, or leave the task out with `--task`",
        Error::Leak { .. } => {
            "`artkg graph build` and `embed`, or `artkg captions embed`, take training artworks only"
        }
        Error::OtherEmbeddings => "`artkg graph build` and `embed` make embeddings of this corpus",
        Error::NoGraph { .. } => "pass the graph file with `--graph`",
        _ => return None,
    };
    Some(advice.to_owned())
}

/// The way out of settings that make no sense.
fn of_settings(fault: &Fault) -> Option<String> {
    let advice = match fault {
        Fault::NoTask => "give `--task`, or leave it out for all",
        Fault::OfOtherSystem { key, owner, .. } => {
            return Some(format!(
                "leave `--{key}` out, or train with `--mode {owner}`"
            ));
        }
        Fault::JointOfOne => "leave `--task` out, or give it twice",
        Fault::NoClassifiers => {
            "train them with `--mode finetune` and pass each model file with `--attributes`"
        }
        Fault::NoCaptions => {
            "make them with `artkg captions generate` and pass the file with `--captions`, or \
             `--captions corpus` for the corpus's own"
        }
        Fault::PretrainedTrains { .. } => "leave `--freeze` out, or train with `--mode mtl`",
        Fault::FocusAndSmoothing => "leave `--focus` or `--label-smoothing` out",
        Fault::WeightOfNoTask { task } => {
            return Some(format!("leave the weight out, or add `--task {task}`"));
        }
        Fault::RandomFrozen { .. } => {
            "pass `--weights` (`none` if that is what you want), or train all of it with \
             `--freeze input`"
        }
        _ => return None,
    };
    Some(advice.to_owned())
}

#[cfg(test)]
mod tests {
    use artkg_art::{ArtConfig, ArtSettings};
    use artkg_captions::CaptionSource;
    use artkg_model::Mode;
    use artkg_train::RunConfig;
    use artkg_vision::Stage;

    use super::*;

    #[test]
    fn errors_of_settings_name_options() {
        type Spoil = fn(&mut ArtSettings);
        let cases: [(Spoil, &str); 7] = [
            (
                |settings| {
                    settings.mode = Mode::Mtl;
                    settings.embeddings = Some("embeddings.safetensors".into());
                },
                "leave `--embeddings` out, or train with `--mode kgm`",
            ),
            (
                |settings| {
                    settings.mode = Mode::Mtl;
                    settings.context = "fuse".parse().ok();
                },
                "leave `--context` out, or train with `--mode kgm`",
            ),
            (
                |settings| settings.mode = Mode::Attributes,
                "--mode finetune",
            ),
            (
                |settings| settings.attributes.push("model.safetensors".into()),
                "--mode attributes",
            ),
            (
                |settings| settings.mode = Mode::Captions,
                "artkg captions generate",
            ),
            (
                |settings| settings.captions = Some(CaptionSource::Corpus),
                "--mode captions",
            ),
            (
                |settings| settings.backbone.freeze = Some(Stage::Layer3),
                "`--weights`",
            ),
        ];
        for (spoil, expected) in cases {
            let mut settings = ArtSettings::new("corpus");
            spoil(&mut settings);
            let error = match ArtConfig::try_from(settings) {
                Ok(config) => config.check().unwrap_err(),
                Err(fault) => fault.into(),
            };
            let text = of_art(&error).unwrap_or_default();
            assert!(text.contains(expected), "{error}: {text}");
        }
        let text = of_art(&Error::NoEmbeddings("embeddings.safetensors".into()));
        assert!(text.unwrap_or_default().contains("artkg graph embed"));
    }
}
