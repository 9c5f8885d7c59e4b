//! What each painting is, before a stroke is made: painter, period, type, title,
//! split, and how far it strays from what its labels say.

use artkg_corpus::{Artwork, Split};
use artkg_files::seeds::mix;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::color::Color;
use crate::options::DemoOptions;
use crate::style::Style;
use crate::world::{Composition, World};

/// The splits that a painter's works take in turn: 70, 10 and 20 %.
const SPLITS: [Split; 10] = [
    Split::Train,
    Split::Test,
    Split::Train,
    Split::Train,
    Split::Validation,
    Split::Train,
    Split::Train,
    Split::Test,
    Split::Train,
    Split::Train,
];

/// Shares of works that lack a value.
const WITHOUT_SCHOOL: f64 = 0.05;
const WITHOUT_TIMEFRAME: f64 = 0.07;
const WITHOUT_TECHNIQUE: f64 = 0.06;
/// Shares of works that look like something else than they are.
const IN_FOREIGN_COLORS: f64 = 0.12;
const IN_OTHER_MANNER: f64 = 0.12;
const UNSIGNED: f64 = 0.2;

/// One painting to be.
pub(crate) struct Plan {
    number: usize,
    painter: usize,
    school: usize,
    period: usize,
    kind: usize,
    split: Split,
    /// The seed of the corpus.
    seed: u64,
    /// How often it was painted and thrown away.
    attempts: u64,
}

/// All paintings of a demo corpus.
pub(crate) fn plans(world: &World, options: &DemoOptions) -> Vec<Plan> {
    let mut random = generator(options.seed, "plans", 0);
    let mut works = vec![0_usize; world.painters.len()];
    (0..options.count)
        .map(|number| {
            let painter = choose(&mut random, world.painters.iter().map(|p| p.weight));
            let person = &world.painters[painter];
            let period = &person.periods[random.random_range(0..person.periods.len())];
            let kind = choose(&mut random, person.types.values().copied());
            let kind = person.types.keys().nth(kind).copied();
            works[painter] += 1;
            Plan {
                number: number + 1,
                painter,
                // `World::demo` has checked that all of these exist.
                school: world.school(&person.school).unwrap_or_default(),
                period: world.period(period).unwrap_or_default(),
                kind: kind.and_then(|kind| world.kind(kind)).unwrap_or_default(),
                // Each painter starts elsewhere in the sequence, so that small
                // corpora have all splits too.
                split: SPLITS[(works[painter] + painter * 3) % SPLITS.len()],
                seed: options.seed,
                attempts: 0,
            }
        })
        .collect()
}

impl Plan {
    pub(crate) fn id(&self) -> String {
        format!("synthetic-{:04}", self.number)
    }

    pub(crate) fn composition(&self, world: &World) -> Composition {
        world.types[self.kind].name
    }

    /// Makes the next painting of this plan another one.
    pub(crate) fn start_anew(&mut self) {
        self.attempts += 1;
    }

    /// The generator that this attempt is painted with.
    pub(crate) fn brush(&self, seed: u64) -> Pcg64Mcg {
        self.random(seed, &format!("paint {}", self.attempts))
    }

    /// A generator for one purpose of this painting.
    fn random(&self, seed: u64, purpose: &str) -> Pcg64Mcg {
        generator(seed, purpose, self.number as u64)
    }

