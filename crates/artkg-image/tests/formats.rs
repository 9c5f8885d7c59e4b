//! Colour profiles and the rarer formats, against what Pillow makes of the same files.

// Helpers of tests fail the way that tests do.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use artkg_image::{
    DecodeLimits, Picture, Pixels, read_picture, read_picture_bytes, resize_shorter_side,
};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

fn read(name: &str) -> Picture {
    read_picture(&fixture(name), &DecodeLimits::default())
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn decode(name: &str) -> Pixels {
    let picture = read(name);
    assert_eq!(picture.warning, None, "{name}");
    picture.pixels
}

/// The largest difference of two samples, and their mean.
fn differences(one: &Pixels, other: &Pixels) -> (u8, f64) {
    assert_eq!((one.width, one.height), (other.width, other.height));
    let pairs = one.data.iter().zip(&other.data);
    let differences: Vec<u8> = pairs.map(|(&a, &b)| a.abs_diff(b)).collect();
    let total: u64 = differences
        .iter()
        .map(|&difference| u64::from(difference))
        .sum();
    let largest = differences.iter().copied().max().unwrap();
    (largest, total as f64 / one.data.len() as f64)
}

#[track_caller]
fn assert_within(name: &str, expected: &str, most: u8, mean: f64) {
    let (largest, average) = differences(&decode(name), &decode(expected));
    println!("{name}: {largest} at most, {average:.3} on average");
    assert!(
        largest <= most && average <= mean,
        "{name} differs from {expected} by {largest} grey levels, {average:.3} on average"
    );
}

#[test]
fn profiles_are_applied_to_two_grey_levels() {
    for (name, expected) in [
        ("profile_adobe.png", "profile_adobe.expected.png"),
        ("profile_adobe.tif", "profile_adobe.expected.png"),
        ("profile_prophoto.png", "profile_prophoto.expected.png"),
        ("profile_prophoto16.tif", "profile_prophoto.expected.png"),
        ("profile_p3.webp", "profile_p3.expected.png"),
        ("profile_cmyk.tif", "profile_cmyk.expected.png"),
        ("profile_grey.png", "profile_grey.expected.png"),
    ] {
        assert_within(name, expected, 2, 0.7);
    }
    assert_within("profile_srgb.png", "profile_srgb.expected.png", 0, 0.0);
}

#[test]
fn profiles_of_photographs_are_applied() {
    // Two decoders of one JPEG differ by a level or two before any profile.
    assert_within(
        "profile_adobe.jpg",
        "profile_adobe.jpg.expected.png",
        6,
        1.0,
    );
    assert_within("profile_cmyk.jpg", "profile_cmyk.jpg.expected.png", 6, 1.0);
    assert_within("profile_grey.jpg", "profile_grey.expected.png", 4, 1.0);
}

#[test]
fn a_profile_is_applied_after_reduced_decoding() {
    let limits = DecodeLimits {
        smallest_side: Some(64),
        ..DecodeLimits::default()
    };
    // The wide gamut, and wavelets, take the difference of the two ways of averaging further apart.
    for (name, most) in [("large_profile.jpg", 1.5), ("large.jp2", 1.5)] {
        let reduced = read_picture(&fixture(name), &limits).unwrap().pixels;
        assert_eq!(reduced.height, 150, "{name}");
        let full = resize_shorter_side(&decode(name), 64);
        let (_, average) = differences(&resize_shorter_side(&reduced, 64), &full);
        assert!(average < most, "{name}: {average:.3}");
    }
}

#[test]
fn inks_of_either_kind_reach_their_profile() {
    // The same stored samples, said to be luma and chroma of the inks: a grey one.
    let mut bytes = std::fs::read(fixture("profile_cmyk.jpg")).unwrap();
    let marker = bytes
        .windows(5)
        .position(|window| window == b"Adobe")
        .unwrap();
    assert_eq!(bytes[marker + 11], 0);
    bytes[marker + 11] = 2;
    let read = |smallest_side| {
        let limits = DecodeLimits {
            smallest_side,
            ..DecodeLimits::default()
        };
        let picture = read_picture_bytes(&bytes, Path::new("ycck.jpg"), &limits).unwrap();
        assert_eq!(picture.warning, None);
        resize_shorter_side(&picture.pixels, 8)
    };
    let (_, average) = differences(&read(None), &read(Some(8)));
    assert!(average < 4.0, "the two decoders differ by {average:.2}");
}

#[test]
fn a_profile_that_cannot_be_used_is_named_and_the_picture_is_read() {
    for (name, reason, plain) in [
        ("profile_broken.jpg", "", "baseline.jpg.expected.png"),
        (
            "profile_broken.png",
            "it is one of Gray, the picture is RGB",
            "scene.png",
        ),
    ] {
        let picture = read(name);
        let message = picture.warning.expect(name).to_string();
        assert!(
            message.contains(name) && message.contains(reason),
            "{message}"
        );
        let (_, average) = differences(&picture.pixels, &decode(plain));
        assert!(average < 3.0, "{name}: {average:.2}");
    }
    // A profile in two parts, of which one is missing.
    let mut bytes = std::fs::read(fixture("profile_adobe.jpg")).unwrap();
    let place = bytes
        .windows(11)
        .position(|window| window == b"ICC_PROFILE")
        .unwrap();
    bytes[place + 13] = 2;
    let picture = read_picture_bytes(&bytes, Path::new("x.jpg"), &DecodeLimits::default());
    assert!(picture.unwrap().warning.is_some());
    // A profile that cannot be unpacked.
    let mut bytes = std::fs::read(fixture("profile_adobe.png")).unwrap();
    let place = bytes
        .windows(4)
        .position(|window| window == b"iCCP")
        .unwrap();
    bytes[place + 30..place + 60].fill(0x55);
    let picture = read_picture_bytes(&bytes, Path::new("x.png"), &DecodeLimits::default());
    assert!(picture.is_err() || picture.unwrap().warning.is_some());
}

#[test]
fn other_formats_are_exact() {
    for (name, expected) in [
        ("still.gif", "table.expected.png"),
        ("moving.gif", "table.expected.png"),
        ("clear.gif", "clear.expected.png"),
        ("plain.bmp", "scene.png"),
        ("table.bmp", "table.expected.png"),
        ("bilevel.bmp", "bilevel.png"),
        ("lossless.jp2", "scene.png"),
        ("lossless.j2k", "scene.png"),
        ("tiled.jp2", "scene.png"),
        ("grey.jp2", "grey.expected.png"),
        ("alpha.jp2", "alpha.expected.png"),
        ("grey16.jp2", "grey16.expected.png"),
        ("png_inside.jpg", "scene.png"),
        ("few.png", "few.expected.png"),
    ] {
        assert_within(name, expected, 1, 0.5);
    }
    assert_within("lossy.jp2", "lossy.jp2.expected.png", 2, 0.5);
}

#[test]
fn tiffs_of_every_kind_are_read() {
    for name in [
        "planar.tif",
        "tiled.tif",
        "big.tif",
        "big_endian.tif",
        "rgb16.tif",
        "rgb32.tif",
        "float16.tif",
        "float32.tif",
        "float64.tif",
        "extra.tif",
    ] {
        assert_within(name, "scene.png", 1, 0.1);
    }
    assert_within("grey_alpha.tif", "grey_alpha.expected.png", 1, 0.5);
    assert_within("big_table.tif", "table.expected.png", 0, 0.0);
    assert_within("pyramid.tif", "scene.png", 40, 3.0);
    // ImageCms goes by a coarse table here: it is itself 33 levels from the scene.
    assert_within("cielab.tif", "lab.expected.png", 40, 1.3);
    assert_within("icclab.tif", "lab.expected.png", 40, 1.3);
}
