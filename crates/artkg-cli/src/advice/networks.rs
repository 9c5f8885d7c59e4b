use artkg_vision::Misfit;

/// The way out of an error of a network or its weights.
pub(super) fn of_networks(error: &artkg_vision::Error) -> Option<String> {
    use artkg_vision::Error::{NoImagenetV1, NoPublicWeights, NotAsSafetensors, Weights};
    Some(match error {
        NoImagenetV1(request) => {
            let (network, _) = request.split_once('-').unwrap_or((request, ""));
            format!("ask for {network}, or pass a file of v1 weights with `--weights PATH`")
        }
        NotAsSafetensors(network) => format!("pass `--weights {network}.safetensors`"),
        NoPublicWeights(_) => "pass a file with `--weights PATH`".into(),
        Weights { misfit, .. } => match &**misfit {
            Misfit::Architecture { stored, .. } => {
                format!("pass `--backbone {stored}` or another file")
            }
            Misfit::Variant {
                architecture,
                stored,
                ..
            } => format!("pass `--backbone {architecture}-{stored}` or another file"),
            _ => return None,
        },
        _ => return None,
    })
}

/// The way out of an error of weights or where they come from.
pub(super) fn of_weights(error: &artkg_weights::Error) -> Option<String> {
    match error {
        artkg_weights::Error::Unavailable(_) => Some("pass the file with `--weights PATH`".into()),
        _ => None,
    }
}
