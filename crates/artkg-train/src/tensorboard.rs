//! TensorBoard event files: `TFRecord` frames of `Event` protocol buffers with
//! scalar summaries (tensorflow/core/util/event.proto, lib/io/record_writer).

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::append::AppendFile;
use crate::error::Result;

/// Writes scalars that TensorBoard shows.
#[derive(Debug)]
pub(crate) struct EventWriter {
    file: AppendFile,
}

const PREFIX: &str = "events.out.tfevents.";

impl EventWriter {
    /// Opens the event file of `folder`, keeping its first `keep` bytes; a new
    /// one is started where there is none.
    pub(crate) fn open(folder: &Path, keep: u64) -> Result<Self> {
        let path = existing(folder).unwrap_or_else(|| {
            let seconds = seconds_since_epoch() as u64;
            folder.join(format!("{PREFIX}{seconds}.artkg"))
        });
        let mut file = AppendFile::open(&path, keep)?;
        if file.length() == 0 {
            let mut event = event_head(0);
            put_bytes(&mut event, 3, b"brain.Event:2");
            file.append(&frame(&event))?;
        }
        Ok(Self { file })
    }

    /// Writes named values of one step.
    pub(crate) fn scalars(&mut self, step: u64, values: &[(String, f64)]) -> Result<()> {
        let mut summary = Vec::new();
        for (tag, value) in values {
            let mut entry = Vec::new();
            put_bytes(&mut entry, 1, tag.as_bytes());
            put_tag(&mut entry, 2, 5);
            entry.extend((*value as f32).to_le_bytes());
            put_bytes(&mut summary, 1, &entry);
        }
        let mut event = event_head(step);
        put_bytes(&mut event, 5, &summary);
        self.file.append(&frame(&event))
    }

    /// Waits until everything has reached the disk.
    pub(crate) fn sync(&mut self) -> Result<()> {
        self.file.sync()
    }

    /// The length of the file in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.file.length()
    }
}

fn existing(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX))
        })
        .min()
}

fn seconds_since_epoch() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0.0, |duration| duration.as_secs_f64())
}

/// The wall time and the step of an event.
fn event_head(step: u64) -> Vec<u8> {
    let mut event = Vec::new();
    put_tag(&mut event, 1, 1);
    event.extend(seconds_since_epoch().to_le_bytes());
    put_tag(&mut event, 2, 0);
    put_number(&mut event, step);
    event
}

/// A field's number and wire type: 0 number, 1 eight bytes, 2 length and
/// bytes, 5 four bytes.
fn put_tag(buffer: &mut Vec<u8>, field: u8, wire_type: u8) {
    buffer.push(field << 3 | wire_type);
}

/// Seven bits a byte, lowest first; the high bit says that more follow.
fn put_number(buffer: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        buffer.push(number as u8 | 0x80);
        number >>= 7;
    }
    buffer.push(number as u8);
}

fn put_bytes(buffer: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    put_tag(buffer, field, 2);
    put_number(buffer, bytes.len() as u64);
    buffer.extend(bytes);
}

/// A record: length, checksum of the length, data, checksum of the data.
fn frame(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(data.len() + 16);
    record.extend(length);
    record.extend(masked_checksum(&length).to_le_bytes());
    record.extend(data);
    record.extend(masked_checksum(data).to_le_bytes());
    record
}

/// TFRecord's checksums are rotated and shifted, so that a record of a record
/// keeps a useful checksum.
fn masked_checksum(bytes: &[u8]) -> u32 {
    checksum(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C (Castagnoli), bit by bit: records are a few hundred bytes.
fn checksum(bytes: &[u8]) -> u32 {
    let remainder = bytes.iter().fold(u32::MAX, |remainder, byte| {
        (0..8).fold(remainder ^ u32::from(*byte), |remainder, _| {
            remainder >> 1 ^ (0x82f6_3b78 & (remainder & 1).wrapping_neg())
        })
    });
    !remainder
}

#[cfg(test)]
#[path = "tensorboard/tests.rs"]
mod tests;
