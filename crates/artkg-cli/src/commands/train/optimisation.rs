//! The options of `artkg train` that say how to optimise.

use artkg_art::{ArtSettings, ImbalanceConfig, Sampling};
use artkg_files::MemorySize;
use artkg_train::{
    Decay, OptimiserConfig, OptimiserKind, OptimiserSettings, ScheduleKind, ScheduleSettings,
    TrainingConfig,
};
use clap::{Args, ValueEnum};

use super::art_default::art_default;
use crate::commands::memory_limit::memory_limit;
use crate::defaults::{by_name, number, with_default, word};
use crate::given::set;

/// Steps, batches, the learning rate, memory.
#[derive(Args)]
#[command(next_help_heading = "Optimisation")]
pub(super) struct OptimisationArguments {
    #[arg(long, help = with_default(
        "Passes over the training images",
        TrainingConfig::default().epochs,
    ))]
    epochs: Option<usize>,
    #[arg(long, help = with_default(
        "Images in a step",
        TrainingConfig::default().batch_size,
    ))]
    batch_size: Option<usize>,
    /// Compute each batch in this many parts and add up their gradients, to hold less in memory
    #[arg(long, value_name = "PARTS")]
    accumulate: Option<usize>,
    /// Memory that the program may hold, such as 6GiB; batches are computed in parts to stay below
    #[arg(long, value_name = "SIZE", value_parser = memory_limit)]
    memory_limit: Option<MemorySize>,
    #[arg(long, value_enum, help = with_default(
        "Learning rate over the run",
        word::<ScheduleName, _>(ScheduleKind::default()),
    ))]
    schedule: Option<ScheduleName>,
    #[arg(long, help = with_default(
        "Epochs over which the learning rate first grows",
        ScheduleSettings::default().warm_up_epochs,
    ))]
    warm_up: Option<f64>,
    #[arg(long, help = with_default(
        "Epochs between the drops of --schedule step",
        ScheduleSettings::default().step_epochs,
    ))]
    step_epochs: Option<usize>,
    /// End the run after this many epochs without a better validation accuracy; never when not given
    #[arg(long)]
    patience: Option<usize>,
    /// Largest norm of the gradient; no limit when not given
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
    #[arg(long, value_enum, help = with_default(
        "Rule that turns gradients into updates; docs/optimisers.md explains each",
        OptimiserKind::default().name(),
    ))]
    optimiser: Option<OptimiserName>,
    #[arg(long, help = with_default(
        "Learning rate",
        by_optimiser(|rule| rule.learning_rate),
    ))]
    learning_rate: Option<f64>,
    /// Factor on the learning rate of the classifiers and the projection; 1 when not given
    #[arg(long)]
    heads_rate: Option<f64>,
    #[arg(long, help = with_default(
        "Share of the last update kept in the next, for sgd and rmsprop",
        by_optimiser(|rule| rule.momentum),
    ))]
    momentum: Option<f64>,
    /// Use Nesterov's form of momentum, for sgd
    #[arg(long)]
    nesterov: bool,
    #[arg(long, help = with_default(
        "Decay of the average squared gradient, for rmsprop",
        by_optimiser(|rule| rule.alpha),
    ))]
    alpha: Option<f64>,
    #[arg(long, help = with_default(
        "Decay of the average gradient, for adam and adamw",
        by_optimiser(|rule| rule.beta1),
    ))]
    beta1: Option<f64>,
    #[arg(long, help = with_default(
        "Decay of the average squared gradient, for adam and adamw",
        by_optimiser(|rule| rule.beta2),
    ))]
    beta2: Option<f64>,
    #[arg(long, help = with_default(
        "Term added to the root of squared gradients, for all but sgd",
        by_optimiser(|rule| rule.epsilon),
    ))]
    epsilon: Option<f64>,
}

