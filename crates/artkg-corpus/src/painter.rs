//! The demo painter: a synthetic corpus that shows what the rest of artkg does.
//!
//! It paints small pictures whose types, schools, periods and painters can be
//! told from what is seen, though not always: palettes wander, some works are in
//! an older or newer manner than their date, signatures are missing. Every
//! painter belongs to one school and to one or two periods and prefers some
//! types, so what is known about a painter helps to place a work. The world
//! itself, names and colours included, is `corpus/demo.toml`.
//!
//! All of it is made up, and says so: `synthetic` in `corpus.toml`, in every id
//! and in every description.

mod canvas;
mod color;
mod finish;
mod noise;
mod plan;
mod scene;
mod style;
mod world;

use std::path::Path;

use artkg_image::{Pixels, encode_jpeg};
use rayon::prelude::*;

use crate::artwork::Artwork;
use crate::corpus::Corpus;
use crate::description::{CorpusDescription, SplitDescription};
use crate::error::{Error, Result};
use plan::Plan;
use world::World;

/// The folder of the pictures in a painted corpus.
const IMAGE_FOLDER: &str = "images";

/// Compression of the pictures, 1 to 100.
const JPEG_QUALITY: u8 = 90;

/// How much to paint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// The number of paintings.
    pub count: usize,
    /// Pixels of both sides of a painting, 32 to 1024.
    pub size: usize,
    /// The same seed paints the same corpus.
    pub seed: u64,
}

impl Default for DemoOptions {
    /// 720 paintings of 96 pixels.
    fn default() -> Self {
        Self {
            count: 720,
            size: 96,
            seed: 1,
        }
    }
}

impl DemoOptions {
    fn validate(self) -> Result<()> {
        if self.count == 0 || self.count > 100_000 {
            return Err(Error::Option(format!(
                "the demo painter paints 1 to 100000 paintings, not {}",
                self.count
            )));
        }
        if !(32..=1024).contains(&self.size) {
            return Err(Error::Option(format!(
                "the demo painter's pictures have sides of 32 to 1024 pixels, not {}",
                self.size
            )));
        }
        Ok(())
    }
}

/// Paints a corpus into `folder`: `corpus.toml`, `artworks.csv` and `images/`.
/// Splits are 70 % train, 10 % val and 20 % test of every painter's works.
///
/// # Errors
/// Options out of range; a file that cannot be written.
pub fn synthesize(folder: &Path, options: &DemoOptions) -> Result<Corpus> {
    options.validate()?;
    let world = World::demo()?;
    let plans = plan::plans(&world, options);
    let images = folder.join(IMAGE_FOLDER);
    artkg_files::create_folder(&images)?;
    let artworks = plans
        .par_iter()
        .map(|plan| {
            let file = format!("{}.jpg", plan.id());
            let bytes = encode_jpeg(&paint(&world, plan, options), JPEG_QUALITY)
                .map_err(|error| Error::Option(error.to_string()))?;
            artkg_files::write_bytes(&images.join(&file), &bytes)?;
            Ok(plan.artwork(&world, file))
        })
        .collect::<Result<Vec<Artwork>>>()?;
    let mut description = CorpusDescription::new(world.name.clone(), IMAGE_FOLDER);
    description.source.clone_from(&world.source);
    description.licence.clone_from(&world.licence);
    description.synthetic = true;
    description.split = SplitDescription {
        given: false,
        seed: options.seed,
        shares: Some([0.7, 0.1, 0.2]),
    };
    let corpus = Corpus {
        description,
        artworks,
        folder: folder.to_path_buf(),
    };
    corpus.save()?;
    // Read back, so that the counts are those of the file.
    Corpus::open(folder)
}

/// One painting.
fn paint(world: &World, plan: &Plan, options: &DemoOptions) -> Pixels {
    let mut random = plan.random(options.seed, "paint");
    let style = plan.style(world, &mut random);
    // Twice the size, averaged at the end: smooth edges.
    let mut canvas = scene::paint(
        options.size * 2,
        plan.composition(world),
        &style,
        &mut random,
    );
    finish::finish(&mut canvas, &style, &mut random);
    canvas.pixels(2)
}

#[cfg(test)]
mod tests;
