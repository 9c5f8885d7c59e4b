use std::path::{Path, PathBuf};

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

/// Where a file has what it says of its own origin: `tags.csv.meta.json` beside `tags.csv`.
pub fn meta_path(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".meta.json");
    PathBuf::from(name)
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

/// The file that [`exact_name`] named.
pub fn named_path(name: &str) -> PathBuf {
    let bytes = unescaped(name);
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        PathBuf::from(std::ffi::OsString::from_vec(bytes))
    }
    #[cfg(not(unix))]
    {
        // Names of other systems are Unicode but for halves of pairs, which no path
        // can be made of again.
        String::from_utf8(bytes).map_or_else(|_| PathBuf::from(name), PathBuf::from)
    }
}

/// The bytes of a name; those of its text where it is not escaped.
fn unescaped(name: &str) -> Vec<u8> {
    if !looks_escaped(name.as_bytes()) {
        return name.as_bytes().to_vec();
    }
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some(place) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..place]);
        let after = &rest[place + 1..];
        let byte = after
            .strip_prefix('x')
            .and_then(|after| after.get(..2))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(b'\\');
                rest = after.strip_prefix('\\').unwrap_or(after);
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
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
            assert_eq!(named_path(text).as_os_str().as_bytes(), bytes);
        }
    }
}
