use artkg_art::{Error, Fault};

use super::ways::Ways;

/// What is said of settings where a command takes them from a file only.
const IN_FILE: &str = "such settings are changed in the file that `--config` names";

/// The way out of an error of training a model of art.
pub(super) fn of_art(error: &Error) -> Option<Ways> {
    Some(match error {
        Error::Setting(fault) => return of_settings(fault),
        Error::NoImages { .. } | Error::NoUsableImages => "`artkg corpus check` says more".into(),
        Error::SmallImages { .. } => ["raise `--crop`, for a transformer to a multiple of its patch", IN_FILE].into(),
        Error::NoCorpus => [
            "pass `--corpus FOLDER`, which `artkg corpus import` makes",
            "`--config FILE`",
        ]
        .into(),
        Error::NoTrainingCaptions => {
            "`artkg captions generate` makes captions of this corpus".into()
        }
        Error::NoColumn { .. } => "name columns of the corpus with `--task`".into(),
        Error::NoEmbeddings(_) => [
            "make them with `artkg graph embed` and pass `--embeddings`",
            "train without context with `--mode mtl`",
            IN_FILE,
        ]
        .into(),
        Error::NoClass { .. } => [
            "lower `--minimum-count`",
            "leave the task out with `--task`",
            IN_FILE,
        ]
        .into(),
        Error::Leak { .. } => {
            "`artkg graph build` and `embed`, or `artkg captions embed`, take training artworks only"
                .into()
        }
        Error::OtherEmbeddings => {
            "`artkg graph build` and `embed` make embeddings of this corpus".into()
        }
        Error::GraphLacksWorks { .. } => {
            "build it again with `artkg graph build`, or pass another with `--graph`".into()
        }
        Error::NoGraph { .. } => "pass the graph file with `--graph`".into(),
        _ => return None,
    })
}

/// The way out of settings that make no sense.
fn of_settings(fault: &Fault) -> Option<Ways> {
    Some(match fault {
        Fault::NoTask => ["give `--task`, or leave it out for all", IN_FILE].into(),
        Fault::OfOtherSystem { key, owner, .. } => [
            format!("leave `--{}` out", key.replace('_', "-")),
            format!("train with `--mode {owner}`"),
            IN_FILE.to_owned(),
        ]
        .into(),
        Fault::JointOfOne => ["leave `--task` out", "give it twice: `--task a,b`", IN_FILE].into(),
        Fault::NoClassifiers => [
            "train them with `--mode finetune` and pass each model file with `--attributes`",
            IN_FILE,
        ]
        .into(),
        Fault::NoCaptions => [
            "make them with `artkg captions generate` and pass the file with `--captions`",
            "take the corpus's own with `--captions corpus`",
            IN_FILE,
        ]
        .into(),
        Fault::PretrainedTrains { .. } => {
            ["leave `--freeze` out", "train with `--mode mtl`", IN_FILE].into()
        }
        Fault::FocusAndSmoothing => ["leave `--focus` or `--label-smoothing` out", IN_FILE].into(),
        Fault::WeightOfNoTask { task } => [
            "leave the weight out".to_owned(),
            format!("add `--task {task}`"),
        ]
        .into(),
        Fault::RandomFrozen { .. } => [
            "pass `--weights` (`none` if that is what you want)",
            "train all of it with `--freeze input`",
            IN_FILE,
        ]
        .into(),
        _ => return None,
    })
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
                "\"leave `--embeddings` out\", \"train with `--mode kgm`\"",
            ),
            (
                |settings| {
                    settings.mode = Mode::Mtl;
                    settings.context = "fuse".parse().ok();
                },
                "\"leave `--context` out\", \"train with `--mode kgm`\"",
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
            let ways = format!("{:?}", of_art(&error));
            assert!(ways.contains(expected), "{error}: {ways}");
        }
        let ways = of_art(&Error::NoEmbeddings("embeddings.safetensors".into()));
        assert!(format!("{ways:?}").contains("artkg graph embed"));
    }
}
