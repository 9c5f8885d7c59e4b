use std::collections::BTreeMap;

use artkg_corpus::{Artwork, CheckOptions, Split, check, silent};
use artkg_vocabulary::Attribute;

use super::*;

const OPTIONS: DemoOptions = DemoOptions {
    count: 300,
    size: 48,
    seed: 7,
};

#[test]
fn the_same_seed_paints_the_same_corpus() {
    let paint_all = |seed| {
        let folder = tempfile::tempdir().unwrap();
        let options = DemoOptions {
            count: 30,
            size: 40,
            seed,
        };
        let corpus = synthesize(folder.path(), &options).unwrap();
        let pictures: Vec<Vec<u8>> = corpus
            .artworks
            .iter()
            .map(|artwork| std::fs::read(corpus.image_path(artwork).unwrap()).unwrap())
            .collect();
        (corpus.artworks, corpus.description, pictures)
    };
    let one = paint_all(3);
    assert_eq!(one, paint_all(3));
    let other = paint_all(4);
    assert_ne!(one.0, other.0);
    assert_ne!(one.2, other.2);
    assert!(one.1.synthetic && one.1.name.contains("synthetic"));
    assert!(
        one.0
            .iter()
            .all(|artwork| artwork.id.starts_with("synthetic-"))
    );
}

#[test]
fn the_world_holds_together() {
    let world = World::demo().unwrap();
    let plans = plans(&world, &DemoOptions::default());
    let works: Vec<Artwork> = plans
        .iter()
        .map(|plan| plan.artwork(&world, "x.jpg".into()))
        .collect();
    let count = |keep: &dyn Fn(&Artwork) -> bool| works.iter().filter(|work| keep(work)).count();
    let share = |keep: &dyn Fn(&Artwork) -> bool| count(keep) as f64 / works.len() as f64;
    for (split, expected) in [
        (Split::Train, 0.7),
        (Split::Validation, 0.1),
        (Split::Test, 0.2),
    ] {
        let got = share(&|work| work.split == Some(split));
        assert!((got - expected).abs() < 0.02, "{split}: {got}");
    }
    let missing = share(&|work| work.school.is_none());
    assert!(missing > 0.02 && missing < 0.1);
    assert!(count(&|work| work.timeframe.is_none()) > 20);
    let mut schools: BTreeMap<&str, &str> = BTreeMap::new();
    let mut authors: BTreeMap<&str, usize> = BTreeMap::new();
    for work in &works {
        let title = work.cell("title").unwrap();
        assert!(!title.contains('{') && !title.contains('}'), "{title}");
        let author = work.cell("author").unwrap();
        *authors.entry(author).or_default() += usize::from(work.split == Some(Split::Train));
        if let Some(school) = work.cell("school") {
            // One school a painter.
            assert_eq!(*schools.entry(author).or_insert(school), school);
        }
    }
    assert_eq!(authors.len(), world.painters.len());
    assert!(authors.values().all(|&works| works >= 20), "{authors:?}");
}

/// The corpus passes its own check: enough works of each class, none of them
/// copies of one another.
#[test]
fn the_check_finds_nothing_to_complain_of() {
    let folder = tempfile::tempdir().unwrap();
    let options = DemoOptions {
        count: 400,
        size: 48,
        seed: 5,
    };
    synthesize(folder.path(), &options).unwrap();
    let report = check(
        folder.path(),
        &CheckOptions {
            minimum_count: 5,
            ..CheckOptions::default()
        },
        &silent,
    )
    .unwrap();
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn senseless_options_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (count, size) in [(0, 96), (10, 8), (10, 5000)] {
        let options = DemoOptions {
            count,
            size,
            seed: 1,
        };
        assert!(synthesize(folder.path(), &options).is_err());
    }
}

/// Mean colour, contrast and edges of each ninth of a picture.
fn features(pixels: &Pixels) -> Vec<f32> {
    let mut features = Vec::new();
    let third = pixels.width / 3;
    for tile in 0..9 {
        let (left, top) = (tile % 3 * third, tile / 3 * third);
        let mut sums = [0.0_f32; 6];
        for y in top..top + third {
            for x in left..left + third {
                let color = pixels.color(x, y).map(|part| f32::from(part) / 255.0);
                let right = pixels.color((x + 1).min(pixels.width - 1), y);
                let below = pixels.color(x, (y + 1).min(pixels.height - 1));
                for channel in 0..3 {
                    sums[channel] += color[channel];
                }
                sums[3] += color[1] * color[1];
                sums[4] += (f32::from(right[1]) / 255.0 - color[1]).abs();
                sums[5] += (f32::from(below[1]) / 255.0 - color[1]).abs();
            }
        }
        features.extend(sums.map(|sum| sum / (third * third) as f32));
    }
    features
}

/// Even the nearest class centre of crude features beats the majority class by
/// far, and is far from perfect: there is something to learn.
#[test]
fn attributes_can_be_learnt_from_what_is_seen() {
    let world = World::demo().unwrap();
    let plans = plans(&world, &OPTIONS);
    let seen: Vec<(Artwork, Vec<f32>)> = plans
        .par_iter()
        .map(|plan| {
            let artwork = plan.artwork(&world, String::new());
            (artwork, features(&paint(&world, plan, &OPTIONS)))
        })
        .collect();
    let length = seen[0].1.len();
    let deviation: Vec<f32> = (0..length)
        .map(|i| {
            let mean = seen.iter().map(|(_, f)| f[i]).sum::<f32>() / seen.len() as f32;
            let variance = seen.iter().map(|(_, f)| (f[i] - mean).powi(2)).sum::<f32>();
            (variance / seen.len() as f32).sqrt().max(1e-6)
        })
        .collect();
    for attribute in Attribute::PAPER {
        let labelled = |split: Split| {
            seen.iter().filter_map(move |(artwork, features)| {
                let value = artwork.attribute(attribute)?;
                ((artwork.split == Some(Split::Test)) == (split == Split::Test))
                    .then_some((value, features))
            })
        };
        let mut centres: BTreeMap<&str, (Vec<f32>, f32)> = BTreeMap::new();
        for (value, features) in labelled(Split::Train) {
            let centre = centres
                .entry(value)
                .or_insert_with(|| (vec![0.0; length], 0.0));
            centre.1 += 1.0;
            for (total, feature) in centre.0.iter_mut().zip(features) {
                *total += feature;
            }
        }
        let distance = |(total, count): &(Vec<f32>, f32), features: &[f32]| -> f32 {
            (0..length)
                .map(|i| ((total[i] / count - features[i]) / deviation[i]).powi(2))
                .sum()
        };
        let (mut right, mut all) = (0, 0);
        let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
        for (value, features) in labelled(Split::Test) {
            let nearest = centres
                .iter()
                .min_by(|a, b| distance(a.1, features).total_cmp(&distance(b.1, features)))
                .map(|(name, _)| *name);
            right += usize::from(nearest == Some(value));
            all += 1;
            *classes.entry(value).or_default() += 1;
        }
        let accuracy = right as f64 / all as f64;
        let majority = *classes.values().max().unwrap() as f64 / all as f64;
        println!("{attribute}: {accuracy:.3}, majority class {majority:.3}");
        assert!(accuracy > majority + 0.12, "{attribute}: {accuracy:.3}");
        assert!(accuracy < 0.97, "{attribute} is too easy: {accuracy:.3}");
    }
}
