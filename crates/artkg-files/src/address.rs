use std::path::PathBuf;

use sha2::{Digest, Sha256};

/// Whether a text is an address of the web rather than a path: it begins with `http://`
/// or `https://`, in any case.
pub fn is_address(text: &str) -> bool {
    let begins = |scheme: &str| {
        let start = text.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    begins("http://") || begins("https://")
}

/// Where a folder of fetched files keeps that of an address, relative to the folder:
/// `ab/abcdef…`, so that no folder becomes long. The name has no ending; what the file
/// is, its content tells.
pub fn file_of_address(address: &str) -> PathBuf {
    let digest = Sha256::digest(address.as_bytes());
    let name: String = digest
        .iter()
        .take(20)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    PathBuf::from(&name[..2]).join(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_paths() {
        assert!(is_address("https://a.example/x.jpg"));
        assert!(is_address("HTTP://a.example"));
        for path in ["http", "https/x.jpg", "ftp://a/x.jpg", "C:\\x.jpg", "é"] {
            assert!(!is_address(path), "{path}");
        }
    }

    #[test]
    fn each_address_has_a_file_of_its_own() {
        let file = file_of_address("abc");
        // The beginning of SHA-256 of `abc`.
        assert_eq!(
            file,
            PathBuf::from("ba/ba7816bf8f01cfea414140de5dae2223b00361a3")
        );
        assert_ne!(file_of_address("abd"), file);
    }
}
