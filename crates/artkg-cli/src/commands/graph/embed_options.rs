//! What each method of `artkg graph embed` can be told.

use std::path::PathBuf;

use artkg_graph::node2vec::{Node2VecOptions, WalkOptions};
use artkg_graph::triplets::{Loss, TripletModel, TripletOptions};
use artkg_graph::{EmbeddingMethod, NetworkEncoder, NetworkOptions};
use clap::{Args, ValueEnum};

use crate::defaults::{by_name, with_default, word};
use crate::globals::Globals;

/// Options of the method that vectors are learnt by.
#[derive(Args)]
pub(super) struct MethodArguments {
    /// Method: random walks (node2vec), a model of edges as triplets, or a graph neural network
    #[arg(long, value_enum, default_value_t = Method::Node2vec)]
    method: Method,
    /// Length of the vectors
    #[arg(long, default_value_t = Node2VecOptions::default().dimension)]
    dimension: usize,
    #[arg(long, help = with_default(
        "Negative samples for each node, for each side of a triplet, or for each edge",
        by_method(
            |walks| shown(walks.negatives),
            |triplets| shown(triplets.negatives),
            |networks| shown(networks.negatives),
        ),
    ))]
    negatives: Option<usize>,
    #[arg(long, help = with_default(
        "Passes over all walks (drawn anew) or all edges",
        by_method(
            |walks| shown(walks.epochs),
            |triplets| shown(triplets.epochs),
            |networks| shown(networks.epochs),
        ),
    ))]
    epochs: Option<usize>,
    #[arg(long, help = with_default(
        "Learning rate at the start; it falls linearly",
        by_method(
            |walks| shown(walks.initial_learning_rate),
            |triplets| shown(triplets.learning_rate),
            |networks| shown(networks.learning_rate),
        ),
    ))]
    learning_rate: Option<f32>,
    #[command(flatten)]
    pub(super) walks: WalkArguments,
    #[command(flatten)]
    triplets: TripletArguments,
    #[command(flatten)]
    network: NetworkArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Method {
    Node2vec,
    Transe,
    Distmult,
    Rotate,
    Graphsage,
    Rgcn,
}

/// What kind of method it is.
enum Family {
    Walks,
    Triplets(TripletModel),
    Network(NetworkEncoder),
}

impl Family {
    /// The method's name.
    fn name(&self) -> &'static str {
        match self {
            Self::Walks => "node2vec",
            Self::Triplets(model) => model.name(),
            Self::Network(encoder) => encoder.name(),
        }
    }
}

/// Options of graph neural networks.
#[derive(Args)]
#[command(next_help_heading = "GraphSAGE and R-GCN")]
struct NetworkArguments {
    #[arg(long, help = with_default(
        "How many edges away a node's vector looks",
        NetworkOptions::of(NetworkEncoder::Rgcn).layers,
    ))]
    layers: Option<usize>,
    #[arg(long, help = with_default(
        "From how many matrices those of the relations are mixed, for rgcn",
        NetworkOptions::of(NetworkEncoder::Rgcn).bases,
    ))]
    bases: Option<usize>,
}

/// Options of node2vec.
#[derive(Args)]
#[command(next_help_heading = "node2vec")]
pub(super) struct WalkArguments {
    /// Also write the walks of the first epoch, one line of node numbers per walk
    #[arg(long, value_name = "FILE")]
    pub(super) walks_output: Option<PathBuf>,
    #[arg(long, help = with_default(
        "Number of nodes in a walk",
        WalkOptions::default().length,
    ))]
    walk_length: Option<usize>,
    #[arg(long, help = with_default(
        "Walks that start from each node, in each epoch",
        WalkOptions::default().walks_per_node,
    ))]
    walks_per_node: Option<usize>,
    #[arg(long, short = 'p', help = with_default(
        "p: above 1, walks rarely step straight back; below 1, they often do",
        WalkOptions::default().return_parameter,
    ))]
    return_parameter: Option<f32>,
    #[arg(long, short = 'Q', help = with_default(
        "q: above 1, walks stay near their last node; below 1, they move away",
        WalkOptions::default().in_out_parameter,
    ))]
    in_out_parameter: Option<f32>,
    /// Follow edges in proportion to their counts
    #[arg(long)]
    weighted: bool,
    #[arg(long, help = with_default(
        "Largest distance in a walk between a node and its context",
        Node2VecOptions::default().window,
    ))]
    window: Option<usize>,
}

