use artkg_model::Error;

/// The way out of an error of a model.
pub(super) fn of_models(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::OtherStrength => {
            "leave the number of `--consistent` out, or say how sure a tag must be with `--abstain`"
        }
        Error::NoCurves => "say how sure a tag must be with `--abstain`",
        Error::ReadsNoCaptions => "leave `--captions` out",
        Error::NeedsCaptions { .. } => {
            "pass captions with `--captions`; `artkg captions generate` makes them"
        }
        _ => return None,
    })
}

/// The way out of an error of a model over a corpus.
#[cfg(feature = "train")]
pub(super) fn of_inference(error: &artkg_infer::Error) -> Option<&'static str> {
    use artkg_infer::Error::{NeedsMore, NoImages, OtherPreprocessing};
    Some(match error {
        NoImages { .. } => "`artkg corpus check` says more",
        OtherPreprocessing { .. } => "train it with the same `--resize` and `--crop`",
        NeedsMore { .. } => "pass models of `--mode finetune`",
        _ => return None,
    })
}
