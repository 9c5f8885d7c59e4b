use candle_core::{Device, Var};

use super::parameter::Role;
use super::store::ParameterStore;
use crate::error::Result;
use crate::initialisation::Initialisation;

/// A place in the tree of names where layers create their parameters.
#[derive(Clone, Debug)]
pub struct Scope<'store> {
    store: &'store ParameterStore,
    prefix: String,
}

impl ParameterStore {
    /// The scope of names without a prefix.
    pub fn root(&self) -> Scope<'_> {
        Scope {
            store: self,
            prefix: String::new(),
        }
    }
}

impl<'store> Scope<'store> {
    /// The scope `name` below this one.
    pub fn sub(&self, name: impl std::fmt::Display) -> Scope<'store> {
        Scope {
            store: self.store,
            prefix: self.full_name(name),
        }
    }

    /// The name of this place, without a dot at its end.
    pub fn path(&self) -> &str {
        &self.prefix
    }

    /// The device of the parameters.
    pub fn device(&self) -> &'store Device {
        self.store.device()
    }

    /// Creates the parameter `name` with `shape`.
    ///
    /// # Errors
    /// [`crate::Error::NameTaken`] when the name is taken.
    pub fn parameter(
        &self,
        name: &str,
        shape: &[usize],
        initialisation: Initialisation,
        role: Role,
    ) -> Result<Var> {
        self.store
            .create(self.full_name(name), shape, initialisation, role)
    }

    fn full_name(&self, name: impl std::fmt::Display) -> String {
        if self.prefix.is_empty() {
            name.to_string()
        } else {
            format!("{}.{name}", self.prefix)
        }
    }
}
