//! Toy events, so that everything can be tried without a generator: jets of
//! made-up momenta, and decays in flight with the lifetimes of bottom and charm.
//! They show how the program works and say nothing about physics.

use std::f64::consts::TAU;
use std::io::Write;
use std::path::{Path, PathBuf};

use artkg_files::seeds::derive_seed;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::error::Result;
use crate::event::{Vector, add_scaled, cross, norm};
use crate::features::Resolution;
use crate::toy::BEGINNING;

/// The classes of toy events.
pub(crate) const SYNTHETIC_CLASSES: [&str; 3] = ["uds", "cc", "bb"];

/// The mass of a charged pion in GeV: what all tracks are.
const PION: f64 = 0.139_57;
/// The energy of a beam in GeV.
const BEAM: f64 = 125.0;

/// A hadron that flies before it decays.
struct Decaying {
    /// Mean momentum as a share of the beam's, and its spread.
    share: (f64, f64),
    mass: f64,
    /// Lifetime times the speed of light, in cm.
    lifetime: f64,
    /// Mean number of charged tracks.
    tracks: f64,
}

const BOTTOM: Decaying = Decaying {
    share: (0.7, 0.12),
    mass: 5.28,
    lifetime: 0.046,
    tracks: 3.0,
};
const CHARM: Decaying = Decaying {
    share: (0.5, 0.15),
    mass: 1.87,
    lifetime: 0.02,
    tracks: 2.3,
};
const STRANGE: Decaying = Decaying {
    share: (0.05, 0.03),
    mass: 0.5,
    lifetime: 2.7,
    tracks: 2.0,
};

/// The files that [`synthesise`] writes into `folder`.
pub fn toy_files(folder: &Path) -> [PathBuf; 3] {
    SYNTHETIC_CLASSES.map(|class| folder.join(format!("{class}.txt")))
}

/// Writes a file `CLASS.txt` of `count` events a class into `folder`, and
/// returns the files with their classes. The same seed gives the same events.
///
/// # Errors
/// When a file cannot be written.
pub fn synthesise(folder: &Path, count: usize, seed: u64) -> Result<Vec<(&'static str, PathBuf)>> {
    let mut files = Vec::new();
    let paths = SYNTHETIC_CLASSES.into_iter().zip(toy_files(folder));
    for (place, (class, path)) in paths.enumerate() {
        artkg_files::write_atomically(&path, |writer| {
            let mut generator = Toy {
                generator: Pcg64Mcg::seed_from_u64(derive_seed(seed, place as u64)),
            };
            let mut text = format!(
                "{BEGINNING}{class}, made by artkg flavor synth: not physics.\n\
                 # E px py pz (GeV)  x y z (cm, closest to the beam line)\n"
            );
            for _ in 0..count {
                generator.event(class, &mut text);
                if text.len() > 1 << 16 {
                    write(writer, &path, &text)?;
                    text.clear();
                }
            }
            write(writer, &path, &text)
        })?;
        files.push((class, path));
    }
    Ok(files)
}

fn write(writer: &mut impl Write, path: &Path, text: &str) -> Result<()> {
    writer
        .write_all(text.as_bytes())
        .map_err(|source| artkg_files::Error::new("write", path, source).into())
}

struct Toy {
    generator: Pcg64Mcg,
}

impl Toy {
    fn uniform(&mut self) -> f64 {
        self.generator.random()
    }

