//! Triplet models: vectors of nodes and relations from the graph's edges, each a
//! triplet (head, relation, tail), and how well they predict edges held out.
//!
//! Every model scores a triplet by a query, made of the known node and the
//! relation, against the other node: a distance or a product ([`TripletModel`]).
//! Training draws negatives per chunk of triplets that share a relation and a
//! side, and steps by AdaGrad on the rows that a batch touched. Sums are taken in
//! an order of their own, so a seed gives the same vectors with any number of
//! threads.

mod chunk;
mod evaluation;
mod hold_out;
mod kernel;
mod known;
mod loss;
mod model;
pub(crate) mod options;
mod sampling;
mod table;
mod training;
mod triplet;

pub use evaluation::{LinkPrediction, Metrics, RelationPrediction, Sides, evaluate};
pub use hold_out::{Split, hold_out};
pub use model::TripletModel;
pub use options::{Loss, TripletOptions};
pub use training::{Progress, embed};
pub use triplet::{Side, Triplet};

#[cfg(test)]
mod tests;
