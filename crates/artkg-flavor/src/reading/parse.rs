use super::chunks::{AXIS, Chunk};
use super::fault::{FIELDS, Fault, FaultReason};
use super::number::parse_number;
use crate::event::{Events, Track, Vector};
use crate::toy::is_toy_file;

/// How far the length of an axis may be from 1; six digits are enough.
const AXIS_TOLERANCE: f64 = 1e-3;
/// How far the energy may be below the momentum, as a share of it.
const ENERGY_TOLERANCE: f64 = 1e-4;
/// How far from its closest approach a point may lie along the track: a share
/// of its distance, and what coordinates rounded to a micrometre lose, in cm.
const POINT_TOLERANCE: (f64, f64) = (1e-3, 1e-4);
/// Larger numbers are of another unit or corrupt: GeV and cm.
const MOST_ENERGY: f64 = 1e5;
const MOST_LENGTH: f64 = 1e5;
/// An event of more tracks lacks the axes of others: pairs grow with the square.
const MOST_TRACKS: usize = 2000;

/// The events of a chunk and what is wrong with others.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The events without fault.
    pub events: Events,
    /// Every malformed line.
    pub faults: Vec<Fault>,
    /// Events left out because of them.
    pub skipped: usize,
    /// Events that start in the chunk, malformed ones too.
    pub started: u64,
    /// Whether the file's first line says that they are toy events.
    pub is_toy: bool,
}

/// Reads the events of a chunk.
pub fn parse(chunk: &Chunk) -> Parsed {
    let mut parser = Parser {
        chunk,
        parsed: Parsed::default(),
        current: Current::None,
    };
    let mut line = chunk.first_line;
    let mut rest = &chunk.text[..];
    if line == 1 {
        rest = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
        parser.parsed.is_toy = is_toy_file(rest);
    }
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        parser.line(&rest[..end], line);
        rest = rest.get(end + 1..).unwrap_or(&[]);
        line += 1;
    }
    parser.finish_event();
    parser.parsed
}

/// The event that lines are added to.
enum Current {
    /// Before the first axis.
    None,
    Good {
        axis: Vector,
        line: u64,
        number: u64,
    },
    /// One with a malformed line.
    Bad,
}

struct Parser<'a> {
    chunk: &'a Chunk,
    parsed: Parsed,
    current: Current,
}

impl Parser<'_> {
    fn line(&mut self, text: &[u8], line: u64) {
        let text = match memchr::memchr(b'#', text) {
            Some(comment) => &text[..comment],
            None => text,
        };
        let text = text.trim_ascii();
        match text.first() {
            None => {}
            Some(first) if first.is_ascii_alphabetic() && memchr::memchr(b'=', text).is_some() => {
                self.finish_event();
                self.start_event(text, line);
            }
            Some(_) => self.track_line(text, line),
        }
    }

    fn start_event(&mut self, text: &[u8], line: u64) {
        let number = self.parsed.started;
        self.parsed.started += 1;
        match parse_axis(text) {
            Ok(axis) => self.current = Current::Good { axis, line, number },
            Err(reason) => {
                self.fault(line, reason);
                self.spoil();
            }
        }
    }

    fn track_line(&mut self, text: &[u8], line: u64) {
        let parsed = parse_track(text);
        match (&self.current, parsed) {
            (_, Err(reason)) => {
                self.fault(line, reason);
                if !matches!(self.current, Current::None) {
                    self.spoil();
                }
            }
            (Current::Good { .. }, Ok(_)) if self.parsed.events.open_tracks() == MOST_TRACKS => {
                self.fault(line, FaultReason::TooManyTracks(MOST_TRACKS));
                self.spoil();
            }
            (Current::Good { .. }, Ok(track)) => self.parsed.events.add_track(track),
            (Current::Bad, Ok(_)) => {}
            (Current::None, Ok(_)) => self.fault(line, FaultReason::TrackBeforeAxis),
        }
    }

    fn finish_event(&mut self) {
        match std::mem::replace(&mut self.current, Current::None) {
            Current::Good { line, .. } if self.parsed.events.open_tracks() == 0 => {
                self.fault(line, FaultReason::NoTracks);
                self.parsed.skipped += 1;
            }
            Current::Good { axis, line, number } => self.parsed.events.close(axis, line, number),
            Current::None | Current::Bad => {}
        }
    }

    /// Leaves the current event out.
    fn spoil(&mut self) {
        if !matches!(self.current, Current::Bad) {
            self.current = Current::Bad;
            self.parsed.skipped += 1;
            self.parsed.events.discard();
        }
    }

    fn fault(&mut self, line: u64, reason: FaultReason) {
        self.parsed.faults.push(Fault {
            path: self.chunk.path.clone(),
            line,
            reason,
        });
    }
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| byte.is_ascii_whitespace())
        .filter(|word| !word.is_empty())
}

