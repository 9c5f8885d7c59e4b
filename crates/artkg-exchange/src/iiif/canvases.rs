//! Which canvas shows an image.

use std::collections::{HashMap, HashSet};

use artkg_tag::Tags;

use super::manifest::Manifest;

/// Why an image is on no canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoCanvas {
    /// None has an image of its address or name.
    #[error("no canvas has an image of this address or name")]
    None,
    /// More than one has.
    #[error("{0} canvases have an image of this name")]
    Several(usize),
}

/// Canvases by what images on them may be called.
pub(super) struct Canvases {
    /// By addresses of the canvas, its images and their services.
    addresses: HashMap<String, HashSet<(usize, usize)>>,
    /// By the names in the addresses of images and services.
    names: HashMap<String, HashSet<(usize, usize)>>,
    /// By the names in the addresses of canvases.
    canvas_names: HashMap<String, HashSet<(usize, usize)>>,
}

impl Canvases {
    pub(super) fn new(manifests: &[Manifest]) -> Self {
        let mut canvases = Self {
            addresses: HashMap::new(),
            names: HashMap::new(),
            canvas_names: HashMap::new(),
        };
        for (manifest, canvas_list) in manifests.iter().enumerate() {
            for (place, canvas) in canvas_list.canvases.iter().enumerate() {
                let place = (manifest, place);
                for address in canvas.images.iter().chain([&canvas.id]) {
                    add(&mut canvases.addresses, address.clone(), place);
                }
                for image in &canvas.images {
                    add(&mut canvases.names, name(image), place);
                }
                add(&mut canvases.canvas_names, name(&canvas.id), place);
            }
        }
        canvases
    }

    /// The canvas that shows an image: that of its address, else of its name, else of
    /// the id of its artwork.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub(super) fn find(&self, tags: &Tags) -> Result<(usize, usize), NoCanvas> {
        let own_name = name(&tags.image);
        let id = tags.id.as_deref().unwrap_or_default();
        let ways = [
            (&self.addresses, tags.image.as_str()),
            (&self.names, own_name.as_str()),
            (&self.canvas_names, own_name.as_str()),
            (&self.addresses, id),
            (&self.names, id),
            (&self.canvas_names, id),
        ];
        for (known, wanted) in ways {
            if let Some(found) = known.get(wanted).filter(|_| !wanted.is_empty()) {
                return match found.len() {
                    1 => found.iter().next().copied().ok_or(NoCanvas::None),
                    several => Err(NoCanvas::Several(several)),
                };
            }
        }
        Err(NoCanvas::None)
    }
}

fn add(known: &mut HashMap<String, HashSet<(usize, usize)>>, name: String, place: (usize, usize)) {
    known.entry(name).or_default().insert(place);
}

/// The name of an image in its address or path: `36029` of
/// `https://iiif.example/36029/full/max/0/default.jpg`, of `https://iiif.example/36029`,
/// and of `photos/36029.jpg`.
fn name(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = address.trim_end_matches('/').split(['/', '\\']).collect();
    let is_request = |last: &str| {
        let quality = last.split('.').next().unwrap_or_default();
        matches!(quality, "default" | "native" | "color" | "gray" | "bitonal")
    };
    let last = match &parts[..] {
        [.., image, _, _, _, last] if is_request(last) => *image,
        [.., "info.json"] if parts.len() > 1 => parts[parts.len() - 2],
        [.., last] => *last,
        [] => "",
    };
    let last = percent_encoding::percent_decode_str(last).decode_utf8_lossy();
    // An identifier of a service can be a path of its own.
    let last = last.rsplit('/').next().unwrap_or_default();
    const ENDINGS: [&str; 7] = ["jpg", "jpeg", "png", "tif", "tiff", "webp", "jp2"];
    let stem = last.rsplit_once('.').filter(|(_, ending)| {
        ENDINGS
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    });
    stem.map_or(last, |(stem, _)| stem).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_names() {
        for address in [
            "https://iiif.example/image/36029/full/!512,512/0/default.jpg",
            "https://iiif.example/image/36029/info.json",
            "https://iiif.example/image/36029/",
            "https://iiif.example/image/met%2F36029",
            "https://cdn.example/36029.TIF?size=1",
            "photos/36029.jpg",
            "C:\\photos\\36029.png",
            "36029",
        ] {
            assert_eq!(name(address), "36029", "{address}");
        }
        assert_eq!(name("canvas/1987.144"), "1987.144");
    }
}
