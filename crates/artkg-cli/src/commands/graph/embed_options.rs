//! What each method of `artkg graph embed` can be told.

use std::path::PathBuf;

use artkg_graph::EmbeddingMethod;
use artkg_graph::node2vec::{Node2VecOptions, WalkOptions};
use artkg_graph::triplets::{Loss, TripletModel, TripletOptions};
use clap::{Args, ValueEnum};

use crate::globals::Globals;

/// Options of the method that vectors are learnt by.
#[derive(Args)]
pub(super) struct MethodArguments {
    /// Random walks (node2vec), or a model of edges as triplets
    #[arg(long, value_enum, default_value = "node2vec")]
    method: Method,
    /// The length of the vectors
    #[arg(long, default_value_t = 128)]
    dimension: usize,
    /// How many negative samples each node gets, or each side of a triplet
    /// [default: 5 of node2vec, 64 of triplet models]
    #[arg(long)]
    negatives: Option<usize>,
    /// How often all walks (drawn anew) or triplets are learnt from [default: 1 of
    /// node2vec, 30 of triplet models]
    #[arg(long)]
    epochs: Option<usize>,
    /// The learning rate at the start; it falls linearly [default: 0.025 of
    /// node2vec, 0.1 of DistMult, 0.2 of TransE and RotatE]
    #[arg(long)]
    learning_rate: Option<f32>,
    #[command(flatten)]
    pub(super) walks: WalkArguments,
    #[command(flatten)]
    triplets: TripletArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Method {
    Node2vec,
    Transe,
    Distmult,
    Rotate,
}

/// Options of node2vec.
#[derive(Args)]
#[command(next_help_heading = "node2vec")]
pub(super) struct WalkArguments {
    /// Also write the walks of the first epoch, a line of node numbers each
    #[arg(long, value_name = "FILE")]
    pub(super) walks_output: Option<PathBuf>,
    /// The number of nodes of a walk [default: 80]
    #[arg(long)]
    walk_length: Option<usize>,
    /// How many walks start from each node, in each epoch [default: 10]
    #[arg(long)]
    walks_per_node: Option<usize>,
    /// p: above 1, walks rarely step straight back; below 1, they often do [default: 1]
    #[arg(long, short = 'p')]
    return_parameter: Option<f32>,
    /// q: above 1, walks stay near their last node; below 1, they move away [default: 1]
    #[arg(long, short = 'Q')]
    in_out_parameter: Option<f32>,
    /// Follow edges in proportion to their counts
    #[arg(long)]
    weighted: bool,
    /// The largest distance in a walk between a node and its context [default: 10]
    #[arg(long)]
    window: Option<usize>,
}

/// Options of triplet models.
#[derive(Args)]
#[command(next_help_heading = "TransE, DistMult and RotatE")]
struct TripletArguments {
    /// The loss [default: log-sigmoid]
    #[arg(long, value_enum)]
    loss: Option<LossName>,
    /// The margin of the loss [default: 6; DistMult: 0]
    #[arg(long)]
    margin: Option<f32>,
    /// How much more negatives with high scores weigh; with 0, all weigh the same
    /// [default: 1; DistMult: 0]
    #[arg(long, value_name = "TEMPERATURE")]
    adversarial: Option<f32>,
    /// The share of the negatives that are of the replaced node's kind [default: 0.5]
    #[arg(long, value_name = "SHARE")]
    same_kind: Option<f32>,
    /// The number of triplets of a step [default: 1024]
    #[arg(long)]
    batch: Option<usize>,
    /// The strength of the penalty on the squares of the vectors [default: 0;
    /// DistMult: 0.1]
    #[arg(long)]
    regularisation: Option<f32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LossName {
    Margin,
    LogSigmoid,
}

impl Method {
    fn model(self) -> Option<TripletModel> {
        match self {
            Self::Node2vec => None,
            Self::Transe => Some(TripletModel::TransE),
            Self::Distmult => Some(TripletModel::DistMult),
            Self::Rotate => Some(TripletModel::RotatE),
        }
    }
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

fn first_given(options: &[(&'static str, bool)]) -> Option<&'static str> {
    options
        .iter()
        .find(|option| option.1)
        .map(|option| option.0)
}

impl MethodArguments {
    /// The method with its options.
    pub(super) fn options(&self, globals: &Globals) -> Result<EmbeddingMethod, String> {
        let Some(model) = self.method.model() else {
            return match self.triplets.given() {
                None => Ok(EmbeddingMethod::Node2Vec(self.node2vec_options(globals))),
                Some(option) => Err(format!(
                    "{option} is an option of triplet models: add `--method transe`, `distmult` \
                     or `rotate`, or leave it out"
                )),
            };
        };
        match self.walks.given() {
            None => Ok(EmbeddingMethod::Triplets(
                self.triplet_options(model, globals),
            )),
            Some(option) => Err(format!(
                "{option} is an option of node2vec, {} does not walk: leave it out",
                model.name()
            )),
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
            loss: triplets.loss.map_or(defaults.loss, |loss| match loss {
                LossName::Margin => Loss::Margin,
                LossName::LogSigmoid => Loss::LogSigmoid,
            }),
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