/// Options of triplet models.
#[derive(Args)]
#[command(next_help_heading = "TransE, DistMult and RotatE")]
struct TripletArguments {
    #[arg(long, value_enum, help = with_default(
        "Loss",
        by_model(|options| word::<LossName, _>(options.loss)),
    ))]
    loss: Option<LossName>,
    #[arg(long, help = with_default(
        "Margin of the loss",
        by_model(|options| options.margin),
    ))]
    margin: Option<f32>,
    #[arg(long, value_name = "TEMPERATURE", help = with_default(
        "How much more weight negatives with high scores get; at 0, all weigh the same",
        by_model(|options| options.adversarial_temperature),
    ))]
    adversarial: Option<f32>,
    #[arg(long, value_name = "SHARE", help = with_default(
        "Share of the negatives that have the replaced node's kind",
        by_model(|options| options.same_kind),
    ))]
    same_kind: Option<f32>,
    #[arg(long, help = with_default(
        "Triplets in a step, of graph neural networks, too",
        by_method(
            |_| None,
            |triplets| shown(triplets.batch),
            |networks| shown(networks.batch),
        ),
    ))]
    batch: Option<usize>,
    #[arg(long, help = with_default(
        "Strength of the penalty on the squares of the vectors",
        by_model(|options| options.regularisation),
    ))]
    regularisation: Option<f32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LossName {
    Margin,
    LogSigmoid,
}

impl Method {
    fn family(self) -> Family {
        match self {
            Self::Node2vec => Family::Walks,
            Self::Transe => Family::Triplets(TripletModel::TransE),
            Self::Distmult => Family::Triplets(TripletModel::DistMult),
            Self::Rotate => Family::Triplets(TripletModel::RotatE),
            Self::Graphsage => Family::Network(NetworkEncoder::GraphSage),
            Self::Rgcn => Family::Network(NetworkEncoder::Rgcn),
        }
    }
}

impl From<LossName> for Loss {
    fn from(name: LossName) -> Self {
        match name {
            LossName::Margin => Self::Margin,
            LossName::LogSigmoid => Self::LogSigmoid,
        }
    }
}

/// The default of a setting by triplet model, for help texts.
fn by_model<Value: ToString>(setting: impl Fn(&TripletOptions) -> Value) -> String {
    by_method(|_| None, |options| shown(setting(options)), |_| None)
}

/// A default that a method has.
fn shown(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}

/// The default of a setting by method, for help texts.
fn by_method(
    of_walks: impl Fn(&Node2VecOptions) -> Option<String>,
    of_triplets: impl Fn(&TripletOptions) -> Option<String>,
    of_networks: impl Fn(&NetworkOptions) -> Option<String>,
) -> String {
    let walks = ("node2vec", of_walks(&Node2VecOptions::default()));
    let triplets =
        TripletModel::ALL.map(|model| (model.name(), of_triplets(&TripletOptions::of(model))));
    let networks = [NetworkEncoder::GraphSage, NetworkEncoder::Rgcn]
        .map(|encoder| (encoder.name(), of_networks(&NetworkOptions::of(encoder))));
    by_name(std::iter::once(walks).chain(triplets).chain(networks))
}

impl WalkArguments {
    /// The first of these options that was given.
    fn given(&self) -> Option<&'static str> {
        first_given(&[
            ("--walks-output", self.walks_output.is_some()),
            ("--walk-length", self.walk_length.is_some()),
            ("--walks-per-node", self.walks_per_node.is_some()),
            ("--return-parameter", self.return_parameter.is_some()),
            ("--in-out-parameter", self.in_out_parameter.is_some()),
            ("--weighted", self.weighted),
            ("--window", self.window.is_some()),
        ])
    }
}

