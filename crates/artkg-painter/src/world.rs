//! The world that is painted, as `corpus/demo.toml` describes it.

use std::collections::BTreeMap;

use artkg_corpus::is_timeframe;
use serde::Deserialize;

use crate::color::Color;
use crate::error::{Error, Result};

const DEMO: &str = include_str!("../../../corpus/demo.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct World {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) licence: String,
    pub(crate) schools: Vec<School>,
    pub(crate) periods: Vec<Period>,
    pub(crate) types: Vec<Type>,
    /// What stands for `{person}` and the like in titles.
    pub(crate) words: BTreeMap<String, Vec<String>>,
    pub(crate) painters: Vec<Painter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct School {
    pub(crate) name: String,
    pub(crate) palette: Palette,
    pub(crate) border: Color,
    pub(crate) border_share: f64,
}

/// What the colours are for is explained in `corpus/demo.toml`.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Palette {
    pub(crate) light: Color,
    pub(crate) middle: Color,
    pub(crate) deep: Color,
    pub(crate) earth: Color,
    pub(crate) accent: Color,
}

impl Palette {
    pub(crate) fn map(self, change: impl Fn(Color) -> Color) -> Self {
        Self {
            light: change(self.light),
            middle: change(self.middle),
            deep: change(self.deep),
            earth: change(self.earth),
            accent: change(self.accent),
        }
    }

    pub(crate) fn mix(self, other: Self, share: f32) -> Self {
        Self {
            light: self.light.mix(other.light, share),
            middle: self.middle.mix(other.middle, share),
            deep: self.deep.mix(other.deep, share),
            earth: self.earth.mix(other.earth, share),
            accent: self.accent.mix(other.accent, share),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Period {
    pub(crate) timeframe: String,
    #[serde(flatten)]
    pub(crate) tone: Tone,
}

/// The light, the varnish and the brush of a period.
#[derive(Clone, Copy, Deserialize)]
pub(crate) struct Tone {
    pub(crate) exposure: f32,
    pub(crate) contrast: f32,
    pub(crate) saturation: f32,
    pub(crate) varnish: f32,
    pub(crate) vignette: f32,
    pub(crate) craquelure: f32,
    /// The width of a stroke in hundredths of the side.
    pub(crate) stroke: f32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Type {
    pub(crate) name: Composition,
    pub(crate) titles: Vec<String>,
}

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Composition {
    Portrait,
    Landscape,
    StillLife,
    Marine,
    Religious,
}

impl Composition {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Portrait => "portrait",
            Self::Landscape => "landscape",
            Self::StillLife => "still-life",
            Self::Marine => "marine",
            Self::Religious => "religious",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Painter {
    pub(crate) name: String,
    pub(crate) school: String,
    pub(crate) periods: Vec<String>,
    pub(crate) types: BTreeMap<Composition, f64>,
    /// Of the strokes, in degrees.
    pub(crate) angle: f32,
    pub(crate) motif: Motif,
    pub(crate) motif_color: Color,
    pub(crate) grain: f32,
    pub(crate) weight: f64,
}

/// What a painter signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Motif {
    Star,
    Flower,
    Diamond,
    Leaf,
    Crescent,
    Bird,
    Ring,
}

impl World {
    /// The world of the demo.
    pub(crate) fn demo() -> Result<Self> {
        let world: Self = toml::from_str(DEMO).map_err(|error| Error::World(error.to_string()))?;
        match world.fault() {
            Some(fault) => Err(Error::World(fault)),
            None => Ok(world),
        }
    }

    pub(crate) fn school(&self, name: &str) -> Option<usize> {
        self.schools.iter().position(|school| school.name == name)
    }

    pub(crate) fn period(&self, timeframe: &str) -> Option<usize> {
        self.periods
            .iter()
            .position(|period| period.timeframe == timeframe)
    }

    pub(crate) fn kind(&self, composition: Composition) -> Option<usize> {
        self.types.iter().position(|kind| kind.name == composition)
    }

    /// The first thing that does not fit together.
    fn fault(&self) -> Option<String> {
        for period in &self.periods {
            if !is_timeframe(&period.timeframe) {
                return Some(format!("`{}` is no timeframe", period.timeframe));
            }
        }
        for kind in &self.types {
            if kind.titles.is_empty() {
                return Some(format!("{} has no titles", kind.name.name()));
            }
        }
        if let Some((name, _)) = self.words.iter().find(|(_, words)| words.is_empty()) {
            return Some(format!("there are no words for {{{name}}}"));
        }
        for painter in &self.painters {
            let fault = |what: String| Some(format!("{}: {what}", painter.name));
            if self.school(&painter.school).is_none() {
                return fault(format!("no school `{}`", painter.school));
            }
            let unknown = |timeframe: &&String| self.period(timeframe).is_none();
            if painter.periods.is_empty() || painter.periods.iter().any(|p| unknown(&p)) {
                return fault(format!("unknown or no periods in {:?}", painter.periods));
            }
            if painter.types.is_empty() || painter.types.keys().any(|&t| self.kind(t).is_none()) {
                return fault("unknown or no types".to_owned());
            }
            let positive = |weight: f64| weight.is_finite() && weight > 0.0;
            if !positive(painter.weight) || !painter.types.values().all(|&w| positive(w)) {
                return fault("weights must be positive".to_owned());
            }
        }
        (self.painters.is_empty()).then(|| "there are no painters".to_owned())
    }
}
