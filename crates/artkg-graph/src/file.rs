//! The graph file: one versioned, checksummed file.
//!
//! All numbers are little-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `ARTKGRPH` |
//! | 4 | format version |
//! | 4 | length of the header |
//! | 8 | length of everything between header and checksum |
//! | … | header: JSON with provenance, kinds, relations and counts |
//! | 2 a node | its kind |
//! | 8 a node | where its name ends in the text |
//! | … | the names' text, UTF-8 |
//! | 4 an edge | source node |
//! | 4 an edge | target node |
//! | 2 an edge | relation |
//! | 4 an edge | count |
//! | … | identities and other spellings: a JSON array a line, `[node, {…}]` |
//! | 4 | CRC-32 of everything before |

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::damage::Damage;
use crate::error::{Error, FileKind, Result};
use crate::graph::{Edge, KnowledgeGraph, Provenance};
use crate::identities::NodeIdentity;
use crate::node_table::NodeTable;

const MAGIC: &[u8; 8] = b"ARTKGRPH";
const PREFIX: usize = 24;
/// The version of the graph file format that this artkg writes. It reads the older
/// ones, too: version 1 has no identities.
pub const GRAPH_FORMAT: u32 = 2;

#[derive(Serialize, Deserialize)]
struct Header {
    provenance: Provenance,
    kinds: Vec<String>,
    relations: Vec<String>,
    nodes: usize,
    edges: usize,
    text_bytes: usize,
    #[serde(default)]
    identity_bytes: usize,
}

impl KnowledgeGraph {
    /// Whether a file that begins like this is a graph file, of whatever version.
    pub fn is_file(beginning: &[u8]) -> bool {
        beginning.starts_with(MAGIC)
    }

    /// Writes the graph file, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let nodes = self.nodes();
        let json = |source| Error::Header {
            path: path.to_path_buf(),
            source,
        };
        let mut identities = Vec::new();
        for known in self.identities().iter() {
            serde_json::to_writer(&mut identities, &known).map_err(json)?;
            identities.push(b'\n');
        }
        let header = Header {
            provenance: self.provenance().clone(),
            kinds: nodes.kinds().to_vec(),
            relations: self.relations().to_vec(),
            nodes: nodes.len(),
            edges: self.edge_count(),
            text_bytes: nodes.text().len(),
            identity_bytes: identities.len(),
        };
        let header = serde_json::to_vec(&header).map_err(json)?;
        let arrays = nodes.len() * 10 + nodes.text().len() + self.edge_count() * 14;
        let body = arrays + identities.len();
        artkg_files::write_atomically(path, |writer| {
            let mut output = Checksummed {
                writer,
                checksum: crc32fast::Hasher::new(),
            };
            self.write(&mut output, &header, body, &identities)
                .map_err(|source| artkg_files::Error::new("write", path, source).into())
        })
    }

    fn write<W: Write>(
        &self,
        output: &mut Checksummed<'_, W>,
        header: &[u8],
        body: usize,
        identities: &[u8],
    ) -> std::io::Result<()> {
        output.put(MAGIC)?;
        output.put(&GRAPH_FORMAT.to_le_bytes())?;
        output.put(&(header.len() as u32).to_le_bytes())?;
        output.put(&(body as u64).to_le_bytes())?;
        output.put(header)?;
        let nodes = self.nodes();
        output.put_all(nodes.kind_numbers().iter().map(|kind| kind.to_le_bytes()))?;
        output.put_all(nodes.ends().iter().map(|end| end.to_le_bytes()))?;
        output.put(nodes.text().as_bytes())?;
        let edges = self.petgraph().raw_edges();
        let number = |node: petgraph::graph::NodeIndex| (node.index() as u32).to_le_bytes();
        output.put_all(edges.iter().map(|edge| number(edge.source())))?;
        output.put_all(edges.iter().map(|edge| number(edge.target())))?;
        output.put_all(edges.iter().map(|edge| edge.weight.relation.to_le_bytes()))?;
        output.put_all(edges.iter().map(|edge| edge.weight.count.to_le_bytes()))?;
        output.put(identities)?;
        let checksum = output.checksum.clone().finalize();
        output.writer.write_all(&checksum.to_le_bytes())
    }

    /// Reads a graph file.
    ///
    /// # Errors
    /// The file cannot be read, is no graph file, has another format version, is
    /// truncated, or its checksum does not match.
    pub fn load(path: &Path) -> Result<Self> {
        let unreadable = |source| Error::Unreadable {
            kind: FileKind::Graph,
            source,
        };
        let begins = artkg_files::read_beginning(path, MAGIC.len()).map_err(unreadable)?;
        // What is no graph is not read to its end, however long it is.
        let bytes = match &begins[..] == MAGIC {
            true => artkg_files::read_bytes(path).map_err(unreadable)?,
            false => begins,
        };
        let damaged = |damage: Damage| Error::Damaged {
            path: path.to_path_buf(),
            kind: FileKind::Graph,
            damage,
        };
        let content = |message: String| damaged(Damage::Content(message));
        let length = bytes.len() as u64;
        if bytes.len() < PREFIX || &bytes[..MAGIC.len()] != MAGIC {
            if MAGIC.starts_with(&bytes[..bytes.len().min(MAGIC.len())]) && !bytes.is_empty() {
                return Err(damaged(Damage::Truncated {
                    bytes: length,
                    expected: None,
                }));
            }
            return Err(Error::WrongKind {
                path: path.to_path_buf(),
                expected: FileKind::Graph,
            });
        }
        let mut input = Input {
            bytes: &bytes[MAGIC.len()..],
        };
        let found = input.u32().map_err(content)?;
        if !(1..=GRAPH_FORMAT).contains(&found) {
            return Err(Error::Version {
                path: path.to_path_buf(),
                kind: FileKind::Graph,
                found,
                supported: GRAPH_FORMAT,
            });
        }
        let header_length = input.u32().map_err(content)? as u64;
        let body_length = input.u64().map_err(content)?;
        let expected = (PREFIX as u64 + 4)
            .checked_add(header_length)
            .and_then(|length| length.checked_add(body_length));
        if expected != Some(length) {
            return Err(damaged(if expected > Some(length) {
                Damage::Truncated {
                    bytes: length,
                    expected,
                }
            } else {
                Damage::Length { bytes: length }
            }));
        }
        let (checked, checksum) = bytes.split_at(bytes.len() - 4);
        if crc32fast::hash(checked).to_le_bytes() != checksum {
            return Err(damaged(Damage::Checksum));
        }
        let mut input = Input {
            bytes: &checked[PREFIX..],
        };
        read_body(&mut input, header_length as usize).map_err(content)
    }
}