#[derive(Args)]
#[command(next_help_heading = "Regularisation")]
struct RegularisationArguments {
    #[arg(long, help = with_default(
        "Weight decay",
        by_optimiser(|rule| rule.weight_decay),
    ))]
    weight_decay: Option<f64>,
    /// Weight decay of the classifiers and the projection, if different
    #[arg(long)]
    heads_decay: Option<f64>,
    #[arg(long, value_enum, help = with_default(
        "Where weight decay acts",
        default_decays(),
    ))]
    decay: Option<DecayName>,
    /// Let biases and normalisation decay too, as PyTorch does
    #[arg(long)]
    decay_biases: bool,
    #[arg(long, value_name = "SHARE", help = with_default(
        "Share of the target spread over all classes",
        art_default().label_smoothing,
    ))]
    label_smoothing: Option<f64>,
}

#[derive(Args)]
#[command(next_help_heading = "Rare classes")]
struct ImbalanceArguments {
    /// Draw examples of rare classes as often as those of frequent ones
    #[arg(long)]
    balanced_sampling: bool,
    #[arg(long, value_name = "POWER", help = with_default(
        "Weigh classes in the loss by their size to minus this power: 1 for the inverse",
        ImbalanceConfig::default().class_weights,
    ))]
    class_weights: Option<f64>,
    #[arg(long, value_name = "GAMMA", help = with_default(
        "Exponent gamma of the focal loss",
        ImbalanceConfig::default().focus,
    ))]
    focus: Option<f64>,
    #[arg(long, value_name = "STRENGTH", help = with_default(
        "Strength of the logit adjustment: 1 for the balanced error",
        ImbalanceConfig::default().logit_adjustment,
    ))]
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
    /// The same throughout
    Constant,
    /// A drop every few epochs
    Step,
    /// Half a cosine down to zero
    Cosine,
}

impl From<OptimiserName> for OptimiserKind {
    fn from(name: OptimiserName) -> Self {
        match name {
            OptimiserName::Sgd => Self::Sgd,
            OptimiserName::Adagrad => Self::AdaGrad,
            OptimiserName::Rmsprop => Self::RmsProp,
            OptimiserName::Adam => Self::Adam,
            OptimiserName::Adamw => Self::AdamW,
        }
    }
}

impl From<DecayName> for Decay {
    fn from(name: DecayName) -> Self {
        match name {
            DecayName::Coupled => Self::Coupled,
            DecayName::Decoupled => Self::Decoupled,
        }
    }
}

impl From<ScheduleName> for ScheduleKind {
    fn from(name: ScheduleName) -> Self {
        match name {
            ScheduleName::Constant => Self::Constant,
            ScheduleName::Step => Self::Step,
            ScheduleName::Cosine => Self::Cosine,
        }
    }
}

/// Every optimiser with its defaults.
fn optimisers() -> impl Iterator<Item = OptimiserSettings> {
    let names = OptimiserName::value_variants().iter();
    names.map(|name| OptimiserConfig::new((*name).into()).into())
}

/// The default of one setting by optimiser, for help texts.
fn by_optimiser(setting: fn(&OptimiserSettings) -> Option<f64>) -> String {
    by_name(optimisers().map(|rule| (rule.kind.name(), setting(&rule).map(number))))
}

/// Where weight decay acts by optimiser, for help texts.
fn default_decays() -> String {
    by_name(optimisers().map(|rule| (rule.kind.name(), rule.decay.map(word::<DecayName, _>))))
}

