//! Errors of what is built on a trained model, and of captions.

use super::ways::Ways;

/// The way out of an error of captions.
pub(super) fn of_captions(error: &artkg_captions::Error) -> Option<Ways> {
    use artkg_captions::Error;
    Some(match error {
        Error::NoClass => "name at least one with `--top`".into(),
        Error::RandomWeights => "pass ImageNet weights with `--weights`".into(),
        Error::NoClassifier { .. } => "pass others with `--weights` and `--labels`".into(),
        Error::NoNames { .. } => {
            "pass the names of ImageNet's classes with `--labels`: JSON, or text with a class a line"
                .into()
        }
        Error::NoCaptions(_) => "`artkg captions generate` makes them".into(),
        Error::NoCaptionColumn { .. } | Error::NotCaptions { .. } => {
            "make captions with `artkg captions generate` and pass the file with `--captions`".into()
        }
        _ => return None,
    })
}

/// The way out of an error of a comparison.
pub(super) fn of_comparisons(error: &artkg_compare::Error) -> Option<Ways> {
    use artkg_compare::Error;
    Some(match error {
        Error::RowNeedsEmbeddings(_) => {
            "make them with `artkg graph embed` and pass `--embeddings`".into()
        }
        Error::RowNeedsCaptions(_) => [
            "make them with `artkg captions generate` and pass `--captions`",
            "leave the row out with `--rows`",
        ]
        .into(),
        Error::OtherSettings(_) => "give `--output` another folder".into(),
        _ => return None,
    })
}

/// The way out of an error of retrieval.
pub(super) fn of_retrieval(error: &artkg_retrieve::Error) -> Option<Ways> {
    use artkg_retrieve::{Error, ModelFault};
    Some(match error {
        Error::NotPredicted { .. } => "leave it out with `--attribute`".into(),
        Error::Damaged {
            fault: ModelFault::NotOne,
            ..
        } => "pass the retrieval.safetensors of `artkg retrieve train`".into(),
        Error::Damaged {
            fault: ModelFault::Format { .. },
            ..
        } => "train it again with `artkg retrieve train`".into(),
        _ => return None,
    })
}