impl TripletArguments {
    /// The first of these options that was given.
    fn given(&self) -> Option<&'static str> {
        first_given(&[
            ("--loss", self.loss.is_some()),
            ("--margin", self.margin.is_some()),
            ("--adversarial", self.adversarial.is_some()),
            ("--same-kind", self.same_kind.is_some()),
            ("--batch", self.batch.is_some()),
            ("--regularisation", self.regularisation.is_some()),
        ])
    }
}

impl NetworkArguments {
    /// The first of these options that was given.
    fn given(&self) -> Option<&'static str> {
        first_given(&[
            ("--layers", self.layers.is_some()),
            ("--bases", self.bases.is_some()),
        ])
    }
}

fn first_given(options: &[(&'static str, bool)]) -> Option<&'static str> {
    options
        .iter()
        .find(|option| option.1)
        .map(|option| option.0)
}

impl MethodArguments {
    /// The method with its options.
    pub(super) fn options(&self, globals: &Globals) -> Result<EmbeddingMethod, String> {
        let family = self.method.family();
        let (walks, triplets) = (self.walks.given(), self.triplets.given());
        let others = match family {
            Family::Walks => [None, triplets, self.network.given()],
            Family::Triplets(_) => [walks, None, self.network.given()],
            // What triplet models and networks both have stands with the former.
            Family::Network(_) => [walks, triplets.filter(|name| *name != "--batch"), None],
        };
        let methods = [
            "node2vec (`--method node2vec`)",
            "triplet models (`--method transe`, `distmult` or `rotate`)",
            "graph neural networks (`--method graphsage` or `rgcn`)",
        ];
        let mut foreign = others.iter().zip(methods);
        if let Some((Some(option), methods)) = foreign.find(|(option, _)| option.is_some()) {
            return Err(format!(
                "{option} is an option of {methods}, which {} is not: leave it out",
                family.name()
            ));
        }
        Ok(match family {
            Family::Walks => EmbeddingMethod::Node2Vec(self.node2vec_options(globals)),
            Family::Triplets(model) => {
                EmbeddingMethod::Triplets(self.triplet_options(model, globals))
            }
            Family::Network(encoder) => {
                EmbeddingMethod::Network(self.network_options(encoder, globals))
            }
        })
    }

    fn network_options(&self, encoder: NetworkEncoder, globals: &Globals) -> NetworkOptions {
        let defaults = NetworkOptions::of(encoder);
        NetworkOptions {
            dimension: self.dimension,
            layers: self.network.layers.unwrap_or(defaults.layers),
            bases: self.network.bases.unwrap_or(defaults.bases),
            epochs: self.epochs.unwrap_or(defaults.epochs),
            negatives: self.negatives.unwrap_or(defaults.negatives),
            batch: self.triplets.batch.unwrap_or(defaults.batch),
            learning_rate: self.learning_rate.unwrap_or(defaults.learning_rate),
            seed: globals.seed(),
            ..defaults
        }
    }

    fn node2vec_options(&self, globals: &Globals) -> Node2VecOptions {
        let (walks, defaults) = (&self.walks, Node2VecOptions::default());
        let rate = self.learning_rate.unwrap_or(defaults.initial_learning_rate);
        Node2VecOptions {
            walks: WalkOptions {
                length: walks.walk_length.unwrap_or(defaults.walks.length),
                walks_per_node: walks
                    .walks_per_node
                    .unwrap_or(defaults.walks.walks_per_node),
                return_parameter: walks
                    .return_parameter
                    .unwrap_or(defaults.walks.return_parameter),
                in_out_parameter: walks
                    .in_out_parameter
                    .unwrap_or(defaults.walks.in_out_parameter),
                weighted: walks.weighted,
            },
            dimension: self.dimension,
            window: walks.window.unwrap_or(defaults.window),
            negatives: self.negatives.unwrap_or(defaults.negatives),
            epochs: self.epochs.unwrap_or(defaults.epochs),
            initial_learning_rate: rate,
            final_learning_rate: rate / 250.0,
            seed: globals.seed(),
            threads: globals.threads(),
        }
    }

    fn triplet_options(&self, model: TripletModel, globals: &Globals) -> TripletOptions {
        let (triplets, defaults) = (&self.triplets, TripletOptions::of(model));
        TripletOptions {
            model,
            dimension: self.dimension,
            epochs: self.epochs.unwrap_or(defaults.epochs),
            negatives: self.negatives.unwrap_or(defaults.negatives),
            same_kind: triplets.same_kind.unwrap_or(defaults.same_kind),
            batch: triplets.batch.unwrap_or(defaults.batch),
            loss: triplets.loss.map_or(defaults.loss, Loss::from),
            margin: triplets.margin.unwrap_or(defaults.margin),
            adversarial_temperature: triplets
                .adversarial
                .unwrap_or(defaults.adversarial_temperature),
            learning_rate: self.learning_rate.unwrap_or(defaults.learning_rate),
            regularisation: triplets.regularisation.unwrap_or(defaults.regularisation),
            seed: globals.seed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    fn options(line: &str) -> Result<EmbeddingMethod, String> {
        let command = Globals::augment_args(Command::new("embed"));
        let matches = MethodArguments::augment_args(command)
            .try_get_matches_from(format!("embed --threads 2 {line}").split_whitespace())
            .unwrap();
        let globals = Globals::from_arg_matches(&matches).unwrap();
        MethodArguments::from_arg_matches(&matches)
            .unwrap()
            .options(&globals)
    }

    #[test]
    fn every_method_has_its_own_defaults() {
        let Ok(EmbeddingMethod::Node2Vec(walks)) = options("") else {
            panic!("node2vec is the default");
        };
        let usual = Node2VecOptions {
            threads: 2,
            // The last rate is computed from the first, up to rounding.
            final_learning_rate: walks.final_learning_rate,
            ..Node2VecOptions::default()
        };
        assert_eq!(walks, usual);
        for (name, model) in [
            ("transe", TripletModel::TransE),
            ("distmult", TripletModel::DistMult),
            ("rotate", TripletModel::RotatE),
        ] {
            let Ok(EmbeddingMethod::Triplets(triplets)) = options(&format!("--method {name}"))
            else {
                panic!("{name} is a model of triplets");
            };
            assert_eq!(triplets, TripletOptions::of(model));
        }
        for (name, encoder) in [
            ("graphsage", NetworkEncoder::GraphSage),
            ("rgcn", NetworkEncoder::Rgcn),
        ] {
            let line = format!("--method {name} --batch 64");
            let Ok(EmbeddingMethod::Network(network)) = options(&line) else {
                panic!("{line} is a network");
            };
            let usual = NetworkOptions {
                batch: 64,
                ..NetworkOptions::of(encoder)
            };
            assert_eq!(network, usual);
        }
    }

    #[test]
    fn the_learning_rate_falls_to_the_same_share() {
        let Ok(EmbeddingMethod::Node2Vec(walks)) = options("--learning-rate 0.5") else {
            panic!("node2vec is the default");
        };
        assert_eq!(walks.initial_learning_rate, 0.5);
        assert_eq!(walks.final_learning_rate, 0.002);
    }

    #[test]
    fn options_of_another_method_are_refused_by_name() {
        let refused = |line| options(line).unwrap_err();
        assert!(refused("--loss margin").starts_with("--loss is an option of triplet models"));
        assert!(refused("--batch 8").starts_with("--batch "));
        let message = refused("--method rotate --weighted");
        assert!(message.starts_with("--weighted is an option of node2vec"));
        assert!(message.contains("RotatE"));
        assert!(refused("--method rgcn --margin 1").starts_with("--margin is an option of"));
        assert!(refused("--method transe --layers 1").contains("graph neural networks"));
        assert!(options("--method rotate --batch 8").is_ok());
    }
}
