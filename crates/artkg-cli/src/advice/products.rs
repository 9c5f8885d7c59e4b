//! Errors of what is built on a trained model, and of captions.

/// The way out of an error of captions.
pub(super) fn of_captions(error: &artkg_captions::Error) -> Option<&'static str> {
    use artkg_captions::Error;
    Some(match error {
        Error::NoClass => "name at least one with `--top`",
        Error::RandomWeights => "pass ImageNet weights with `--weights`",
        Error::NoClassifier { .. } => "pass others with `--weights` and `--labels`",
        Error::NoNames { .. } => {
            "pass the names of ImageNet's classes with `--labels`: JSON, or text with a class a line"
        }
        Error::NoCaptions(_) => "`artkg captions generate` makes them",
        Error::NoCaptionColumn { .. } | Error::NotCaptions { .. } => {
            "make captions with `artkg captions generate` and pass the file with `--captions`"
        }
        _ => return None,
    })
}

/// The way out of an error of a comparison.
pub(super) fn of_comparisons(error: &artkg_compare::Error) -> Option<&'static str> {
    use artkg_compare::Error;
    Some(match error {
        Error::RowNeedsEmbeddings(_) => {
            "make them with `artkg graph embed` and pass `--embeddings`"
        }
        Error::RowNeedsCaptions(_) => {
            "make them with `artkg captions generate` and pass `--captions`, or leave the row out \
             with `--rows`"
        }
        Error::OtherSettings(_) => "give `--output` another folder",
        _ => return None,
    })
}

/// The way out of an error of retrieval.
pub(super) fn of_retrieval(error: &artkg_retrieve::Error) -> Option<&'static str> {
    use artkg_retrieve::{Error, ModelFault};
    Some(match error {
        Error::NotPredicted { .. } => "leave it out with `--attribute`",
        Error::Damaged {
            fault: ModelFault::NotOne,
            ..
        } => "pass the retrieval.safetensors of `artkg retrieve train`",
        Error::Damaged {
            fault: ModelFault::Format { .. },
            ..
        } => "train it again with `artkg retrieve train`",
        _ => return None,
    })
}
