use artkg_vision::Misfit;

use super::ways::Ways;

/// The way out of an error of a network or its weights.
pub(super) fn of_networks(error: &artkg_vision::Error) -> Option<Ways> {
    use artkg_vision::Error::{
        NoImagenetV1, NoPublicWeights, NotAsSafetensors, NotOfImagenet, Weights,
    };
    Some(match error {
        NoImagenetV1(request) => {
            let (network, _) = request.split_once('-').unwrap_or((request, ""));
            [
                format!("ask for {network}"),
                "pass a file of v1 weights with `--weights PATH`".to_owned(),
            ]
            .into()
        }
        NotAsSafetensors(network) => format!("pass `--weights {network}.safetensors`").into(),
        NotOfImagenet(_) => "pass `--weights published`".into(),
        NoPublicWeights(_) => "pass a file with `--weights PATH`".into(),
        Weights { misfit, .. } => match &**misfit {
            Misfit::Architecture { stored, .. } => [
                format!("pass `--backbone {stored}`"),
                "pass another file".into(),
            ]
            .into(),
            Misfit::Variant {
                architecture,
                stored,
                ..
            } => [
                format!("pass `--backbone {architecture}-{stored}`"),
                "pass another file".into(),
            ]
            .into(),
            _ => return None,
        },
        _ => return None,
    })
}

/// The way out of an error of weights or where they come from.
pub(super) fn of_weights(error: &artkg_weights::Error) -> Option<Ways> {
    match error {
        artkg_weights::Error::Unavailable(_) => Some("pass the file with `--weights PATH`".into()),
        _ => None,
    }
}
