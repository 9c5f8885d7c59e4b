use std::collections::HashMap;

use artkg_nn::{
    Gradients, Optimiser, Parameter, ParameterGroup as OptimiserGroup, Sgd, SgdConfig, Tensor,
    clip_gradient_norm, gradient_norm,
};

use crate::{Error, ParameterGroup, Result, TrainingConfig};

/// The optimiser as the loop uses it: groups with their rates, and clipping.
pub(crate) struct Update {
    optimiser: Sgd,
    parameters: Vec<(String, Parameter)>,
    /// Largest gradient norm; `None` for no limit.
    clip: Option<f64>,
}

impl Update {
    /// An optimiser of the parameters in `groups`, as `config` says.
    pub(crate) fn new(groups: Vec<ParameterGroup>, config: &TrainingConfig) -> Result<Self> {
        let rates = &config.optimiser.group_rates;
        let known = || groups.iter().map(|group| group.name.clone());
        if let Some(unknown) = rates
            .keys()
            .find(|name| !known().any(|group| group == **name))
        {
            return Err(Error::UnknownGroup {
                group: unknown.clone(),
                known: known().collect(),
            });
        }
        let parameters = groups
            .iter()
            .flat_map(|group| group.parameters.iter().cloned())
            .collect();
        let groups = groups.into_iter().flat_map(|group| {
            let rate = rates.get(&group.name).copied().unwrap_or(1.0);
            OptimiserGroup::new(group.name, group.parameters)
                .with_learning_rate_scale(rate)
                .without_decay_on_biases()
        });
        let settings = SgdConfig {
            learning_rate: config.optimiser.learning_rate,
            momentum: config.optimiser.momentum,
            nesterov: config.optimiser.nesterov,
            weight_decay: config.optimiser.weight_decay,
        };
        Ok(Self {
            optimiser: Sgd::new(groups.collect(), settings)?,
            parameters,
            clip: (config.gradient_clip > 0.0).then_some(config.gradient_clip),
        })
    }

    /// Updates the parameters, with gradients clipped, and returns the norm of
    /// the gradients before clipping. Nothing is updated from gradients that
    /// are not finite.
    ///
    /// # Errors
    /// [`artkg_nn::Error::NotFinite`].
    pub(crate) fn step(
        &mut self,
        gradients: &mut Gradients,
        learning_rate: f64,
    ) -> artkg_nn::Result<f64> {
        let norm = match self.clip {
            Some(most) => clip_gradient_norm(gradients, &self.parameters, most)?,
            None => gradient_norm(gradients, &self.parameters)?,
        };
        self.optimiser.set_learning_rate(learning_rate);
        self.optimiser.step(gradients)?;
        Ok(norm)
    }

    /// The state between steps.
    pub(crate) fn state(&self) -> Result<HashMap<String, Tensor>> {
        Ok(self.optimiser.state()?)
    }

    /// Continues from a saved state.
    pub(crate) fn load(&mut self, state: &HashMap<String, Tensor>) -> Result<()> {
        Ok(self.optimiser.load_state(state)?)
    }
}
