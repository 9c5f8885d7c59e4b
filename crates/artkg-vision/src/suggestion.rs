use crate::error::{Error, Result, UnknownName};

/// The candidate most like `text`, when it is like it at all.
fn closest<'name>(
    text: &str,
    candidates: impl IntoIterator<Item = &'name str>,
) -> Option<&'name str> {
    const LIKE: f64 = 0.7;
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(text, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

/// The one of `all` whose `name` is `text`, whatever its case.
///
/// # Errors
/// [`Error::UnknownName`] saying what a `what` may be called.
pub(crate) fn find_by_name<T: Copy, const COUNT: usize>(
    what: &'static str,
    text: &str,
    all: [T; COUNT],
    name: impl Fn(T) -> &'static str,
) -> Result<T> {
    let lower = text.trim().to_ascii_lowercase();
    let names = all.map(&name);
    all.into_iter()
        .find(|item| name(*item) == lower)
        .ok_or_else(|| {
            Error::UnknownName(Box::new(UnknownName {
                what,
                name: text.to_owned(),
                suggestion: closest(&lower, names),
                known: names.to_vec(),
            }))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_close() {
        let names = ["resnet18", "resnet50"];
        assert_eq!(closest("resnet5", names), Some("resnet50"));
        assert_eq!(closest("kitchen", names), None);
        assert_eq!(closest("resent18", names), Some("resnet18"));
        assert_eq!(closest("xyz", names), None);
    }
}
