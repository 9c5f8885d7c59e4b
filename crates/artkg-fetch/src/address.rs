use url::Url;

use crate::error::Fault;

/// An address that may be asked for.
pub(crate) fn parse(text: &str) -> Result<Url, Fault> {
    let url = Url::parse(text.trim()).map_err(|error| Fault::Address(error.to_string()))?;
    check(&url)?;
    Ok(url)
}

/// Refuses what is no address of the web, or one with a password, which would stand in
/// every output.
pub(crate) fn check(url: &Url) -> Result<(), Fault> {
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        let reason = format!("its scheme is `{}`", url.scheme());
        return Err(Fault::Address(reason));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::Address("it has a user name in it".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_asked_for_is_refused() {
        assert!(parse("https://a.example/a b.jpg").is_ok());
        for text in [
            "file:///etc/passwd",
            "https://",
            "http://me:secret@a.example/",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
