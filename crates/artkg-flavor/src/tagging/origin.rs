use std::path::Path;

use artkg_files::exact_name;
use serde::Serialize;

use crate::error::Result;
use crate::predictor::Predictor;

/// Where the classes of events come from, for a file beside them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Origin {
    artkg_version: String,
    /// When, as RFC 3339 in UTC.
    created: String,
    /// Whether the model learned from toy events, which are no physics.
    toy: bool,
    model: ModelOrigin,
}

/// The model that said them.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct ModelOrigin {
    /// Its file's name, without folders.
    file: String,
    /// `sha256:` and 64 digits, the checksum in the file's own header.
    fingerprint: String,
    /// The version of artkg that trained it.
    artkg_version: String,
    /// The kind of tagger.
    architecture: String,
    /// The files that it learned from, with their classes.
    learned_from: Vec<String>,
}

/// What the file beside the results says.
#[derive(Serialize)]
struct Meta<'a> {
    /// The name of the file with the results.
    tags: String,
    events: usize,
    origin: &'a Origin,
}

impl Origin {
    /// That of what the model of the file `model` says, from the moment `created` on, as
    /// RFC 3339.
    pub fn new(predictor: &Predictor, model: &Path, created: String) -> Self {
        let description = predictor.description();
        let provenance = &description.provenance;
        Self {
            artkg_version: env!("CARGO_PKG_VERSION").to_owned(),
            created,
            toy: provenance.data.toy,
            model: ModelOrigin {
                file: exact_name(Path::new(model.file_name().unwrap_or_default())),
                fingerprint: predictor.checksum().fingerprint(),
                artkg_version: provenance.artkg_version.clone(),
                architecture: description.model.architecture.name().to_owned(),
                learned_from: provenance.data.files.clone(),
            },
        }
    }

    /// Writes it beside the file `tags` with so many events.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_beside(&self, tags: &Path, events: usize) -> Result<()> {
        let path = artkg_files::meta_path(tags);
        let meta = Meta {
            tags: exact_name(Path::new(tags.file_name().unwrap_or_default())),
            events,
            origin: self,
        };
        let json = serde_json::to_vec_pretty(&meta);
        let mut json =
            json.map_err(|error| artkg_files::Error::new("write", &path, error.into()))?;
        json.push(b'\n');
        Ok(artkg_files::write_bytes(&path, &json)?)
    }

    /// Whether a file that begins like this is one of these.
    pub fn is_file(beginning: &[u8]) -> bool {
        let has = |key: &str| artkg_files::has_part(beginning, &format!("\n  \"{key}\": "));
        beginning.starts_with(b"{") && ["tags", "events", "origin"].into_iter().all(has)
    }
}
