//! The options of `artkg train` that say how to optimise.

use artkg_art::{ArtConfig, ImbalanceConfig, Sampling};
use artkg_train::{Decay, MemorySize, OptimiserConfig, OptimiserKind, ScheduleKind};
use clap::{Args, ValueEnum};

use crate::given::set;

/// Steps, batches, the learning rate, memory.
#[derive(Args)]
#[command(next_help_heading = "Optimisation")]
pub(super) struct OptimisationArguments {
    /// Passes over the training images [default: 30]
    #[arg(long)]
    epochs: Option<usize>,
    /// Images in a step [default: 32]
    #[arg(long)]
    batch_size: Option<usize>,
    /// Compute each batch in this many parts and add up their gradients, to hold less in memory
    #[arg(long, value_name = "PARTS")]
    accumulate: Option<usize>,
    /// Memory that the program may hold, such as 6GiB; batches are computed in parts to stay below
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<MemorySize>,
    /// Learning rate over the run [default: constant]
    #[arg(long, value_enum)]
    schedule: Option<ScheduleName>,
    /// Epochs over which the learning rate first grows [default: 0]
    #[arg(long)]
    warm_up: Option<f64>,
    /// Epochs between the drops of --schedule step [default: 10]
    #[arg(long)]
    step_epochs: Option<usize>,
    /// Epochs without a better validation accuracy before the run ends [default: no end]
    #[arg(long)]
    patience: Option<usize>,
    /// Largest norm of the gradient [default: any]
    #[arg(long)]
    gradient_clip: Option<f64>,
    #[command(flatten)]
    optimiser: OptimiserArguments,
    #[command(flatten)]
    regularisation: RegularisationArguments,
    #[command(flatten)]
    imbalance: ImbalanceArguments,
}

#[derive(Args)]
#[command(next_help_heading = "Optimiser")]
struct OptimiserArguments {
    /// Rule that turns gradients into updates; docs/optimisers.md explains each [default: sgd]
    #[arg(long, value_enum)]
    optimiser: Option<OptimiserName>,
    /// Learning rate [default: 0.01 for sgd and adagrad, else 0.001]
    #[arg(long)]
    learning_rate: Option<f64>,
    /// Factor on the learning rate of the classifiers and the projection [default: 1]
    #[arg(long)]
    heads_rate: Option<f64>,
    /// Share of the last update kept in the next, for sgd and rmsprop [default: 0.9 and 0]
    #[arg(long)]
    momentum: Option<f64>,
    /// Use Nesterov's form of momentum, for sgd
    #[arg(long)]
    nesterov: bool,
    /// Decay of the average squared gradient, for rmsprop [default: 0.99]
    #[arg(long)]
    alpha: Option<f64>,
    /// Decay of the average gradient, for adam and adamw [default: 0.9]
    #[arg(long)]
    beta1: Option<f64>,
    /// Decay of the average squared gradient, for adam and adamw [default: 0.999]
    #[arg(long)]
    beta2: Option<f64>,
    /// What is added to the root of squared gradients, for all but sgd [default: 1e-8, adagrad 1e-10]
    #[arg(long)]
    epsilon: Option<f64>,
}

#[derive(Args)]
#[command(next_help_heading = "Regularisation")]
struct RegularisationArguments {
    /// Weight decay [default: 0.01 for adamw, else 0]
    #[arg(long)]
    weight_decay: Option<f64>,
    /// Weight decay of the classifiers and the projection, where it is another
    #[arg(long)]
    heads_decay: Option<f64>,
    /// Where weight decay acts [default: decoupled for adamw, else coupled]
    #[arg(long, value_enum)]
    decay: Option<DecayName>,
    /// Let biases and normalisation decay too, as PyTorch does
    #[arg(long)]
    decay_biases: bool,
    /// Share of the target spread over all classes [default: 0]
    #[arg(long, value_name = "SHARE")]
    label_smoothing: Option<f64>,
}

