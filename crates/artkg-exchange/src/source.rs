//! How records name the model that made a claim.

use artkg_tag::{Origin, Review};

/// The address of a model: what its content hashes to, as RFC 6920 writes it.
pub(crate) fn model_address(origin: &Origin) -> String {
    match origin.model.fingerprint.strip_prefix("sha256:") {
        Some(digits) => format!("nih:sha-256;{digits}"),
        None => format!(
            "urn:artkg:model:{}",
            percent_encoding::utf8_percent_encode(
                &origin.model.fingerprint,
                percent_encoding::NON_ALPHANUMERIC
            )
        ),
    }
}

/// Who says so, in words.
pub(crate) fn agent(origin: &Origin) -> String {
    let synthetic = match origin.synthetic {
        true => ", trained on generated paintings",
        false => "",
    };
    format!(
        "artkg {} with the model {} ({} on {}{synthetic})",
        origin.artkg_version, origin.model.file, origin.model.mode, origin.model.corpus
    )
}

/// What a reader has to know of a claim.
pub(crate) fn caution(confidence: f32, review: Review) -> String {
    let seen = match review {
        Review::None => "not reviewed by a person",
        Review::Seen => "seen by a person",
    };
    format!("suggested by software with a confidence of {confidence:.2}, {seen}")
}

/// A confidence with the digits that it has, and not those of the number of twice the
/// length nearest to it.
pub(crate) fn number(confidence: f32) -> f64 {
    let written = confidence.to_string().parse();
    written.unwrap_or_else(|_| f64::from(confidence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::origin;

    #[test]
    fn models_are_named_by_what_they_hash_to() {
        let mut origin = origin();
        assert_eq!(
            model_address(&origin),
            format!("nih:sha-256;{}", "ab".repeat(32))
        );
        origin.model.fingerprint = "old one".into();
        assert_eq!(model_address(&origin), "urn:artkg:model:old%20one");
        assert!(!agent(&origin).contains("generated"));
        origin.synthetic = true;
        assert!(agent(&origin).contains("generated paintings"));
    }

    #[test]
    fn confidences_keep_their_digits() {
        assert_eq!(number(0.83), 0.83);
        assert_eq!(number(0.625), 0.625);
    }
}
