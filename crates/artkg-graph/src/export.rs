//! The graph in the formats of other programs.

mod dot;
mod gexf;
mod graphml;
mod ntriples;
mod tables;
mod xml;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use artkg_files::Writer;

use crate::error::{Error, Result};
use crate::graph::KnowledgeGraph;

/// The namespace of exported IRIs unless the user gives one of theirs.
pub const DEFAULT_BASE_IRI: &str = "urn:artkg:";

/// A format that graphs can be exported to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// GraphML, read by networkx, igraph, yEd, Gephi.
    GraphMl,
    /// GEXF 1.2, read by Gephi and networkx.
    Gexf,
    /// The DOT language of Graphviz.
    Dot,
    /// A folder with `nodes.csv` and `edges.csv`.
    Csv,
    /// RDF as N-Triples, read by triple stores.
    NTriples,
}

impl ExportFormat {
    /// All formats.
    pub const ALL: [Self; 5] = [
        Self::GraphMl,
        Self::Gexf,
        Self::Dot,
        Self::Csv,
        Self::NTriples,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::GraphMl => "graphml",
            Self::Gexf => "gexf",
            Self::Dot => "dot",
            Self::Csv => "csv",
            Self::NTriples => "ntriples",
        }
    }

    /// The format that a file's extension tells, if any.
    pub fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "gv" => Some(Self::Dot),
            "nt" => Some(Self::NTriples),
            extension => extension.parse().ok(),
        }
    }
}

impl ExportFormat {
    /// The files that an export to `path` consists of.
    pub fn files(self, path: &Path) -> Vec<PathBuf> {
        match self {
            Self::Csv => ["nodes.csv", "edges.csv"]
                .map(|name| path.join(name))
                .into(),
            _ => vec![path.to_path_buf()],
        }
    }

    /// Whether a file that begins like this is an export of ours in this format.
    pub fn is_file(self, beginning: &[u8]) -> bool {
        let has = |mark: &str| artkg_files::has_part(beginning, mark);
        match self {
            Self::GraphMl => has("<graphml ") && has("<graph id=\"artkg\""),
            Self::Gexf => has("http://www.gexf.net/1.2draft") && has("<attribute id=\"kind\""),
            Self::Dot => beginning.starts_with(b"digraph artkg {"),
            Self::Csv => {
                artkg_files::has_columns(beginning, &tables::NODE_COLUMNS)
                    || artkg_files::has_columns(beginning, &tables::EDGE_COLUMNS)
            }
            Self::NTriples => beginning.starts_with(b"<") && has(ntriples::TYPE) && has("kind/"),
        }
    }
}

impl FromStr for ExportFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wanted = text.to_ascii_lowercase().replace('-', "");
        Self::ALL
            .into_iter()
            .find(|format| format.name() == wanted)
            .ok_or_else(|| Error::UnknownFormat {
                format: text.to_owned(),
                known: Self::ALL.map(Self::name).to_vec(),
            })
    }
}

impl KnowledgeGraph {
    /// Writes the graph to a file, or to a folder for [`ExportFormat::Csv`].
    /// `base_iri` begins every IRI of N-Triples; see [`DEFAULT_BASE_IRI`].
    ///
    /// # Errors
    /// The file cannot be written, or `base_iri` is no absolute IRI.
    pub fn export(&self, format: ExportFormat, path: &Path, base_iri: &str) -> Result<()> {
        match format {
            ExportFormat::GraphMl => write(path, |writer| graphml::write(self, writer)),
            ExportFormat::Gexf => write(path, |writer| gexf::write(self, writer)),
            ExportFormat::Dot => write(path, |writer| dot::write(self, writer)),
            ExportFormat::NTriples => {
                ntriples::check_base(base_iri)?;
                write(path, |writer| ntriples::write(self, base_iri, writer))
            }
            ExportFormat::Csv => {
                if path.is_file() {
                    return Err(Error::NotAFolder {
                        path: path.to_path_buf(),
                    });
                }
                let files = format.files(path);
                write(&files[0], |writer| tables::write_nodes(self, writer))?;
                write(&files[1], |writer| tables::write_edges(self, writer))
            }
        }
    }
}

fn write(path: &Path, content: impl FnOnce(&mut Writer) -> std::io::Result<()>) -> Result<()> {
    artkg_files::write_atomically(path, |writer| {
        content(writer).map_err(|source| artkg_files::Error::new("write", path, source).into())
    })
}
