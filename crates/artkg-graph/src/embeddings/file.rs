//! The embeddings file: safetensors.
//!
//! | tensor | type and shape | what |
//! |---|---|---|
//! | `vectors` | F32 [n, d] | the vectors |
//! | `kinds` | U16 [n] | the number of each node's kind |
//! | `name_ends` | U64 [n] | where each node's name ends in `names` |
//! | `names` | U8 [bytes] | the names one after another, UTF-8 |
//! | `relation_vectors` | F32 [r, d] | the relations' vectors, of triplet models only |
//!
//! The metadata has `format` (`artkg-embeddings`), `version`, `kinds` and `relations`
//! (JSON lists, the latter with `relation_vectors` only), `provenance` (JSON), and the
//! checksum of the whole file ([`artkg_files::checksum`]). Files of version 1 have
//! `checksum` instead, the CRC-32 of the tensors in this order.
//! Names are a tensor because readers limit the header to 100 MB.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::Path;

use artkg_files::checksum;
use safetensors::{Dtype, SafeTensors, View};

use super::method::EmbeddingProvenance;
use super::vectors::Embeddings;
use crate::damage::Damage;
use crate::error::{Error, FileKind, Result};
use crate::node_table::NodeTable;

const FORMAT: &str = "artkg-embeddings";
/// The version of the embeddings file format that this artkg reads and writes.
const EMBEDDINGS_FORMAT: u32 = 2;
/// The version whose checksum leaves the header out, which is still read.
const TENSORS_CHECKED: u32 = 1;

struct Bytes<'a> {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Cow<'a, [u8]>,
}

impl View for &Bytes<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// Puts the header's keys in order: safetensors writes metadata as its hash map
/// has it, and the same vectors are to give the same file.
fn order_header(file: &mut [u8]) -> serde_json::Result<()> {
    let (length, rest) = file.split_at_mut(size_of::<u64>());
    let length = u64::from_le_bytes(length.try_into().unwrap_or_default()) as usize;
    let header = &mut rest[..length];
    let entries: BTreeMap<String, BTreeMap<String, serde_json::Value>> =
        serde_json::from_slice(header)?;
    // The same text in another order, and spaces up to the data.
    let ordered = serde_json::to_vec(&entries)?;
    header.fill(b' ');
    header[..ordered.len()].copy_from_slice(&ordered);
    Ok(())
}

impl Embeddings {
    /// Whether a file that begins like this is an embeddings file, of whatever version.
    pub fn is_file(beginning: &[u8]) -> bool {
        let mark = format!("\"format\":\"{FORMAT}\"");
        let header = beginning.get(size_of::<u64>()..).unwrap_or_default();
        header.starts_with(b"{\"__metadata__\"") && artkg_files::has_part(header, &mark)
    }

    /// Writes the safetensors file, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let unwritable = |source| Error::Header {
            path: path.to_path_buf(),
            source,
        };
        let tensors = self.tensors();
        let mut metadata = HashMap::from([
            ("format".to_owned(), FORMAT.to_owned()),
            ("version".to_owned(), EMBEDDINGS_FORMAT.to_string()),
            (
                "kinds".to_owned(),
                serde_json::to_string(self.nodes.kinds()).map_err(unwritable)?,
            ),
            (
                "provenance".to_owned(),
                serde_json::to_string(&self.provenance).map_err(unwritable)?,
            ),
        ]);
        metadata.extend(checksum::entries());
        if !self.relations.is_empty() {
            let relations = serde_json::to_string(&self.relations).map_err(unwritable)?;
            metadata.insert("relations".to_owned(), relations);
        }
        let views = tensors.iter().map(|(name, tensor)| (*name, tensor));
        let mut bytes =
            safetensors::serialize(views, Some(metadata)).map_err(|source| Error::Tensors {
                path: path.to_path_buf(),
                source: Box::new(source),
            })?;
        order_header(&mut bytes).map_err(unwritable)?;
        let end = checksum::header_end(&bytes).unwrap_or(bytes.len());
        let (start, rest) = bytes.split_at_mut(end);
        // Hashing in memory cannot fail.
        let _ = checksum::seal(start, |hash| hash.write_all(rest));
        artkg_files::write_atomically(path, |writer| {
            writer
                .write_all(&bytes)
                .map_err(|source| artkg_files::Error::new("write", path, source).into())
        })
    }

    fn tensors(&self) -> Vec<(&'static str, Bytes<'_>)> {
        let nodes = self.nodes.len();
        let tensor = |dtype, shape, bytes| Bytes {
            dtype,
            shape,
            bytes,
        };
        let floats = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let kinds = self
            .nodes
            .kind_numbers()
            .iter()
            .flat_map(|kind| kind.to_le_bytes());
        let ends = self.nodes.ends().iter().flat_map(|end| end.to_le_bytes());
        let names = self.nodes.text().as_bytes();
        let shape = |rows| vec![rows, self.dimension];
        let mut tensors = vec![
            (
                "vectors",
                tensor(Dtype::F32, shape(nodes), floats(&self.vectors)),
            ),
            ("kinds", tensor(Dtype::U16, vec![nodes], kinds.collect())),
            ("name_ends", tensor(Dtype::U64, vec![nodes], ends.collect())),
            (
                "names",
                tensor(Dtype::U8, vec![names.len()], Cow::Borrowed(names)),
            ),
        ];
        if !self.relations.is_empty() {
            let values = floats(&self.relation_vectors);
            let vectors = tensor(Dtype::F32, shape(self.relations.len()), values);
            tensors.push(("relation_vectors", vectors));
        }
        tensors
    }

    /// Reads a file that [`Embeddings::save`] wrote.
    ///
    /// # Errors
    /// The file cannot be read, holds something else, has another version, is
    /// truncated, or its checksum does not match.
    pub fn load(path: &Path) -> Result<Self> {
        let (bytes, _) = artkg_files::read_tensors(path).map_err(|source| Error::Unreadable {
            kind: FileKind::Embeddings,
            source,
        })?;
        let damaged = |damage: Damage| Error::Damaged {
            path: path.to_path_buf(),
            kind: FileKind::Embeddings,
            damage,
        };
        let content = |message: String| damaged(Damage::Content(message));
        let tensors =
            SafeTensors::deserialize(&bytes).map_err(|error| content(error.to_string()))?;
        let (_, header) =
            SafeTensors::read_metadata(&bytes).map_err(|error| content(error.to_string()))?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let entry = |name: &str| metadata.get(name).map(String::as_str).unwrap_or_default();
        if entry("format") != FORMAT {
            return Err(Error::WrongKind {
                path: path.to_path_buf(),
                expected: FileKind::Embeddings,
            });
        }
        let found: u32 = entry("version")
            .parse()
            .map_err(|_| content("it has no version".to_owned()))?;
        if found != EMBEDDINGS_FORMAT && found != TENSORS_CHECKED {
            return Err(Error::Version {
                path: path.to_path_buf(),
                kind: FileKind::Embeddings,
                found,
                supported: EMBEDDINGS_FORMAT,
            });
        }
        let sealed = checksum::check(&bytes).map_err(|_| damaged(Damage::Checksum))?;
        if found == EMBEDDINGS_FORMAT && !sealed.is_recorded() {
            return Err(content("it has no checksum".to_owned()));
        }
        let of_tensors = (found == TENSORS_CHECKED).then(|| entry("checksum"));
        let kinds = serde_json::from_str(entry("kinds")).map_err(|e| content(e.to_string()))?;
        let relations = match metadata.get("relations") {
            Some(list) => serde_json::from_str(list).map_err(|e| content(e.to_string()))?,
            None => Vec::new(),
        };
        let provenance: EmbeddingProvenance =
            serde_json::from_str(entry("provenance")).map_err(|e| content(e.to_string()))?;
        read_tensors(&tensors, kinds, relations, provenance, of_tensors).map_err(damaged)
    }
}

