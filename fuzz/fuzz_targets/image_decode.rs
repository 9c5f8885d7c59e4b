//! Any bytes as a picture: an error or some pixels within the memory limit, whatever they
//! are; a decoder's panic, which the library turns into an error, counts as a fault.
#![no_main]

use std::path::Path;

use artkg_image::{DecodeLimits, read_picture_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The first byte chooses the scale.
    let Some((&choice, bytes)) = bytes.split_first() else {
        return;
    };
    let limits = DecodeLimits {
        smallest_side: (choice & 1 == 1).then_some(8),
        max_bytes: 20_000_000,
    };
    match read_picture_bytes(bytes, Path::new("fuzzed"), &limits) {
        Ok(picture) => assert_eq!(
            picture.pixels.data.len(),
            picture.pixels.width * picture.pixels.height * 3
        ),
        Err(error) => assert!(
            !error.to_string().contains("the decoder failed on it"),
            "{error}"
        ),
    }
});
