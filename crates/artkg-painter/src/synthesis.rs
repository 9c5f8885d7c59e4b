//! Planning, painting and writing a whole corpus.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use artkg_corpus::{Corpus, CorpusDescription, Duplicates, Fingerprint, SplitDescription};
use artkg_image::{Pixels, encode_jpeg};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::options::DemoOptions;
use crate::plan::{Plan, plans};
use crate::world::World;
use crate::{finish, scene};

/// The folder of the pictures in a painted corpus.
const IMAGE_FOLDER: &str = "images";

/// Compression of the pictures, 1 to 100.
const JPEG_QUALITY: u8 = 90;

/// How often works that resemble others too much are repainted.
const MOST_REPAINTS: usize = 8;

/// Paints a corpus into `folder`: `corpus.toml`, `artworks.csv` and `images/`.
/// Splits are 70 % train, 10 % val and 20 % test of every painter's works.
///
/// # Errors
/// Options out of range; a file that cannot be written.
pub fn synthesize(folder: &Path, options: &DemoOptions) -> Result<Corpus> {
    options.validate()?;
    let world = World::demo()?;
    let mut plans = plans(&world, options);
    let easel = Easel {
        world: &world,
        options,
        folder: folder.join(IMAGE_FOLDER),
    };
    artkg_files::create_folder(&easel.folder)?;
    easel.paint_all(&mut plans)?;
    let artworks = plans
        .iter()
        .map(|plan| plan.artwork(&world, file_name(plan)))
        .collect();
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
    Ok(Corpus::open(folder)?)
}

fn file_name(plan: &Plan) -> String {
    format!("{}.jpg", plan.id())
}

/// Where paintings are made and written.
struct Easel<'a> {
    world: &'a World,
    options: &'a DemoOptions,
    folder: PathBuf,
}

impl Easel<'_> {
    /// Paints all plans. Of works that `artkg corpus check` would take for
    /// copies of one another, the later ones are repainted.
    fn paint_all(&self, plans: &mut [Plan]) -> Result<()> {
        let mut fingerprints = plans
            .par_iter()
            .map(|plan| self.paint_one(plan).map(Some))
            .collect::<Result<Vec<Option<Fingerprint>>>>()?;
        for _ in 0..MOST_REPAINTS {
            let copies: BTreeSet<usize> = Duplicates::find(&fingerprints)
                .links()
                .map(|(one, other)| one.max(other))
                .collect();
            if copies.is_empty() {
                break;
            }
            for &copy in &copies {
                plans[copy].start_anew();
            }
            let repainted = copies
                .par_iter()
                .map(|&copy| Ok((copy, self.paint_one(&plans[copy])?)))
                .collect::<Result<Vec<(usize, Fingerprint)>>>()?;
            for (copy, fingerprint) in repainted {
                fingerprints[copy] = Some(fingerprint);
            }
        }
        Ok(())
    }

    fn paint_one(&self, plan: &Plan) -> Result<Fingerprint> {
        let path = self.folder.join(file_name(plan));
        let failed = |source| Error::Picture {
            path: path.clone(),
            source,
        };
        let pixels = paint(self.world, plan, self.options);
        let bytes = encode_jpeg(&pixels, JPEG_QUALITY).map_err(failed)?;
        artkg_files::write_bytes(&path, &bytes)?;
        Fingerprint::read(&path).map_err(failed)
    }
}

/// One painting.
fn paint(world: &World, plan: &Plan, options: &DemoOptions) -> Pixels {
    let mut random = plan.brush(options.seed);
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
