//! Decoding, resizing and loading, against what Pillow makes of the same files.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use artkg_image::{
    DecodeLimits, Error, LoadItem, Loader, PerceptualHash, Pixels, Preprocessing, View,
    decode_bytes, decode_file, read_picture_bytes, resize_bilinear, resize_shorter_side,
};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

fn decode(name: &str) -> Pixels {
    decode_file(&fixture(name), &DecodeLimits::default())
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn mean_difference(one: &Pixels, other: &Pixels) -> f64 {
    assert_eq!((one.width, one.height), (other.width, other.height));
    let total: u64 = one
        .data
        .iter()
        .zip(&other.data)
        .map(|(&a, &b)| u64::from(a.abs_diff(b)))
        .sum();
    total as f64 / one.data.len() as f64
}

#[track_caller]
fn assert_close(name: &str, expected: &str, tolerance: f64) {
    let difference = mean_difference(&decode(name), &decode(expected));
    assert!(
        difference <= tolerance,
        "{name} differs from {expected} by {difference:.3} grey levels on average"
    );
}

#[test]
fn lossless_formats_are_exact() {
    for (name, expected) in [
        ("lossless.webp", "scene.png"),
        ("lzw.tif", "scene.png"),
        ("deflate.tif", "scene.png"),
        ("palette.png", "palette.expected.png"),
        ("palette.tif", "palette.expected.png"),
        ("grey16.png", "grey16.expected.png"),
        ("grey16.tif", "grey16.expected.png"),
        ("bilevel.tif", "bilevel.png"),
        ("orientation6.png", "orientation.expected.png"),
        ("orientation6.tif", "orientation.expected.png"),
        ("orientation6.webp", "orientation.expected.png"),
    ] {
        assert_close(name, expected, 0.0);
    }
}

#[test]
fn lossy_formats_are_close() {
    for name in ["baseline.jpg", "progressive.jpg", "restarts.jpg"] {
        assert_close(name, "baseline.jpg.expected.png", 1.0);
    }
    assert_close("lossy.webp", "lossy.webp.expected.png", 1.0);
    assert_close("jpeg_in_tiff.tif", "scene.png", 3.0);
    assert_close("jpeg_in_tiff_ycbcr.tif", "scene.png", 8.0);
    let grey = decode("grey.jpg");
    assert!(grey.data.chunks(3).all(|c| c[0] == c[1] && c[1] == c[2]));
    assert!(grey.data.iter().any(|&s| s < 80) && grey.data.iter().any(|&s| s > 180));
}

#[test]
fn transparency_shows_white() {
    for name in ["alpha.png", "alpha.webp", "alpha.tif"] {
        assert_close(name, "alpha.expected.png", 0.5);
    }
    assert_close("palette_alpha.png", "palette_alpha.expected.png", 0.5);
}

#[test]
fn cmyk_is_converted_with_ink_the_right_way_round() {
    assert_close("cmyk.tif", "cmyk.expected.png", 0.5);
    assert_close("cmyk.jpg", "cmyk.expected.png", 3.0);
}

#[test]
fn every_exif_orientation_is_undone() {
    for value in 1..=8 {
        assert_close(
            &format!("orientation{value}.jpg"),
            "orientation.expected.png",
            3.0,
        );
    }
    let turned = decode("orientation6_palette.tif");
    let upright = decode("orientation.expected.png");
    assert!(mean_difference(&turned, &upright) < 8.0);
}

#[test]
fn resizing_matches_pillow() {
    for name in ["resize_down", "resize_up", "resize_noise", "resize_mixed"] {
        let expected = decode(&format!("{name}.expected.png"));
        let source = decode(&format!("{name}.png"));
        let resized = resize_bilinear(&source, expected.width, expected.height);
        let difference = mean_difference(&resized, &expected);
        assert!(difference < 0.25, "{name}: {difference:.3} grey levels");
    }
}

#[test]
fn evaluation_view_matches_torchvision() {
    let preprocessing = Preprocessing {
        resize: 24,
        crop: 17,
        mean: [0.0; 3],
        deviation: [1.0 / 255.0; 3],
    };
    let view = preprocessing.evaluate(&decode("evaluate.png"));
    let expected = decode("evaluate.expected.png");
    assert_eq!(view.len(), expected.data.len());
    let total: f32 = view
        .iter()
        .zip(&expected.data)
        .map(|(value, &sample)| (value - f32::from(sample)).abs())
        .sum();
    assert!(total / (view.len() as f32) < 0.25);
}

#[test]
fn reduced_decoding_agrees_with_full_decoding() {
    for name in ["large.jpg", "large_progressive.jpg"] {
        let full = decode(name);
        assert_eq!((full.width, full.height), (800, 600));
        for (side, reduced_height) in [(32, 150), (64, 150), (128, 300), (256, 600)] {
            let limits = DecodeLimits {
                smallest_side: Some(side),
                ..DecodeLimits::default()
            };
            let reduced = decode_file(&fixture(name), &limits).unwrap();
            assert_eq!(reduced.height, reduced_height, "{name} for {side}");
            let difference = mean_difference(
                &resize_shorter_side(&reduced, side as usize),
                &resize_shorter_side(&full, side as usize),
            );
            assert!(difference < 1.0, "{name} for {side}: {difference:.3}");
        }
    }
}

#[test]
fn reduced_decoding_turns_and_converts_too() {
    let limits = DecodeLimits {
        smallest_side: Some(8),
        ..DecodeLimits::default()
    };
    let small = |name: &str| {
        let pixels = decode_file(&fixture(name), &limits).unwrap();
        assert!(pixels.height < 40, "{name} was not reduced");
        resize_shorter_side(&pixels, 8)
    };
    let upright = resize_shorter_side(&decode("orientation.expected.png"), 8);
    for value in 1..=8 {
        let turned = small(&format!("orientation{value}.jpg"));
        let difference = mean_difference(&turned, &upright);
        assert!(difference < 4.0, "orientation {value}: {difference:.2}");
    }
    let converted = resize_shorter_side(&decode("cmyk.expected.png"), 8);
    assert!(mean_difference(&small("cmyk.jpg"), &converted) < 4.0);
    let grey = resize_shorter_side(&decode("grey.jpg"), 8);
    assert!(mean_difference(&small("grey.jpg"), &grey) < 2.0);
}

/// Cuts every fixture at many lengths: nothing may panic or hang, and whatever
/// still decodes must be the whole picture.
#[test]
fn a_file_cut_short_is_an_error_or_complete() {
    let mut cuts = 0;
    for entry in std::fs::read_dir(fixture("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".py") || name.contains("large") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let whole = decode(&name);
        let step = (bytes.len() / 150).max(1);
        for length in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            cuts += 1;
            for smallest_side in [None, Some(4)] {
                let limits = DecodeLimits {
                    smallest_side,
                    ..DecodeLimits::default()
                };
                match read_picture_bytes(&bytes[..length], &path, &limits) {
                    // Only the colour profile was cut off, which is told.
                    Ok(picture) if picture.warning.is_some() => {}
                    Ok(picture) if smallest_side.is_none() => assert_eq!(
                        picture.pixels,
                        whole,
                        "{name} cut to {length} of {} bytes decodes to another picture",
                        bytes.len()
                    ),
                    Ok(_) => {}
                    Err(error) => assert!(error.to_string().contains(&name), "{error}"),
                }
                if name.ends_with(".jpg") && bytes.starts_with(&[0xFF, 0xD8]) {
                    let cut = decode_bytes(&bytes[..length], &path, &limits);
                    assert!(cut.is_err(), "{name} cut to {length} bytes decodes");
                }
            }
        }
    }
    assert!(cuts > 3000);
}

/// A transfer that lost the middle of the scan but kept the end marker.
#[test]
fn a_jpeg_whose_scan_lacks_data_is_an_error() {
    for name in [
        "baseline.jpg",
        "grey.jpg",
        "cmyk.jpg",
        "orientation1.jpg",
        "restarts.jpg",
    ] {
        let bytes = std::fs::read(fixture(name)).unwrap();
        let scan = bytes
            .windows(2)
            .position(|pair| pair == [0xFF, 0xDA])
            .unwrap()
            + 14;
        for keep in [0.1, 0.3, 0.5, 0.7] {
            let length = scan + ((bytes.len() - scan) as f64 * keep) as usize;
            let mut cut = bytes[..length].to_vec();
            if cut.last() == Some(&0xFF) {
                cut.pop();
            }
            cut.extend([0xFF, 0xD9]);
            let result = decode_bytes(&cut, Path::new(name), &DecodeLimits::default());
            assert!(result.is_err(), "{name} with {keep} of its scan decodes");
        }
    }
}

#[test]
fn a_jpeg_of_twelve_bits_is_not_called_damaged() {
    let mut bytes = std::fs::read(fixture("baseline.jpg")).unwrap();
    let frame = bytes.windows(2).position(|pair| pair == [0xFF, 0xC0]);
    let bits = frame.unwrap() + 4;
    assert_eq!(bytes[bits], 8);
    bytes[bits] = 12;
    for smallest_side in [None, Some(1)] {
        let limits = DecodeLimits {
            smallest_side,
            ..DecodeLimits::default()
        };
        let error = decode_bytes(&bytes, Path::new("deep.jpg"), &limits).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("12 bits a sample"), "{text}");
        assert!(!text.contains("damaged"), "{text}");
    }
}

