use artkg_files::seeds::derive_seed;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use super::metrics::{Scores, accuracy, mean_loss};
use crate::Result;
use crate::dataset::Dataset;
use crate::features::{CLASSICAL_NAMES, EVENT_NAMES, TRACK_GROUPS, TRACK_NAMES};
use crate::models::Tagger;

/// How much worse a model gets when a group of inputs is shuffled among
/// tracks, pairs or events (Breiman, 2001).
#[derive(Clone, Debug, Serialize)]
pub struct Importance {
    /// The group.
    pub inputs: String,
    /// How much accuracy falls.
    pub accuracy_drop: f64,
    /// How much the loss grows.
    pub loss_growth: f64,
}

/// Events that importance is measured on, at most.
const MOST_EVENTS: usize = 3000;
const TOGETHER: usize = 128;

/// Measures each group of inputs that the model has, most important first.
pub(crate) fn importances(
    tagger: &Tagger,
    dataset: &mut Dataset,
    classes: usize,
    seed: u64,
) -> Result<Vec<Importance>> {
    dataset.thin_out(MOST_EVENTS);
    let scores = Scores::compute(tagger, dataset, classes, TOGETHER)?;
    let reference = (accuracy(&scores), mean_loss(&scores));
    let mut found = Vec::new();
    let mut measure = |name: &str, dataset: &Dataset| -> Result<()> {
        let scores = Scores::compute(tagger, dataset, classes, TOGETHER)?;
        found.push(Importance {
            inputs: name.to_owned(),
            accuracy_drop: reference.0 - accuracy(&scores),
            loss_growth: mean_loss(&scores) - reference.1,
        });
        Ok(())
    };
    let wants = dataset.wants();
    if wants.tracks {
        for (index, group) in TRACK_GROUPS.iter().enumerate() {
            let members = group.members.clone();
            let seed = derive_seed(seed, index as u64);
            let kept = dataset.rows.tracks.clone();
            permute(&mut dataset.rows.tracks, TRACK_NAMES.len(), members, seed);
            measure(&format!("tracks: {}", group.name), dataset)?;
            dataset.rows.tracks = kept;
        }
        let kept = dataset.rows.events.clone();
        let width = EVENT_NAMES.len();
        permute(
            &mut dataset.rows.events,
            width,
            0..width,
            derive_seed(seed, 100),
        );
        measure("event: counts, energies, axis", dataset)?;
        dataset.rows.events = kept;
    }
    if wants.pairs.is_some() {
        dataset.permute_pairs(Some(derive_seed(seed, 200)));
        measure("pairs: angles, masses, crossings", dataset)?;
        dataset.permute_pairs(None);
    }
    if wants.classical {
        for (place, name) in CLASSICAL_NAMES.iter().enumerate() {
            let kept = dataset.rows.classical.clone();
            let seed = derive_seed(seed, 300 + place as u64);
            let width = CLASSICAL_NAMES.len();
            permute(&mut dataset.rows.classical, width, place..place + 1, seed);
            measure(name, dataset)?;
            dataset.rows.classical = kept;
        }
    }
    found.sort_by(|a, b| b.loss_growth.total_cmp(&a.loss_growth));
    Ok(found)
}

/// Shuffles the columns `members` of `rows` among the rows.
pub(crate) fn permute(rows: &mut [f32], width: usize, members: std::ops::Range<usize>, seed: u64) {
    let mut order: Vec<usize> = (0..rows.len() / width).collect();
    order.shuffle(&mut Pcg64Mcg::seed_from_u64(seed));
    let original = rows.to_vec();
    for (row, from) in rows.chunks_exact_mut(width).zip(order) {
        let from = &original[from * width..(from + 1) * width];
        row[members.clone()].copy_from_slice(&from[members.clone()]);
    }
}
