use std::path::{Path, PathBuf};

use artkg_files::fingerprint::Fingerprint;
use artkg_graph::node2vec::{Node2VecOptions, embed};
use artkg_graph::{EmbeddingMethod, Embeddings, KnowledgeGraph};
use artkg_tune::{Assignment, Value};
use serde_json::Value as Json;

use crate::error::{Error, Result};

/// What parameters of node2vec begin with.
pub(super) const PREFIX: &str = "node2vec.";

/// Embeds a graph as trials ask for, and keeps what it made: one file for each
/// choice of options.
pub struct GraphEmbedder {
    graph: KnowledgeGraph,
    /// The fingerprint of its file.
    graph_fingerprint: String,
    /// What no trial says otherwise.
    options: Node2VecOptions,
    cache: PathBuf,
}

impl GraphEmbedder {
    /// An embedder of the graph file `graph` that keeps its embeddings in the
    /// folder `cache`. What is not searched is as in `embeddings`, where they are
    /// given and node2vec's, else node2vec's defaults. It computes on one thread, so that the
    /// same options give the same vectors, bit for bit.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn new(graph: &Path, embeddings: Option<&Path>, cache: &Path, seed: u64) -> Result<Self> {
        let given = embeddings.map(Embeddings::load).transpose()?;
        let method = given.map(|embeddings| embeddings.provenance().options.clone());
        let options = match method {
            Some(EmbeddingMethod::Node2Vec(options)) => options,
            _ => Node2VecOptions {
                seed,
                ..Node2VecOptions::default()
            },
        };
        Ok(Self {
            graph: KnowledgeGraph::load(graph)?,
            graph_fingerprint: Fingerprint::new("file", 1).file(graph)?.finish(),
            options: Node2VecOptions {
                threads: 1,
                ..options
            },
            cache: cache.to_path_buf(),
        })
    }

    /// The file of the embeddings with the node2vec parameters among
    /// `parameters`, whether or not it exists.
    ///
    /// # Errors
    /// A parameter that node2vec does not have, or a value of the wrong kind.
    pub fn path(&self, parameters: &Assignment) -> Result<PathBuf> {
        self.file(&self.options_with(parameters)?)
    }

    /// Makes sure that the file of [`GraphEmbedder::path`] exists.
    ///
    /// # Errors
    /// As [`GraphEmbedder::path`], and when the graph cannot be embedded like
    /// that or the file cannot be written.
    pub fn embed(&self, parameters: &Assignment) -> Result<PathBuf> {
        let options = self.options_with(parameters)?;
        let path = self.file(&options)?;
        if !path.exists() {
            embed(&self.graph, &options, |_| {})?.save(&path)?;
        }
        Ok(path)
    }

    fn options_with(&self, parameters: &Assignment) -> Result<Node2VecOptions> {
        let mut options = json(&self.options)?;
        for (name, value) in parameters {
            let Some(option) = name.strip_prefix(PREFIX) else {
                continue;
            };
            *find(&mut options, option).ok_or_else(|| unknown(option))? = match value {
                Value::Flag(flag) => Json::from(*flag),
                Value::Integer(integer) => Json::from(*integer),
                Value::Number(number) => Json::from(*number),
                Value::Text(text) => Json::from(text.as_str()),
            };
        }
        serde_json::from_value(options).map_err(Error::Node2Vec)
    }

    /// Named after everything that decides its contents.
    fn file(&self, options: &Node2VecOptions) -> Result<PathBuf> {
        let mut known = Fingerprint::new("node2vec", 1);
        known
            .text(&json(options)?.to_string())
            .text(&self.graph_fingerprint);
        let digits = known.finish();
        let digits = digits.rsplit(':').next().unwrap_or_default();
        let name = format!("node2vec-{}.safetensors", &digits[..16]);
        Ok(self.cache.join(name))
    }
}

/// Refuses what is no option of node2vec.
pub(super) fn check_option(option: &str) -> Result<()> {
    let mut options = json(&Node2VecOptions::default())?;
    match find(&mut options, option) {
        Some(_) => Ok(()),
        None => Err(unknown(option)),
    }
}

fn json(options: &Node2VecOptions) -> Result<Json> {
    serde_json::to_value(options).map_err(Error::Node2Vec)
}

/// The option of that name; those of the walks need no further prefix.
fn find<'a>(options: &'a mut Json, name: &str) -> Option<&'a mut Json> {
    let walks = options.get("walks").and_then(|walks| walks.get(name));
    let value = match walks {
        Some(_) => options.get_mut("walks")?.get_mut(name),
        None => options.get_mut(name),
    };
    value.filter(|value| !value.is_object())
}

fn unknown(option: &str) -> Error {
    Error::UnknownNode2Vec(option.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedder(folder: &Path) -> GraphEmbedder {
        let options = artkg_painter::DemoOptions {
            count: 40,
            size: 32,
            seed: 0,
        };
        let corpus = artkg_painter::synthesize(&folder.join("corpus"), &options).unwrap();
        let schema = artkg_graph::Schema::built_in().unwrap();
        let graph = KnowledgeGraph::build(&corpus, &schema, &Default::default()).unwrap();
        graph.save(&folder.join("graph.akg")).unwrap();
        GraphEmbedder::new(&folder.join("graph.akg"), None, &folder.join("cache"), 3).unwrap()
    }

    fn parameters(values: &[(&str, f64)]) -> Assignment {
        let values = values.iter();
        values
            .map(|(name, value)| (format!("{PREFIX}{name}"), Value::Number(*value)))
            .collect()
    }

    #[test]
    fn options_decide_the_file_and_the_vectors() {
        let folder = tempfile::tempdir().unwrap();
        let embedder = embedder(folder.path());
        let one = parameters(&[("return_parameter", 0.5), ("in_out_parameter", 2.0)]);
        let path = embedder.embed(&one).unwrap();
        assert_eq!(path, embedder.path(&one).unwrap());
        let embeddings = Embeddings::load(&path).unwrap();
        let EmbeddingMethod::Node2Vec(options) = &embeddings.provenance().options else {
            panic!("{:?}", embeddings.provenance());
        };
        assert_eq!(options.walks.return_parameter, 0.5);
        assert_eq!(options.walks.in_out_parameter, 2.0);
        assert_eq!((options.seed, options.threads), (3, 1));

        // Made anew, it is the same; another choice is another file.
        std::fs::remove_file(&path).unwrap();
        embedder.embed(&one).unwrap();
        assert!(Embeddings::load(&path).unwrap().vectors() == embeddings.vectors());
        let other = embedder
            .embed(&parameters(&[("return_parameter", 0.25)]))
            .unwrap();
        assert_ne!(other, path);
    }

    #[test]
    fn options_that_node2vec_does_not_have_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let embedder = embedder(folder.path());
        let message = embedder.path(&parameters(&[("walks", 1.0)])).unwrap_err();
        assert!(message.to_string().contains("no option walks"), "{message}");
        let message = embedder.path(&parameters(&[("window", 1.5)])).unwrap_err();
        assert!(message.to_string().contains("1.5"), "{message}");
        let refused = embedder.embed(&parameters(&[("return_parameter", -1.0)]));
        assert!(refused.unwrap_err().to_string().contains("(p)"));
    }
}
