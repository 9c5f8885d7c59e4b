//! Images that are missing, damaged, unused or there twice.

use std::collections::HashMap;
use std::path::PathBuf;

use super::Check;
use crate::duplicates::Duplicates;
use crate::error::Result;
use crate::fingerprint::{Fingerprint, fingerprints};
use crate::import::ImageIndex;
use crate::problem::{Problem, ProblemKind, Severity};
use crate::progress::Progress;

impl Check<'_> {
    /// Looks at all images; returns how many were decoded without trouble.
    pub(super) fn images(&mut self, decode: bool, progress: &Progress<'_>) -> Result<usize> {
        let corpus = self.corpus;
        if corpus
            .artworks
            .iter()
            .all(|artwork| artwork.image.is_none())
        {
            self.note_all(
                ProblemKind::NoImage,
                "no artwork has an image: enough for a graph, not for training".to_owned(),
            );
            return Ok(0);
        }
        let paths = self.present_images();
        self.unused_images()?;
        if !decode {
            return Ok(0);
        }
        let mut sound = vec![None; paths.len()];
        for (index, outcome) in fingerprints(&paths, progress).into_iter().enumerate() {
            match outcome {
                Some(Ok(fingerprint)) => sound[index] = Some(fingerprint),
                Some(Err(error)) => self.note(
                    ProblemKind::UndecodableImage,
                    index,
                    "image",
                    error.to_string(),
                ),
                None => {}
            }
        }
        let decoded = sound.iter().flatten().count();
        self.duplicates(&sound);
        Ok(decoded)
    }

    /// The image of each artwork that has one, each file once.
    fn present_images(&mut self) -> Vec<Option<PathBuf>> {
        let corpus = self.corpus;
        let mut users: HashMap<&str, usize> = HashMap::new();
        let mut paths = Vec::with_capacity(corpus.artworks.len());
        for (index, artwork) in corpus.artworks.iter().enumerate() {
            let (Some(image), Some(path)) = (&artwork.image, corpus.image_path(artwork)) else {
                self.note(
                    ProblemKind::NoImage,
                    index,
                    "image",
                    format!("`{}` has no image; it can be in the graph only", artwork.id),
                );
                paths.push(None);
                continue;
            };
            if !path.is_file() {
                self.note(
                    ProblemKind::MissingImage,
                    index,
                    "image",
                    match artkg_files::is_address(image) {
                        true => format!("{image} was not fetched"),
                        false => format!("there is no file {}", path.display()),
                    },
                );
                paths.push(None);
                continue;
            }
            if let Some(&first) = users.get(image.as_str()) {
                self.shared(index, first);
                paths.push(None);
                continue;
            }
            users.insert(image, index);
            paths.push(Some(path));
        }
        paths
    }

    fn shared(&mut self, index: usize, first: usize) {
        let (artwork, other) = (&self.corpus.artworks[index], &self.corpus.artworks[first]);
        let across = artwork.split != other.split;
        let message = format!(
            "`{}` is also the image of `{}` in row {}{}",
            artwork.image.as_deref().unwrap_or_default(),
            other.id,
            self.rows[first],
            if across { ", in another split" } else { "" }
        );
        self.note(ProblemKind::SharedImage, index, "image", message);
        if across && let Some(problem) = self.problems.last_mut() {
            problem.severity = Severity::Error;
        }
    }

    fn unused_images(&mut self) -> Result<()> {
        let corpus = self.corpus;
        let root = corpus.image_root();
        if !root.is_dir() {
            return Ok(());
        }
        let mut index = ImageIndex::scan(&root)?;
        for (folder, source) in &index.unlisted {
            let message = format!("its images were not looked at: {source}");
            let problem = Problem::new(ProblemKind::UnlistedFolder, folder, message);
            self.problems.push(problem);
        }
        for image in corpus
            .artworks
            .iter()
            .filter_map(|artwork| artwork.image.as_deref())
        {
            index.find(image);
        }
        for name in index.unused() {
            self.problems.push(Problem::new(
                ProblemKind::UnusedImage,
                &root.join(name),
                "no row names this image",
            ));
        }
        Ok(())
    }

    fn duplicates(&mut self, fingerprints: &[Option<Box<Fingerprint>>]) {
        let duplicates = Duplicates::find(fingerprints);
        let split = |index: usize| self.corpus.artworks[index].split;
        let mut found = Vec::new();
        // The first image of each exact group stands for it in the near pairs.
        let mut members: HashMap<usize, &[usize]> = HashMap::new();
        for group in &duplicates.exact {
            members.insert(group[0], group);
            for (position, &index) in group.iter().enumerate().skip(1) {
                let earlier = &group[..position];
                let across = earlier.iter().find(|other| split(**other) != split(index));
                found.push(match across {
                    Some(&other) => (ProblemKind::ExactDuplicateAcrossSplits, index, other),
                    None => (ProblemKind::ExactDuplicate, index, group[0]),
                });
            }
        }
        for &(left, right) in &duplicates.near {
            let lefts = members
                .get(&left)
                .copied()
                .unwrap_or(std::slice::from_ref(&left));
            let rights = members
                .get(&right)
                .copied()
                .unwrap_or(std::slice::from_ref(&right));
            for &left in lefts {
                for &right in rights.iter().filter(|right| split(**right) != split(left)) {
                    let kind = ProblemKind::NearDuplicateAcrossSplits;
                    found.push((kind, right.max(left), right.min(left)));
                }
            }
        }
        for (kind, index, other) in found {
            let message = self.duplicate_message(kind, index, other, fingerprints);
            self.note(kind, index, "image", message);
        }
    }

    fn duplicate_message(
        &self,
        kind: ProblemKind,
        index: usize,
        other: usize,
        fingerprints: &[Option<Box<Fingerprint>>],
    ) -> String {
        let place = |index: usize| {
            let artwork = &self.corpus.artworks[index];
            let split = artwork.split.map_or("no split", |split| split.name());
            (artwork.image.as_deref().unwrap_or_default(), split)
        };
        let ((image, split), (other_image, other_split)) = (place(index), place(other));
        let row = self.rows[other];
        if kind == ProblemKind::NearDuplicateAcrossSplits {
            let distance = match (&fingerprints[index], &fingerprints[other]) {
                (Some(left), Some(right)) => left.perceptual.distance(right.perceptual),
                _ => 0,
            };
            format!(
                "`{image}` ({split}) looks like `{other_image}` ({other_split}) in row {row}: \
                 {distance} of 64 bits differ; move them into one split"
            )
        } else {
            format!(
                "`{image}` ({split}) has the same bytes as `{other_image}` ({other_split}) \
                 in row {row}"
            )
        }
    }
}