#[derive(Args)]
#[command(next_help_heading = "Rare classes")]
struct ImbalanceArguments {
    /// Draw examples of rare classes as often as those of frequent ones
    #[arg(long)]
    balanced_sampling: bool,
    /// Weigh classes in the loss by their size to minus this power: 1 for the inverse [default: 0]
    #[arg(long, value_name = "POWER")]
    class_weights: Option<f64>,
    /// Exponent gamma of the focal loss [default: 0]
    #[arg(long, value_name = "GAMMA")]
    focus: Option<f64>,
    /// Strength of the logit adjustment: 1 for the balanced error [default: 0]
    #[arg(long, value_name = "STRENGTH")]
    logit_adjustment: Option<f64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OptimiserName {
    /// Stochastic gradient descent with momentum
    Sgd,
    /// AdaGrad
    Adagrad,
    /// RMSProp
    Rmsprop,
    /// Adam
    Adam,
    /// Adam with decoupled weight decay
    Adamw,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DecayName {
    /// In the gradient
    Coupled,
    /// On the parameters themselves
    Decoupled,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScheduleName {
    /// The same all along
    Constant,
    /// A drop every few epochs
    Step,
    /// Half a cosine down to zero
    Cosine,
}

impl OptimisationArguments {
    pub(super) fn apply(&self, config: &mut ArtConfig) {
        let training = &mut config.training;
        set(&mut training.epochs, &self.epochs);
        set(&mut training.batch_size, &self.batch_size);
        set(&mut training.accumulate, &self.accumulate);
        if self.memory_limit.is_some() {
            training.memory_limit = self.memory_limit;
        }
        set(&mut training.gradient_clip, &self.gradient_clip);
        set(&mut training.early_stopping.patience, &self.patience);
        let schedule = &mut training.schedule;
        set(&mut schedule.warm_up_epochs, &self.warm_up);
        set(&mut schedule.step_epochs, &self.step_epochs);
        if let Some(name) = self.schedule {
            schedule.kind = match name {
                ScheduleName::Constant => ScheduleKind::Constant,
                ScheduleName::Step => ScheduleKind::Step,
                ScheduleName::Cosine => ScheduleKind::Cosine,
            };
        }
        self.optimiser.apply(&mut training.optimiser);
        self.regularisation.apply(config);
        self.imbalance.apply(&mut config.imbalance);
    }
}

impl ImbalanceArguments {
    fn apply(&self, imbalance: &mut ImbalanceConfig) {
        if self.balanced_sampling {
            imbalance.sampling = Sampling::Balanced;
        }
        set(&mut imbalance.class_weights, &self.class_weights);
        set(&mut imbalance.focus, &self.focus);
        set(&mut imbalance.logit_adjustment, &self.logit_adjustment);
    }
}

impl OptimiserArguments {
    fn apply(&self, optimiser: &mut OptimiserConfig) {
        if let Some(name) = self.optimiser {
            let kind = match name {
                OptimiserName::Sgd => OptimiserKind::Sgd,
                OptimiserName::Adagrad => OptimiserKind::AdaGrad,
                OptimiserName::Rmsprop => OptimiserKind::RmsProp,
                OptimiserName::Adam => OptimiserKind::Adam,
                OptimiserName::Adamw => OptimiserKind::AdamW,
            };
            if kind != optimiser.kind {
                // The settings of another rule say nothing about this one.
                *optimiser = OptimiserConfig {
                    decay_biases: optimiser.decay_biases,
                    group_rates: std::mem::take(&mut optimiser.group_rates),
                    group_decays: std::mem::take(&mut optimiser.group_decays),
                    ..OptimiserConfig::new(kind)
                };
            }
        }
        let numbers = [
            (&mut optimiser.learning_rate, self.learning_rate),
            (&mut optimiser.momentum, self.momentum),
            (&mut optimiser.alpha, self.alpha),
            (&mut optimiser.beta1, self.beta1),
            (&mut optimiser.beta2, self.beta2),
            (&mut optimiser.epsilon, self.epsilon),
        ];
        for (setting, given) in numbers {
            *setting = given.or(*setting);
        }
        if self.nesterov {
            optimiser.nesterov = Some(true);
        }
        if let Some(rate) = self.heads_rate {
            optimiser.group_rates.insert("heads".to_owned(), rate);
        }
    }
}

impl RegularisationArguments {
    fn apply(&self, config: &mut ArtConfig) {
        set(&mut config.label_smoothing, &self.label_smoothing);
        let optimiser = &mut config.training.optimiser;
        optimiser.weight_decay = self.weight_decay.or(optimiser.weight_decay);
        optimiser.decay_biases |= self.decay_biases;
        if let Some(name) = self.decay {
            optimiser.decay = Some(match name {
                DecayName::Coupled => Decay::Coupled,
                DecayName::Decoupled => Decay::Decoupled,
            });
        }
        if let Some(decay) = self.heads_decay {
            optimiser.group_decays.insert("heads".to_owned(), decay);
        }
    }
}
