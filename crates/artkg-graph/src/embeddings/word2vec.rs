use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use super::vectors::Embeddings;
use crate::error::Result;

impl Embeddings {
    /// Whether a file that begins like this has vectors in word2vec's text format.
    pub fn is_word2vec(beginning: &[u8]) -> bool {
        let mut lines = beginning.split(|byte| *byte == b'\n');
        let words = |line: Option<&[u8]>| {
            let text = String::from_utf8_lossy(line.unwrap_or_default()).into_owned();
            text.split(' ').map(str::to_owned).collect::<Vec<_>>()
        };
        let (counts, first) = (words(lines.next()), words(lines.next()));
        counts.len() == 2
            && counts.iter().all(|count| count.parse::<usize>().is_ok())
            && first.len() > 1
            && first[1].parse::<f32>().is_ok()
    }

    /// Writes the word2vec text format: a line with the number of vectors and
    /// their length, then one line per node with its name and numbers.
    ///
    /// The format separates by spaces, so a node is called `kind:name` with `_` in
    /// place of white space. Where that makes two names equal, the later ones get
    /// `#2`, `#3`, … added.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_word2vec(&self, path: &Path) -> Result<()> {
        artkg_files::write_atomically(path, |writer| {
            self.write_lines(writer)
                .map_err(|source| artkg_files::Error::new("write", path, source).into())
        })
    }

    fn write_lines(&self, writer: &mut impl Write) -> std::io::Result<()> {
        writeln!(writer, "{} {}", self.len(), self.dimension)?;
        let mut used = HashSet::new();
        for (node, (kind, name)) in self.keys().enumerate() {
            let plain = word(kind, name);
            let mut unique = plain.clone();
            let mut copy = 2;
            while !used.insert(unique.clone()) {
                unique = format!("{plain}#{copy}");
                copy += 1;
            }
            write!(writer, "{unique}")?;
            for value in self.vector(node as u32) {
                write!(writer, " {value}")?;
            }
            writeln!(writer)?;
        }
        Ok(())
    }
}

fn word(kind: &str, name: &str) -> String {
    let breaks = |letter: char| letter.is_whitespace() || letter.is_control();
    let name: String = name
        .chars()
        .map(|letter| if breaks(letter) { '_' } else { letter })
        .collect();
    format!("{kind}:{name}")
}