/// Random damage: an error or some picture, never a panic.
#[test]
fn damaged_files_never_panic() {
    let mut state = 1_u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize
    };
    for name in [
        "baseline.jpg",
        "progressive.jpg",
        "cmyk.jpg",
        "lzw.tif",
        "palette.tif",
        "palette.png",
        "lossy.webp",
        "alpha.png",
        "bilevel.tif",
        "jpeg_in_tiff.tif",
        "still.gif",
        "table.bmp",
        "lossless.jp2",
        "lossy.jp2",
        "tiled.jp2",
        "cielab.tif",
        "planar.tif",
        "float32.tif",
        "pyramid.tif",
        "big_table.tif",
        "profile_cmyk.tif",
        "profile_cmyk.jpg",
        "profile_adobe.png",
    ] {
        let bytes = std::fs::read(fixture(name)).unwrap();
        for _ in 0..100 {
            let mut damaged = bytes.clone();
            for _ in 0..1 + random() % 8 {
                let at = random() % damaged.len();
                damaged[at] = random() as u8;
            }
            let limits = DecodeLimits {
                smallest_side: (random() % 2 == 0).then_some(5),
                max_bytes: 10_000_000,
            };
            // A decoder's panic is caught and comes back as this error.
            if let Err(error) = decode_bytes(&damaged, Path::new(name), &limits) {
                let message = error.to_string();
                assert!(!message.contains("the decoder failed on it"), "{message}");
            }
        }
    }
}