    /// How this work is painted: its school's colours, its period's tone and its
    /// painter's hand, each a little off, sometimes more.
    pub(crate) fn style(&self, world: &World, random: &mut Pcg64Mcg) -> Style {
        let painter = &world.painters[self.painter];
        let school = &world.schools[self.school];
        let mut palette = school.palette;
        if random.random_bool(IN_FOREIGN_COLORS) {
            let other = random.random_range(0..world.schools.len());
            palette = palette.mix(world.schools[other].palette, random.random_range(0.4..0.7));
        }
        let turn = random.random_range(-0.22..0.22);
        let light = random.random_range(0.9..1.1);
        let palette = palette.map(|color| color.turn(turn).scale(light));
        let mut period = self.period;
        if random.random_bool(IN_OTHER_MANNER) {
            let later = random.random_bool(0.5);
            period = if later {
                period + 1
            } else {
                period.saturating_sub(1)
            };
            period = period.min(world.periods.len() - 1);
        }
        let mut tone = world.periods[period].tone;
        for value in [&mut tone.exposure, &mut tone.contrast, &mut tone.saturation] {
            *value *= random.random_range(0.92..1.08);
        }
        for value in [&mut tone.vignette, &mut tone.varnish, &mut tone.craquelure] {
            *value *= random.random_range(0.6..1.3);
        }
        tone.stroke *= random.random_range(0.85..1.2);
        Style {
            palette,
            border: random
                .random_bool(school.border_share)
                .then_some(school.border),
            tone,
            angle: (painter.angle + random.random_range(-8.0..8.0)).to_radians(),
            motif: (!random.random_bool(UNSIGNED)).then_some(painter.motif),
            motif_color: painter.motif_color,
            grain: painter.grain,
            panel: self.on_panel(world),
            skin: skin(random),
        }
    }

    /// The row of `artworks.csv`.
    pub(crate) fn artwork(&self, world: &World, image: String) -> Artwork {
        let mut random = self.random(self.seed, "record");
        let painter = &world.painters[self.painter];
        let timeframe = &world.periods[self.period].timeframe;
        let known = |random: &mut Pcg64Mcg, share| !random.random_bool(share);
        let dated = known(&mut random, WITHOUT_TIMEFRAME);
        let year = timeframe
            .get(..4)
            .and_then(|year| year.parse::<u32>().ok())
            .map(|first| first + random.random_range(0..50));
        let date = year.map(|year| match random.random_range(0..4) {
            0 => format!("c. {year}"),
            _ => year.to_string(),
        });
        let technique = if self.on_panel(world) {
            "Tempera on panel"
        } else {
            "Oil on canvas"
        };
        let composition = self.composition(world).name();
        Artwork {
            id: self.id(),
            image: Some(image),
            title: Some(self.title(world, &mut random).into()),
            author: Some(painter.name.as_str().into()),
            school: known(&mut random, WITHOUT_SCHOOL).then(|| painter.school.as_str().into()),
            timeframe: dated.then(|| timeframe.as_str().into()),
            artwork_type: Some(composition.into()),
            date: date.filter(|_| dated).map(Into::into),
            technique: known(&mut random, WITHOUT_TECHNIQUE).then(|| technique.into()),
            description: Some(
                format!(
                    "A synthetic {composition} painting, made by a program for demonstrations."
                )
                .into(),
            ),
            split: Some(self.split),
            ..Artwork::default()
        }
    }

    /// Panels give way to canvas in the course of the periods.
    fn on_panel(&self, world: &World) -> bool {
        let age = 1.0 - self.period as f64 / world.periods.len() as f64;
        self.random(self.seed, "support")
            .random_bool(0.8 * age * age)
    }

    /// A title of the type, with a word put in for every `{name}`.
    fn title(&self, world: &World, random: &mut Pcg64Mcg) -> String {
        let titles = &world.types[self.kind].titles;
        let mut title = titles[random.random_range(0..titles.len())].clone();
        for (name, words) in &world.words {
            let word = &words[random.random_range(0..words.len())];
            title = title.replace(&format!("{{{name}}}"), word);
        }
        title
    }
}

/// One of many skins.
fn skin(random: &mut Pcg64Mcg) -> Color {
    let pale = Color([0.96, 0.80, 0.68]);
    let dark = Color([0.42, 0.26, 0.18]);
    pale.mix(dark, random.random_range(0.0..0.8))
}

/// A place in a list, as likely as its weight.
fn choose(random: &mut Pcg64Mcg, weights: impl Iterator<Item = f64> + Clone) -> usize {
    let total: f64 = weights.clone().sum();
    let mut left = random.random_range(0.0..total);
    let mut last = 0;
    for (place, weight) in weights.enumerate() {
        last = place;
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    last
}

/// A generator that depends on the seed, a purpose and a number only.
fn generator(seed: u64, purpose: &str, number: u64) -> Pcg64Mcg {
    let purpose = purpose
        .bytes()
        .fold(0, |hash, byte| mix(hash ^ u64::from(byte)));
    Pcg64Mcg::seed_from_u64(mix(seed ^ mix(purpose ^ mix(number))))
}