fn read_tensors(
    tensors: &SafeTensors<'_>,
    kinds: Vec<String>,
    relations: Vec<String>,
    provenance: EmbeddingProvenance,
    expected_checksum: Option<&str>,
) -> std::result::Result<Embeddings, Damage> {
    let mut checksum = crc32fast::Hasher::new();
    let mut read = |name: &str, dtype: Dtype, dimensions: usize| {
        let view = tensors.tensor(name).map_err(|error| error.to_string())?;
        if view.dtype() != dtype || view.shape().len() != dimensions {
            return Err(format!(
                "tensor `{name}` is {:?} {:?}",
                view.dtype(),
                view.shape()
            ));
        }
        if expected_checksum.is_some() {
            checksum.update(view.data());
        }
        Ok(view)
    };
    let vectors = read("vectors", Dtype::F32, 2)?;
    let kind_of = decode(read("kinds", Dtype::U16, 1)?.data(), u16::from_le_bytes);
    let ends = decode(read("name_ends", Dtype::U64, 1)?.data(), u64::from_le_bytes);
    let names = read("names", Dtype::U8, 1)?;
    let relation_vectors = match relations.len() {
        0 => None,
        _ => Some(read("relation_vectors", Dtype::F32, 2)?),
    };
    let found = format!("{:08x}", checksum.finalize());
    if expected_checksum.is_some_and(|expected| expected != found) {
        return Err(Damage::Checksum);
    }
    let text = std::str::from_utf8(names.data()).map_err(|error| error.to_string())?;
    let nodes = NodeTable::from_parts(kinds, &kind_of, text, &ends)?;
    let (rows, dimension) = (vectors.shape()[0], vectors.shape()[1]);
    if rows != nodes.len() {
        let message = format!("{rows} vectors for {} nodes", nodes.len());
        return Err(Damage::Content(message));
    }
    let relation_vectors = match relation_vectors {
        None => Vec::new(),
        Some(view) if view.shape() != [relations.len(), dimension] => {
            let shape = view.shape();
            return Err(Damage::Content(format!(
                "tensor `relation_vectors` is {shape:?} for {} relations",
                relations.len()
            )));
        }
        Some(view) => decode(view.data(), f32::from_le_bytes),
    };
    let vectors = decode(vectors.data(), f32::from_le_bytes);
    let all = vectors.iter().chain(&relation_vectors);
    match all.filter(|value| !value.is_finite()).count() {
        0 => {}
        faulty => {
            let message = format!("{faulty} of its values are infinite or no numbers");
            return Err(Damage::Content(message));
        }
    }
    Ok(Embeddings {
        nodes,
        relations,
        dimension,
        vectors,
        relation_vectors,
        provenance,
    })
}

fn decode<T, const N: usize>(bytes: &[u8], decode: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes
        .as_chunks::<N>()
        .0
        .iter()
        .map(|number| decode(*number))
        .collect()
}