    fn normal(&mut self) -> f64 {
        // 1 - u lies in (0, 1], so the logarithm is finite (Box and Muller, 1958).
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (TAU * self.uniform()).cos()
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.uniform()).ln()
    }

    /// A number with this mean, spread like a Poisson distribution's.
    fn about(&mut self, mean: f64) -> usize {
        (mean + mean.sqrt() * self.normal()).round().max(0.0) as usize
    }

    fn event(&mut self, class: &str, text: &mut String) {
        let cosine = 1.9 * self.uniform() - 0.95;
        let (sine, angle) = ((1.0 - cosine * cosine).sqrt(), TAU * self.uniform());
        let axis = [sine * angle.cos(), sine * angle.sin(), cosine];
        text.push_str(&format!(
            "Axis = {:e} {:e} {:e}\n",
            Short(axis[0]),
            Short(axis[1]),
            Short(axis[2])
        ));
        for side in [1.0, -1.0] {
            let axis = axis.map(|component| side * component);
            // One at least: an event needs tracks.
            for _ in 0..1 + self.about(9.0) {
                let momentum = 0.3 + self.exponential(2.5);
                self.track([0.0; 3], axis, momentum, 0.35, text);
            }
            match class {
                "bb" => {
                    let decay = self.decay(&BOTTOM, [0.0; 3], axis, BEAM, text);
                    self.decay(&CHARM, decay, axis, 0.6 * BEAM, text);
                }
                "cc" => {
                    self.decay(&CHARM, [0.0; 3], axis, BEAM, text);
                }
                _ => {
                    let momentum = 10.0 + self.exponential(15.0);
                    self.track([0.0; 3], axis, momentum, 0.5, text);
                }
            }
            if self.uniform() < 0.35 {
                self.decay(&STRANGE, [0.0; 3], axis, BEAM, text);
            }
        }
    }

    /// Writes the tracks of a decay; where it was.
    fn decay(
        &mut self,
        hadron: &Decaying,
        origin: Vector,
        axis: Vector,
        energy: f64,
        text: &mut String,
    ) -> Vector {
        let (mean, spread) = hadron.share;
        let momentum = energy * (mean + spread * self.normal()).clamp(0.02, 0.95);
        let direction = self.tilted(axis, 0.4 * hadron.mass / momentum);
        let length = self.exponential(hadron.lifetime * momentum / hadron.mass);
        let vertex = add_scaled(origin, direction, length);
        let count = self.about(hadron.tracks).max(1);
        for _ in 0..count {
            let share = (0.3 + 0.7 * self.uniform()) / (count as f64 + 1.0);
            self.track(vertex, direction, momentum * share, 0.3 * hadron.mass, text);
        }
        vertex
    }

    /// `axis` turned by about `angle`.
    fn tilted(&mut self, axis: Vector, angle: f64) -> Vector {
        let first = cross(axis, [0.0, 0.0, 1.0]);
        let second = cross(axis, first);
        let (a, b) = (angle * self.normal(), angle * self.normal());
        let turned = add_scaled(add_scaled(axis, first, a), second, b);
        let length = norm(turned);
        turned.map(|component| component / length)
    }

    /// Writes a track from `vertex` with this momentum along `axis` and about
    /// `across` GeV across it, as a detector measures it.
    fn track(&mut self, vertex: Vector, axis: Vector, along: f64, across: f64, text: &mut String) {
        let first = cross(axis, [0.0, 0.0, 1.0]);
        let second = cross(axis, first);
        let sideways = norm(first).max(1e-6);
        let (a, b) = (across * self.normal(), across * self.normal());
        let momentum = axis.map(|component| component * along);
        let momentum = add_scaled(momentum, first, a / sideways);
        let momentum = add_scaled(momentum, second, b / sideways);
        let [px, py, pz] = momentum;
        let (size, transverse) = (norm(momentum), px.hypot(py));
        // Outside of the detector, or too soft to leave it.
        if transverse < 0.1 || (pz / size).abs() > 0.99 {
            return;
        }
        let back = -(vertex[0] * px + vertex[1] * py) / (transverse * transverse);
        let point = add_scaled(vertex, momentum, back);
        let [for_transverse, for_longitudinal] = Resolution::default().of(size, transverse / size);
        let shift = for_transverse * self.normal();
        let rise = for_longitudinal * self.normal() * size / transverse;
        let numbers = [
            (size * size + PION * PION).sqrt(),
            px,
            py,
            pz,
            point[0] - shift * py / transverse,
            point[1] + shift * px / transverse,
            point[2] + rise,
        ];
        for (place, number) in numbers.into_iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            text.push_str(&format!("{space}{:e}", Short(number)));
        }
        text.push('\n');
    }
}

/// A number with seven digits.
struct Short(f64);

impl std::fmt::LowerExp for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.6e}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read_events;

    #[test]
    fn toy_events_are_well_formed_and_repeat() {
        let folder = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let files = synthesise(folder.path(), 50, 3).unwrap();
        synthesise(other.path(), 50, 3).unwrap();
        assert_eq!(files.len(), 3);
        for (class, path) in files {
            let mut faults = Vec::new();
            let (events, summary) =
                read_events(&path, false, &mut |fault| faults.push(fault.to_string())).unwrap();
            assert_eq!((events.len(), summary.faults), (50, 0), "{faults:?}");
            assert!(summary.is_toy);
            assert!(summary.tracks > 50 * 10, "{class}: {}", summary.tracks);
            let again = other.path().join(path.file_name().unwrap());
            assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(again).unwrap());
        }
    }
}