fn read_body(
    input: &mut Input<'_>,
    header_length: usize,
) -> std::result::Result<KnowledgeGraph, String> {
    let header: Header =
        serde_json::from_slice(input.take(header_length)?).map_err(|error| error.to_string())?;
    let kind_of = input.array(header.nodes, u16::from_le_bytes)?;
    let ends = input.array(header.nodes, u64::from_le_bytes)?;
    let text = std::str::from_utf8(input.take(header.text_bytes)?).map_err(|e| e.to_string())?;
    let nodes = NodeTable::from_parts(header.kinds, &kind_of, text, &ends)?;
    let sources = input.array(header.edges, u32::from_le_bytes)?;
    let targets = input.array(header.edges, u32::from_le_bytes)?;
    let relations = input.array(header.edges, u16::from_le_bytes)?;
    let counts = input.array(header.edges, u32::from_le_bytes)?;
    let identities = input.take(header.identity_bytes)?;
    if !input.bytes.is_empty() {
        return Err(format!("{} bytes left over", input.bytes.len()));
    }
    let edges = (0..header.edges).map(|edge| {
        let weight = Edge {
            relation: relations[edge],
            count: counts[edge],
        };
        (sources[edge], targets[edge], weight)
    });
    let mut graph = KnowledgeGraph::from_parts(nodes, header.relations, header.provenance, edges)?;
    for line in identities.split_inclusive(|byte| *byte == b'\n') {
        let (node, known): (u32, NodeIdentity) =
            serde_json::from_slice(line).map_err(|error| error.to_string())?;
        if node as usize >= header.nodes {
            return Err(format!("node {node} has an identity but does not exist"));
        }
        graph.identify(node, known.identities, known.aliases);
        graph.set_life(node, known.life);
    }
    Ok(graph)
}

/// A writer that keeps the checksum of what went through it.
struct Checksummed<'a, W: Write> {
    writer: &'a mut W,
    checksum: crc32fast::Hasher,
}

impl<W: Write> Checksummed<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.checksum.update(bytes);
        self.writer.write_all(bytes)
    }

    /// Writes many small numbers in blocks: checksums are slow on a few bytes.
    fn put_all<const N: usize>(
        &mut self,
        numbers: impl Iterator<Item = [u8; N]>,
    ) -> std::io::Result<()> {
        const BLOCK: usize = 1 << 16;
        let mut block = Vec::with_capacity(BLOCK + N);
        for number in numbers {
            block.extend_from_slice(&number);
            if block.len() >= BLOCK {
                self.put(&block)?;
                block.clear();
            }
        }
        self.put(&block)
    }
}

/// Bytes still to be read.
struct Input<'a> {
    bytes: &'a [u8],
}

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> std::result::Result<&'a [u8], String> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(length)
            .ok_or_else(|| format!("{length} bytes expected, {} left", self.bytes.len()))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<T, const N: usize>(
        &mut self,
        count: usize,
        decode: impl Fn([u8; N]) -> T,
    ) -> std::result::Result<Vec<T>, String> {
        let length = count.checked_mul(N).ok_or("a count is absurd")?;
        let (numbers, _) = self.take(length)?.as_chunks::<N>();
        Ok(numbers.iter().map(|bytes| decode(*bytes)).collect())
    }

    fn u32(&mut self) -> std::result::Result<u32, String> {
        Ok(self.array(1, u32::from_le_bytes)?[0])
    }

    fn u64(&mut self) -> std::result::Result<u64, String> {
        Ok(self.array(1, u64::from_le_bytes)?[0])
    }
}
