use std::collections::{BTreeMap, HashMap};

use artkg_nn::{
    Gradients, Optimiser, Parameter, ParameterGroup as OptimiserGroup, Tensor, clip_gradient_norm,
    gradient_norm,
};

use crate::config::{OptimiserConfig, TrainingConfig};
use crate::error::{Error, Result};
use crate::trainable::ParameterGroup;

/// The optimiser as the loop uses it: groups with their settings, and clipping.
pub(crate) struct Update {
    optimiser: Box<dyn Optimiser>,
    parameters: Vec<(String, Parameter)>,
    /// Largest gradient norm; `None` for no limit.
    clip: Option<f64>,
    /// The learning rate before the schedule.
    learning_rate: f64,
}

impl Update {
    /// An optimiser of the parameters in `groups`, as `config` says.
    pub(crate) fn new(groups: Vec<ParameterGroup>, config: &TrainingConfig) -> Result<Self> {
        let settings = &config.optimiser;
        check_names("group_rates", &settings.group_rates, &groups)?;
        check_names("group_decays", &settings.group_decays, &groups)?;
        let parameters = groups
            .iter()
            .flat_map(|group| group.parameters.iter().cloned())
            .collect();
        let groups = groups
            .into_iter()
            .flat_map(|group| optimiser_groups(group, settings))
            .collect();
        let optimiser = settings.build(groups)?;
        Ok(Self {
            learning_rate: optimiser.learning_rate(),
            optimiser,
            parameters,
            clip: (config.gradient_clip > 0.0).then_some(config.gradient_clip),
        })
    }

    /// The trained parameters.
    pub(crate) fn parameters(&self) -> &[(String, Parameter)] {
        &self.parameters
    }

    /// The learning rate before the schedule.
    pub(crate) fn learning_rate(&self) -> f64 {
        self.learning_rate
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

/// Refuses names that no group has.
fn check_names(
    key: &'static str,
    settings: &BTreeMap<String, f64>,
    groups: &[ParameterGroup],
) -> Result<()> {
    let is_known = |name: &String| groups.iter().any(|group| group.name == *name);
    match settings.keys().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(unknown) => {
            let mut known: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
            known.dedup();
            Err(Error::UnknownGroup {
                key,
                group: unknown.clone(),
                known,
            })
        }
    }
}

/// The group with its learning rate and decay, in two where biases do not decay.
fn optimiser_groups(group: ParameterGroup, settings: &OptimiserConfig) -> Vec<OptimiserGroup> {
    let rate = settings.group_rates.get(&group.name).copied();
    let decay = settings.group_decays.get(&group.name).copied();
    let mut built = OptimiserGroup::new(group.name, group.parameters)
        .with_learning_rate_scale(rate.unwrap_or(1.0) * group.rate_scale);
    if let Some(decay) = decay {
        built = built.with_weight_decay(decay);
    }
    match settings.decay_biases {
        true => vec![built],
        false => built.without_decay_on_biases().into(),
    }
}