#[test]
fn sizes_beyond_the_limit_are_refused_with_figures() {
    for name in [
        "large.jpg",
        "scene.png",
        "lzw.tif",
        "palette.tif",
        "lossy.webp",
        "still.gif",
        "plain.bmp",
        "planar.tif",
        "float64.tif",
    ] {
        let limits = DecodeLimits {
            smallest_side: None,
            max_bytes: 1000,
        };
        let error = decode_file(&fixture(name), &limits).unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
        assert!(error.to_string().contains("and the limit is"), "{error}");
    }
    // The reduced picture fits where the full one does not.
    let limits = |smallest_side| DecodeLimits {
        smallest_side,
        max_bytes: 500_000,
    };
    assert!(decode_file(&fixture("large.jpg"), &limits(None)).is_err());
    assert!(decode_file(&fixture("large.jpg"), &limits(Some(32))).is_ok());
}

#[test]
fn zero_dimensions_are_refused() {
    let mut bytes = std::fs::read(fixture("baseline.jpg")).unwrap();
    let frame = bytes
        .windows(2)
        .position(|pair| pair == [0xFF, 0xC0])
        .unwrap();
    bytes[frame + 5..frame + 7].fill(0);
    let error = decode_bytes(&bytes, Path::new("flat.jpg"), &DecodeLimits::default()).unwrap_err();
    assert!(error.to_string().contains("60 × 0 pixels"), "{error}");
    let mut bytes = std::fs::read(fixture("scene.png")).unwrap();
    bytes[16..20].fill(0);
    assert!(decode_bytes(&bytes, Path::new("flat.png"), &DecodeLimits::default()).is_err());
}

