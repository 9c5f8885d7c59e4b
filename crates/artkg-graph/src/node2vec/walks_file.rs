use std::io::Write;
use std::path::Path;

use super::adjacency::Adjacency;
use super::options::Node2VecOptions;
use super::walks::Walker;
use crate::error::Result;

/// Whether a file that begins like this holds walks: numbers and spaces alone.
pub fn is_walks_file(beginning: &[u8]) -> bool {
    let first = beginning
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b' ';
    !first.is_empty() && first.iter().all(is_part)
}

/// Writes the walks that the first epoch of training learns from, in its order: a
/// line a walk, node numbers separated by spaces.
///
/// # Errors
/// Options out of range, or the file cannot be written.
pub fn write_walks(adjacency: &Adjacency, options: &Node2VecOptions, path: &Path) -> Result<()> {
    options.check()?;
    let walker = Walker::new(adjacency, &options.walks, options.seed);
    artkg_files::write_atomically(path, |writer| {
        let mut walk = Vec::new();
        for round in 0..options.walks.walks_per_node as u64 {
            for start in walker.order(round) {
                walker.walk(round, start, &mut walk);
                write_line(writer, &walk)
                    .map_err(|source| artkg_files::Error::new("write", path, source))?;
            }
        }
        Ok(())
    })
}

fn write_line(writer: &mut impl Write, walk: &[u32]) -> std::io::Result<()> {
    for (place, node) in walk.iter().enumerate() {
        let separator = if place == 0 { "" } else { " " };
        write!(writer, "{separator}{node}")?;
    }
    writeln!(writer)
}
