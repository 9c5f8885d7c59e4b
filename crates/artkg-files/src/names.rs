use std::path::Path;

/// The name of a file as text: itself where it is UTF-8. Otherwise each byte that is
/// none stands as `\xHH`, and each backslash as `\\`; this is also how a name is
/// written that would look like one of those. So no two names become the same text,
/// and a text with `\xHH` in it can be turned back into its name.
pub fn exact_name(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    match std::str::from_utf8(bytes) {
        Ok(name) if !looks_escaped(bytes) => name.to_owned(),
        _ => escaped(bytes),
    }
}

fn looks_escaped(bytes: &[u8]) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'A'..=b'F');
    bytes
        .windows(4)
        .any(|part| part.starts_with(b"\\x") && is_digit(part[2]) && is_digit(part[3]))
}

fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', "\\\\"));
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02X}"));
        }
    }
    text
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn names_stay_apart_whatever_their_bytes() {
        let name = |bytes: &[u8]| exact_name(Path::new(OsStr::from_bytes(bytes)));
        for (bytes, text) in [
            (&b"a/caf\xc3\xa9.jpg"[..], "a/café.jpg"),
            (b"a\\b.jpg", "a\\b.jpg"),
            (b"caf\xe9.jpg", "caf\\xE9.jpg"),
            (b"caf\xe8.jpg", "caf\\xE8.jpg"),
            (b"caf\\xE9.jpg", "caf\\\\xE9.jpg"),
            (b"\\caf\xe9\xff", "\\\\caf\\xE9\\xFF"),
        ] {
            assert_eq!(name(bytes), text);
        }
    }
}
