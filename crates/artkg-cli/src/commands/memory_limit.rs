use artkg_files::MemorySize;

/// The least that makes sense as a limit, in bytes: a bare number of megabytes is below.
const LEAST: u64 = 1_000_000;

/// What decoding one image may take unless told otherwise.
pub(crate) const OF_ONE_IMAGE: &str = "512MB";

/// Reads a limit of memory: `6GiB`, `500 MB` or a number of bytes.
pub(crate) fn memory_limit(text: &str) -> Result<MemorySize, String> {
    let size: MemorySize = text
        .parse()
        .map_err(|error: artkg_files::NoMemorySize| error.to_string())?;
    match size.0 < LEAST {
        true => Err(format!(
            "{text:?} is {} bytes; write {}MB for megabytes",
            size.0,
            text.trim()
        )),
        false => Ok(size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_units_and_bare_megabytes_are_explained() {
        assert_eq!(memory_limit("6GiB").map(|size| size.0), Ok(6 << 30));
        assert_eq!(memory_limit("6 GB").map(|size| size.0), Ok(6_000_000_000));
        assert_eq!(memory_limit("512000000"), memory_limit(OF_ONE_IMAGE));
        let message = memory_limit("512").unwrap_err();
        assert!(message.contains("write 512MB"), "{message}");
        assert!(memory_limit("much").unwrap_err().contains("6GiB"));
    }
}
