use crate::parameters::{Parameter, Role};

/// Parameters that are optimised with the same settings.
#[derive(Clone, Debug)]
pub struct ParameterGroup {
    /// What the group is called in messages.
    pub name: String,
    /// The parameters by name.
    pub parameters: Vec<(String, Parameter)>,
    /// The factor on the optimiser's learning rate.
    pub learning_rate_scale: f64,
    /// The weight decay instead of the optimiser's.
    pub weight_decay: Option<f64>,
}

impl ParameterGroup {
    /// A group with the optimiser's own learning rate and weight decay. Buffers
    /// among the `parameters` are left out: they are not trained.
    pub fn new(name: impl Into<String>, mut parameters: Vec<(String, Parameter)>) -> Self {
        parameters.retain(|(_, parameter)| parameter.is_trainable());
        Self {
            name: name.into(),
            parameters,
            learning_rate_scale: 1.0,
            weight_decay: None,
        }
    }

    /// The group with `scale` as the factor on the learning rate.
    #[must_use]
    pub fn with_learning_rate_scale(mut self, scale: f64) -> Self {
        self.learning_rate_scale = scale;
        self
    }

    /// The group with `weight_decay` instead of the optimiser's.
    #[must_use]
    pub fn with_weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = Some(weight_decay);
        self
    }

    /// Splits the group in two: weights and filters as they are, biases and
    /// normalisation parameters without weight decay.
    pub fn without_decay_on_biases(self) -> [Self; 2] {
        let is_exempt =
            |parameter: &Parameter| matches!(parameter.role, Role::Bias | Role::Normalisation);
        let (exempt, decayed) = self
            .parameters
            .into_iter()
            .partition(|(_, parameter)| is_exempt(parameter));
        let decayed = Self {
            parameters: decayed,
            name: self.name.clone(),
            ..self
        };
        let exempt = Self {
            name: format!("{} without decay", self.name),
            parameters: exempt,
            learning_rate_scale: self.learning_rate_scale,
            weight_decay: Some(0.0),
        };
        [decayed, exempt]
    }
}
