//! Parameters: what they are, what they are called, and where they are kept.

mod parameter;
mod scope;
mod store;
#[cfg(test)]
mod tests;

pub use parameter::{Parameter, Role};
pub use scope::Scope;
pub use store::ParameterStore;