#[test]
fn look_alikes_have_close_hashes() {
    let original = decode("large.jpg");
    let hash = PerceptualHash::of(&original);
    for (width, height) in [(400, 300), (224, 168), (100, 80)] {
        let small = resize_bilinear(&original, width, height);
        assert!(hash.distance(PerceptualHash::of(&small)) <= 4);
    }
    let recompressed = PerceptualHash::of(&decode("large_progressive.jpg"));
    assert!(hash.distance(recompressed) <= 2);
    let lossy = PerceptualHash::of(&decode("baseline.jpg"));
    assert!(PerceptualHash::of(&decode("scene.png")).distance(lossy) <= 4);
    let other = PerceptualHash::of(&decode("resize_noise.png"));
    assert!(hash.distance(other) > 12);
}

fn items(names: &[&str]) -> Vec<LoadItem> {
    names
        .iter()
        .enumerate()
        .map(|(number, name)| LoadItem {
            index: 100 + number,
            path: fixture(name),
            view: View::Augment {
                seed: number as u64,
            },
        })
        .collect()
}

fn small_preprocessing() -> Preprocessing {
    Preprocessing {
        resize: 20,
        crop: 16,
        ..Preprocessing::default()
    }
}

#[test]
fn the_loader_keeps_order_reports_errors_and_repeats_itself() {
    let names: Vec<&str> = [
        "large.jpg",
        "scene.png",
        "missing.jpg",
        "make_fixtures.py",
        "lzw.tif",
    ]
    .repeat(8);
    let load = |threads, ahead| -> Vec<_> {
        Loader::new(items(&names), small_preprocessing(), threads, ahead)
            .map(|loaded| {
                (
                    loaded.index,
                    loaded.input.map_err(|error| error.to_string()),
                )
            })
            .collect()
    };
    let one = load(1, 1);
    assert_eq!(one.len(), 40);
    for (position, (index, input)) in one.iter().enumerate() {
        assert_eq!(*index, 100 + position);
        match position % 5 {
            2 => assert!(input.as_ref().unwrap_err().contains("missing.jpg")),
            3 => assert!(input.as_ref().unwrap_err().contains("is text")),
            _ => assert_eq!(input.as_ref().unwrap().len(), 16 * 16 * 3),
        }
    }
    assert_eq!(one, load(4, 7));
    assert_eq!(one, load(3, 1000));
    assert_eq!(load(0, 0), one);
}

#[test]
fn a_dropped_loader_stops_and_an_empty_one_ends() {
    let many = items(&["large.jpg"; 2000]);
    let start = Instant::now();
    let mut loader = Loader::new(many, small_preprocessing(), 2, 500);
    assert_eq!(loader.len(), 2000);
    assert!(loader.next().unwrap().input.is_ok());
    assert_eq!(loader.len(), 1999);
    drop(loader);
    assert!(start.elapsed() < Duration::from_secs(2));
    assert!(
        Loader::new(Vec::new(), small_preprocessing(), 2, 4)
            .next()
            .is_none()
    );
}
