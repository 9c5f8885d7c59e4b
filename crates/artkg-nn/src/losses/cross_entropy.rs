mod loss;
mod mean;
mod settings;
#[cfg(test)]
mod tests;

pub use loss::cross_entropy;
pub use settings::{CrossEntropy, IGNORED};
