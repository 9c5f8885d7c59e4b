//! From foreign tables and a folder of images to a corpus.

mod columns;
mod doubts;
mod faulty;
mod html;
mod images;
mod inputs;
mod loose_name;
mod lost;
mod options;
mod part_names;
mod parts;
mod qualified;
mod resembles;
mod row;
mod rows;
mod source;
mod spellings;
mod summary;
mod values;

use std::path::{Path, PathBuf};

use crate::artwork::Artwork;
use crate::column_use::LostColumn;
use crate::corpus::Corpus;
use crate::description::{CorpusDescription, SplitDescription};
use crate::duplicates::Duplicates;
use crate::error::{Error, Result};
use crate::fingerprint::fingerprints;
use crate::maker::MakerCounts;
use crate::mapping::Mapping;
use crate::problem::{Problem, ProblemKind, Severity};
use crate::progress::Progress;
use crate::splitting::{DEFAULT_SHARES, draw_splits};

pub(crate) use images::ImageIndex;
pub use options::ImportOptions;
pub use qualified::Qualified;
pub use spellings::Respelling;
pub use summary::{ImageMatching, TableSummary};

/// What an import did and what it met.
#[derive(Clone, Debug)]
pub struct Import {
    /// The corpus; it was not saved yet.
    pub corpus: Corpus,
    /// The name of the mapping.
    pub mapping: String,
    /// The tables that were read.
    pub tables: Vec<TableSummary>,
    /// The number of images in the image folder, where there is one.
    pub images: Option<usize>,
    /// How images were found, where there is a folder of them.
    pub image_matching: Option<ImageMatching>,
    /// The makers that the tables name, those left out by [`Qualified::Drop`] included.
    pub makers: MakerCounts,
    /// The spellings that gave way to others of the same identity.
    pub respellings: Vec<Respelling>,
    /// Columns that matter and are empty for all artworks.
    pub lost: Vec<LostColumn>,
    /// Everything that was wrong, in the order of the tables.
    pub problems: Vec<Problem>,
}

/// Reads tables into a corpus in `folder`, without writing anything yet.
///
/// `inputs` are tables, plain or gzip-compressed, or a folder that holds the
/// mapping's tables. Whatever is wrong with single rows is noted and the rest
/// read on.
///
/// # Errors
/// No table, an unreadable one, one without a required column, options that
/// make no sense, or, if asked for, columns that matter and are empty.
pub fn import(
    inputs: &[PathBuf],
    folder: &Path,
    options: &ImportOptions,
    progress: &Progress<'_>,
) -> Result<Import> {
    let (mapping, tables) = inputs::resolve(inputs, options)?;
    let image_root = inputs::image_root(&mapping, &tables, options)?;
    let index = image_root.as_deref().map(ImageIndex::scan).transpose()?;
    let images = index.as_ref().map(ImageIndex::len);
    let mut rows = rows::Rows::new(index)?;
    for table in &tables {
        rows.read(table, &mapping, progress)?;
    }
    rows.match_numbers();
    let lost = lost::columns(&rows, &mapping);
    if options.strict && !lost.is_empty() {
        return Err(Error::LostColumns { lost });
    }
    let mut problems = rows.problems;
    let mut artworks = rows.artworks;
    let respellings = spellings::unite(&mut artworks);
    let makers = MakerCounts::of(&artworks);
    if makers.qualified() > 0 {
        options.qualified.apply(&mut artworks);
    }
    let mut matching = rows.matching;
    if let (Some(index), Some(root)) = (&rows.images, &image_root) {
        for (folder, source) in &index.unlisted {
            problems.push(Problem::new(
                ProblemKind::UnlistedFolder,
                folder,
                format!("its images are not in the corpus: {source}"),
            ));
        }
        matching.unused = index.unused().count();
        for name in index.unused() {
            problems.push(Problem::new(
                ProblemKind::UnusedImage,
                &root.join(name),
                "no row names this image",
            ));
        }
    }

    let given = options.shares.is_none() && artworks.iter().any(|artwork| artwork.split.is_some());
    let shares = options.shares.unwrap_or(DEFAULT_SHARES);
    if given {
        note_artworks_without_split(&artworks, &mut problems, inputs::path(&tables[0]));
    } else {
        let links = match &image_root {
            Some(root) => copies(root, &artworks, progress),
            None => Duplicates::default(),
        };
        draw_splits(&mut artworks, links.links(), shares, options.seed)?;
    }

    let name = options.name.clone().unwrap_or_else(|| {
        folder.file_name().map_or_else(
            || mapping.name.clone(),
            |name| name.to_string_lossy().into_owned(),
        )
    });
    let description = CorpusDescription {
        source: described_source(&mapping),
        licence: mapping.licence.clone(),
        mapping: Some(mapping.name.clone()),
        split: SplitDescription {
            given,
            seed: options.seed,
            shares: (!given).then_some(shares),
        },
        ..CorpusDescription::new(name, relative_root(folder, image_root.as_deref()))
    };
    Ok(Import {
        corpus: Corpus {
            description,
            artworks,
            folder: folder.to_path_buf(),
        },
        mapping: mapping.name,
        tables: rows.tables,
        images,
        image_matching: images.map(|_| matching),
        makers,
        respellings,
        lost,
        problems,
    })
}

/// The copies of one picture among the artworks' images. Damaged images have
/// none here; `corpus check` finds them.
fn copies(root: &Path, artworks: &[Artwork], progress: &Progress<'_>) -> Duplicates {
    let paths: Vec<Option<PathBuf>> = artworks
        .iter()
        .map(|artwork| image_file(root, artwork))
        .collect();
    let fingerprints: Vec<_> = fingerprints(&paths, progress)
        .into_iter()
        .map(|fingerprint| fingerprint.and_then(std::result::Result::ok))
        .collect();
    Duplicates::find(&fingerprints)
}

/// An artwork's image, if it is there.
fn image_file(root: &Path, artwork: &Artwork) -> Option<PathBuf> {
    let path = root.join(artwork.image.as_ref()?);
    path.is_file().then_some(path)
}

fn note_artworks_without_split(artworks: &[Artwork], problems: &mut Vec<Problem>, table: &Path) {
    let without = artworks
        .iter()
        .filter(|artwork| artwork.split.is_none())
        .count();
    if without > 0 {
        problems.push(
            Problem::new(
                ProblemKind::NoSplit,
                table,
                format!("{without} artworks have no split while others do; they are never used"),
            )
            .with_severity(Severity::Warning),
        );
    }
}

fn described_source(mapping: &Mapping) -> String {
    if mapping.source.is_empty() {
        mapping.title.clone()
    } else {
        format!("{}, {}", mapping.title, mapping.source)
    }
}

/// The image root for `corpus.toml`: relative where the images lie within the
/// corpus folder, so that the folder can be moved; absolute elsewhere.
fn relative_root(folder: &Path, image_root: Option<&Path>) -> PathBuf {
    let Some(root) = image_root else {
        return PathBuf::from("images");
    };
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    match root.strip_prefix(&folder) {
        Ok(within) if within.as_os_str().is_empty() => PathBuf::from("."),
        Ok(within) => within.to_path_buf(),
        Err(_) => root,
    }
}
