//! Times the decoding and preprocessing of a folder's images for `benchmarks/run.py`.
//!
//! `image_speed --folder FOLDER --scale reduced|full --threads N --outputs FILE`. A pass
//! loads every image once; the outputs are the inputs `[crop, crop, 3]` of all images in
//! order of their names, as little-endian f32. `reduced` is what the loader does: it
//! decodes large JPEGs at a fraction of their size.

#[path = "../../../benchmarks/turns.rs"]
mod turns;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use artkg_image::{DecodeLimits, LoadItem, Loader, Preprocessing, View, decode_file};
use turns::{Options, Outcome, serve};

fn main() -> Outcome<()> {
    let options = Options::read()?;
    let threads = options.count("threads")?;
    let mut paths: Vec<PathBuf> = std::fs::read_dir(options.get("folder")?)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    paths.sort();
    let load = match options.get("scale")? {
        "reduced" => reduced,
        "full" => full,
        scale => return Err(format!("the scale is reduced or full, not {scale}").into()),
    };
    let mut inputs = Vec::new();
    serve(|| {
        inputs = load(&paths, threads)?;
        Ok(())
    })?;
    let values = inputs.iter().flatten();
    let bytes: Vec<u8> = values.flat_map(|value| value.to_le_bytes()).collect();
    Ok(std::fs::write(options.get("outputs")?, bytes)?)
}

/// Through the loader, as in training and tagging.
fn reduced(paths: &[PathBuf], threads: usize) -> Outcome<Vec<Vec<f32>>> {
    let items = paths.iter().enumerate().map(|(index, path)| LoadItem {
        index,
        path: path.clone(),
        view: View::Evaluate,
    });
    let loader = Loader::new(items.collect(), Preprocessing::default(), threads, threads);
    loader.map(|loaded| Ok(loaded.input?)).collect()
}

/// Every pixel decoded.
fn full(paths: &[PathBuf], threads: usize) -> Outcome<Vec<Vec<f32>>> {
    let next = AtomicUsize::new(0);
    let (limits, preprocessing) = (DecodeLimits::default(), Preprocessing::default());
    let load = || -> artkg_image::Result<Vec<(usize, Vec<f32>)>> {
        let mut loaded = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = paths.get(index) else {
                return Ok(loaded);
            };
            loaded.push((index, preprocessing.evaluate(&decode_file(path, &limits)?)));
        }
    };
    let parts = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(load)).collect();
        let joined = workers.into_iter().map(|worker| worker.join());
        joined.collect::<Result<Vec<_>, _>>()
    });
    let mut inputs = Vec::new();
    for part in parts.map_err(|_| "a thread failed")? {
        inputs.extend(part?);
    }
    inputs.sort_unstable_by_key(|(index, _)| *index);
    Ok(inputs.into_iter().map(|(_, input)| input).collect())
}
