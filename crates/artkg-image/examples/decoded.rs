//! What the network's preprocessing is given of picture files, as PNG, for comparison with
//! other programs: `decoded PICTURE OUTPUT.png [PICTURE OUTPUT.png]...`.

use std::path::Path;
use std::time::Instant;

use artkg_image::{DecodeLimits, encode_png, read_picture};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    for pair in arguments.chunks_exact(2) {
        let start = Instant::now();
        let picture = read_picture(Path::new(&pair[0]), &DecodeLimits::default())?;
        let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
        println!("{}: {milliseconds:.1} ms", pair[0]);
        if let Some(warning) = picture.warning {
            println!("{warning}");
        }
        std::fs::write(&pair[1], encode_png(&picture.pixels)?)?;
    }
    Ok(())
}
