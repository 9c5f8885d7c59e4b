//! How files of toy events are told from others.

/// How every file of toy events begins.
pub(crate) const BEGINNING: &str = "# Toy events of the class ";

/// Whether a file that begins like this holds toy events.
pub fn is_toy_file(beginning: &[u8]) -> bool {
    beginning.starts_with(BEGINNING.as_bytes())
}
