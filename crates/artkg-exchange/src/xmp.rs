//! XMP sidecars: <https://developer.adobe.com/xmp/docs/xmp-specifications/>, with
//! properties of Dublin Core and of the IPTC Extension, and our own for what these have
//! no place for.

mod document;
mod fault;
mod merge;
mod places;
mod sidecar;

use std::io::Read;
use std::path::{Path, PathBuf};

use artkg_tag::Tags;

use crate::context::Context;
use crate::error::Result;
use crate::reading::TagFile;

pub use self::fault::XmpFault;
pub use self::places::Place;

use self::merge::merged;
use self::places::Places;
use self::sidecar::Sidecar;

/// The largest sidecar that is merged, in bytes.
const LARGEST: u64 = 16_000_000;

/// What was done.
#[derive(Debug, Default)]
pub struct Sidecars {
    /// Sidecars that are new.
    pub created: usize,
    /// Sidecars that were there and say something else now.
    pub changed: usize,
    /// Sidecars that say already what they should.
    pub unchanged: usize,
    /// Images without one, and why.
    pub failures: Vec<SidecarFailure>,
}

/// An image whose sidecar was not written.
#[derive(Debug)]
pub struct SidecarFailure {
    /// The image, as its tags name it.
    pub image: String,
    /// The sidecar.
    pub sidecar: PathBuf,
    /// Why.
    pub fault: XmpFault,
}

/// What happened to one sidecar.
enum Done {
    Created,
    Changed,
    Unchanged,
}

/// Writes a sidecar for each image of a tag file, or brings the one that is there up to
/// date: what others wrote into it stays. `each` is called with the tags of every image.
///
/// # Errors
/// When the tag file cannot be read. What is wrong with one sidecar is in the result.
pub fn write_sidecars(
    tags: &TagFile,
    place: &Place,
    context: &Context,
    mut each: impl FnMut(&Tags),
) -> Result<Sidecars> {
    let mut images = Vec::new();
    for tags in tags.tags()? {
        images.push(tags?.image);
    }
    let places = Places::new(place, &images);
    let mut summary = Sidecars::default();
    for (record, path) in tags.tags()?.zip(places.paths()) {
        let record = record?;
        each(&record);
        let sidecar = Sidecar::new(&record, tags.origin(), context);
        let done = match places.fault(&record.image, path) {
            Some(fault) => Err(fault),
            None => write(path, &sidecar),
        };
        match done {
            Ok(Done::Created) => summary.created += 1,
            Ok(Done::Changed) => summary.changed += 1,
            Ok(Done::Unchanged) => summary.unchanged += 1,
            Err(fault) => summary.failures.push(SidecarFailure {
                image: record.image,
                sidecar: path.clone(),
                fault,
            }),
        }
    }
    Ok(summary)
}

/// Brings the sidecar at `path` up to date.
fn write(path: &Path, sidecar: &Sidecar) -> std::result::Result<Done, XmpFault> {
    let old = read(path)?;
    let new = merged(old.as_deref(), sidecar)?;
    if old.as_ref() == Some(&new) {
        return Ok(Done::Unchanged);
    }
    artkg_files::write_bytes(path, new.as_bytes())?;
    Ok(match old {
        Some(_) => Done::Changed,
        None => Done::Created,
    })
}

/// The text of a sidecar that is there.
fn read(path: &Path) -> std::result::Result<Option<String>, XmpFault> {
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    artkg_files::open_regular(path)?
        .0
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| artkg_files::Error::new("read", path, source))?;
    if bytes.len() as u64 > LARGEST {
        return Err(XmpFault::Text);
    }
    let text = String::from_utf8(bytes).map_err(|_| XmpFault::Text)?;
    Ok(Some(text))
}
