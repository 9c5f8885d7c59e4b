//! The world that is painted, as `corpus/demo.toml` describes it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::color::Color;
use crate::error::{Error, Result};

const DEMO: &str = include_str!("../../../../corpus/demo.toml");
const DEMO_FILE: &str = "corpus/demo.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct World {
    pub(super) name: String,
    pub(super) source: String,
    pub(super) licence: String,
    pub(super) schools: Vec<School>,
    pub(super) periods: Vec<Period>,
    pub(super) types: Vec<Type>,
    /// What stands for `{person}` and the like in titles.
    pub(super) words: BTreeMap<String, Vec<String>>,
    pub(super) painters: Vec<Painter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct School {
    pub(super) name: String,
    pub(super) palette: Palette,
    pub(super) border: Color,
    pub(super) border_share: f64,
}

/// What the colours are for is explained in `corpus/demo.toml`.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Palette {
    pub(super) light: Color,
    pub(super) middle: Color,
    pub(super) deep: Color,
    pub(super) earth: Color,
    pub(super) accent: Color,
}

impl Palette {
    pub(super) fn map(self, change: impl Fn(Color) -> Color) -> Self {
        Self {
            light: change(self.light),
            middle: change(self.middle),
            deep: change(self.deep),
            earth: change(self.earth),
            accent: change(self.accent),
        }
    }

    pub(super) fn mix(self, other: Self, share: f32) -> Self {
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
pub(super) struct Period {
    pub(super) timeframe: String,
    #[serde(flatten)]
    pub(super) tone: Tone,
}

/// The light, the varnish and the brush of a period.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct Tone {
    pub(super) exposure: f32,
    pub(super) contrast: f32,
    pub(super) saturation: f32,
    pub(super) varnish: f32,
    pub(super) vignette: f32,
    pub(super) craquelure: f32,
    /// The width of a stroke in hundredths of the side.
    pub(super) stroke: f32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Type {
    pub(super) name: Composition,
    pub(super) titles: Vec<String>,
}

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Composition {
    Portrait,
    Landscape,
    StillLife,
    Marine,
    Religious,
}

impl Composition {
    pub(super) fn name(self) -> &'static str {
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
pub(super) struct Painter {
    pub(super) name: String,
    pub(super) school: String,
    pub(super) periods: Vec<String>,
    pub(super) types: BTreeMap<Composition, f64>,
    /// Of the strokes, in degrees.
    pub(super) angle: f32,
    pub(super) motif: Motif,
    pub(super) motif_color: Color,
    pub(super) grain: f32,
    pub(super) weight: f64,
}

/// What a painter signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Motif {
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
    pub(super) fn demo() -> Result<Self> {
        let path = Path::new(DEMO_FILE);
        let world: Self = toml::from_str(DEMO).map_err(|source| Error::Toml {
            path: path.to_path_buf(),
            source,
        })?;
        world
            .fault()
            .map_or(Ok(world), |fault| Err(Error::invalid(path, fault)))
    }

    pub(super) fn school(&self, name: &str) -> Option<usize> {
        self.schools.iter().position(|school| school.name == name)
    }

    pub(super) fn period(&self, timeframe: &str) -> Option<usize> {
        self.periods
            .iter()
            .position(|period| period.timeframe == timeframe)
    }

    pub(super) fn kind(&self, composition: Composition) -> Option<usize> {
        self.types.iter().position(|kind| kind.name == composition)
    }

    /// The first thing that does not fit together.
    fn fault(&self) -> Option<String> {
        for period in &self.periods {
            if !crate::is_timeframe(&period.timeframe) {
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
