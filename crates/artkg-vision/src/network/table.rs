use artkg_nn::{Initialisation, Role, Scope, Tensor};

use crate::error::Result;

/// A parameter that is no layer: tokens, positions, factors of channels.
#[derive(Debug)]
pub(crate) struct Table {
    name: String,
    /// The trained variable itself, or for inference a copy.
    tensor: Tensor,
}

impl Table {
    /// Creates the parameter `name` of `scope`.
    pub(crate) fn new(
        scope: &Scope<'_>,
        name: &str,
        shape: &[usize],
        initialisation: Initialisation,
        role: Role,
    ) -> Result<Self> {
        let variable = scope.parameter(name, shape, initialisation, role)?;
        Ok(Self {
            name: scope.sub(name).path().to_owned(),
            tensor: variable.into_inner(),
        })
    }

    /// The values.
    pub(crate) fn tensor(&self) -> &Tensor {
        &self.tensor
    }

    /// The same values outside of any graph, which training does not change.
    pub(crate) fn copy(&self) -> Result<Self> {
        Ok(Self {
            name: self.name.clone(),
            tensor: self.tensor.detach().copy()?,
        })
    }

    /// The number of values.
    pub(crate) fn parameters(&self) -> usize {
        self.tensor.elem_count()
    }

    /// Whether this is the parameter of that name.
    pub(crate) fn owns(&self, parameter: &str) -> bool {
        self.name == parameter
    }
}