impl OptimisationArguments {
    /// # Errors
    /// A setting that the optimiser does not have.
    pub(super) fn apply(&self, settings: &mut ArtSettings) -> Result<(), artkg_train::Error> {
        let training = &mut settings.training;
        set(&mut training.epochs, &self.epochs);
        set(&mut training.batch_size, &self.batch_size);
        set(&mut training.accumulate, &self.accumulate);
        if self.memory_limit.is_some() {
            training.memory_limit = self.memory_limit;
        }
        set(&mut training.gradient_clip, &self.gradient_clip);
        set(&mut training.early_stopping.patience, &self.patience);
        let mut schedule = ScheduleSettings::from(training.schedule.clone());
        set(&mut schedule.warm_up_epochs, &self.warm_up);
        set(&mut schedule.step_epochs, &self.step_epochs);
        set(&mut schedule.kind, &self.schedule.map(ScheduleKind::from));
        training.schedule = schedule.into();
        let mut optimiser = self.optimiser.applied(&training.optimiser);
        self.regularisation.apply(&mut optimiser);
        training.optimiser = optimiser.try_into()?;
        set(
            &mut settings.label_smoothing,
            &self.regularisation.label_smoothing,
        );
        self.imbalance.apply(&mut settings.imbalance);
        Ok(())
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
    fn applied(&self, config: &OptimiserConfig) -> OptimiserSettings {
        let mut optimiser = OptimiserSettings::from(config.clone());
        if let Some(name) = self.optimiser {
            let kind = OptimiserKind::from(name);
            if kind != optimiser.kind {
                // The settings of another rule say nothing about this one.
                optimiser = OptimiserSettings {
                    kind,
                    decay_biases: optimiser.decay_biases,
                    group_rates: optimiser.group_rates,
                    group_decays: optimiser.group_decays,
                    ..OptimiserSettings::default()
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
        optimiser
    }
}

impl RegularisationArguments {
    fn apply(&self, optimiser: &mut OptimiserSettings) {
        optimiser.weight_decay = self.weight_decay.or(optimiser.weight_decay);
        optimiser.decay_biases |= self.decay_biases;
        if let Some(name) = self.decay {
            optimiser.decay = Some(name.into());
        }
        if let Some(decay) = self.heads_decay {
            optimiser.group_decays.insert("heads".to_owned(), decay);
        }
    }
}

#[cfg(test)]
mod tests {
    use artkg_train::Rule;
    use clap::{Args, Command, FromArgMatches};

    use super::*;

    /// What a command line makes of a configuration.
    fn applied(line: &str, mut settings: ArtSettings) -> ArtSettings {
        let command = OptimisationArguments::augment_args(Command::new("train"));
        let matches = command
            .try_get_matches_from(format!("train {line}").split_whitespace())
            .unwrap();
        OptimisationArguments::from_arg_matches(&matches)
            .unwrap()
            .apply(&mut settings)
            .unwrap();
        settings
    }

    #[test]
    fn without_options_nothing_changes() {
        assert_eq!(applied("", art_default()), art_default());
    }

    #[test]
    fn another_optimiser_drops_the_settings_of_the_first() {
        let mut config = art_default();
        let momentum = Rule::Sgd {
            momentum: 0.5,
            nesterov: false,
            decay: Decay::Coupled,
        };
        config.training.optimiser.rule = momentum;
        config.training.optimiser.learning_rate = 0.3;
        config.training.optimiser.decay_biases = true;
        let adam = applied("--optimiser adam --heads-rate 4", config.clone());
        let optimiser = &adam.training.optimiser;
        assert_eq!(optimiser.rule, Rule::new(OptimiserKind::Adam));
        assert_eq!(optimiser.learning_rate, 0.001);
        assert!(optimiser.decay_biases);
        assert_eq!(optimiser.group_rates["heads"], 4.0);
        // The same one keeps them.
        let sgd = applied("--optimiser sgd --learning-rate 0.1", config);
        assert_eq!(sgd.training.optimiser.rule, momentum);
        assert_eq!(sgd.training.optimiser.learning_rate, 0.1);
    }

    #[test]
    fn memory_sizes_schedules_and_decay_arrive() {
        let config = applied(
            "--memory-limit 6GiB --schedule cosine --warm-up 0.5 --decay decoupled \
             --balanced-sampling --patience 3",
            art_default(),
        );
        let training = &config.training;
        assert_eq!(training.memory_limit, Some(MemorySize(6 << 30)));
        assert_eq!(training.schedule.kind(), ScheduleKind::Cosine);
        assert_eq!(training.schedule.warm_up_epochs, 0.5);
        assert_eq!(training.optimiser.rule.decay(), Decay::Decoupled);
        assert_eq!(training.early_stopping.patience, 3);
        assert_eq!(config.imbalance.sampling, Sampling::Balanced);
    }
}
