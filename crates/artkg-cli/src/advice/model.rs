use artkg_model::Error;

use super::ways::Ways;

/// The way out of an error of a model.
pub(super) fn of_models(error: &Error) -> Option<Ways> {
    Some(match error {
        Error::OtherStrength => [
            "leave the number of `--consistent` out",
            "say how sure a tag must be with `--abstain`",
        ]
        .into(),
        Error::NoCurves => "say how sure a tag must be with `--abstain`".into(),
        Error::ReadsNoCaptions => "leave `--captions` out".into(),
        Error::NeedsCaptions { .. } => {
            "pass captions with `--captions`; `artkg captions generate` makes them".into()
        }
        _ => return None,
    })
}

/// The way out of an error of a model over a corpus.
#[cfg(feature = "train")]
pub(super) fn of_inference(error: &artkg_infer::Error) -> Option<Ways> {
    use artkg_infer::Error::{NeedsMore, NoImages, OtherPreprocessing};
    Some(match error {
        NoImages { .. } => "`artkg corpus check` says more".into(),
        OtherPreprocessing { .. } => "train it with the same `--resize` and `--crop`".into(),
        NeedsMore { .. } => "pass models that `artkg train --mode finetune` made".into(),
        _ => return None,
    })
}