fn parse_axis(text: &[u8]) -> Result<Vector, FaultReason> {
    let unknown = || FaultReason::UnknownLine(shown(text));
    let rest = text.strip_prefix(AXIS).ok_or_else(unknown)?;
    let rest = rest
        .trim_ascii_start()
        .strip_prefix(b"=")
        .ok_or_else(unknown)?;
    let mut axis = [0.0; 3];
    let mut count = 0;
    for word in words(rest) {
        if let Some(value) = axis.get_mut(count) {
            *value = number(word, ["ax", "ay", "az"][count])?;
        }
        count += 1;
    }
    if count != 3 {
        return Err(FaultReason::AxisCount(count));
    }
    let length = axis[0].hypot(axis[1]).hypot(axis[2]);
    if (length - 1.0).abs() > AXIS_TOLERANCE {
        return Err(FaultReason::AxisLength(length));
    }
    Ok(axis.map(|component| component / length))
}

fn parse_track(text: &[u8]) -> Result<Track, FaultReason> {
    let mut values = [0.0; 7];
    let mut count = 0;
    for word in words(text) {
        if let Some(value) = values.get_mut(count) {
            *value = match number(word, FIELDS[count]) {
                Ok(value) => value,
                // One word of prose is no broken number.
                Err(_) if count == 0 && word[0].is_ascii_alphabetic() && is_prose(word) => {
                    return Err(FaultReason::UnknownLine(shown(text)));
                }
                Err(reason) => return Err(reason),
            };
        }
        count += 1;
    }
    if count != 7 {
        return Err(FaultReason::TrackCount(count));
    }
    let [energy, px, py, pz, x, y, z] = values;
    for (index, value) in values.iter().enumerate() {
        let (limit, most) = match index {
            0..4 => (MOST_ENERGY, "100 TeV"),
            _ => (MOST_LENGTH, "1 km"),
        };
        if value.abs() > limit {
            return Err(FaultReason::TooLarge {
                field: FIELDS[index],
                value: *value,
                most,
            });
        }
    }
    if energy < 0.0 {
        return Err(FaultReason::NegativeEnergy(energy));
    }
    let transverse = (px * px + py * py).sqrt();
    let momentum = (transverse * transverse + pz * pz).sqrt();
    if energy < momentum * (1.0 - ENERGY_TOLERANCE) {
        return Err(FaultReason::EnergyBelowMomentum { energy, momentum });
    }
    if transverse == 0.0 {
        return Err(FaultReason::AlongTheBeam);
    }
    let along = (px * x + py * y) / transverse;
    let distance = (x * x + y * y).sqrt();
    if along.abs() > POINT_TOLERANCE.0 * distance + POINT_TOLERANCE.1 {
        return Err(FaultReason::NotPerpendicular(along));
    }
    Ok(Track {
        energy,
        momentum: [px, py, pz],
        point: [x, y, z],
    })
}

fn is_prose(word: &[u8]) -> bool {
    parse_number(word).is_none()
}

fn number(word: &[u8], field: &'static str) -> Result<f64, FaultReason> {
    match parse_number(word) {
        Some(value) if value.is_finite() => Ok(value),
        Some(_) => Err(FaultReason::NotFinite {
            field,
            word: shown(word),
        }),
        None => Err(FaultReason::NotANumber {
            field,
            word: shown(word),
        }),
    }
}

/// The start of `text`, for messages.
fn shown(text: &[u8]) -> String {
    const MOST: usize = 60;
    let text = String::from_utf8_lossy(&text[..text.len().min(4 * MOST)]);
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}
