use artkg_model::Mode;
use artkg_vision::Stage;
use artkg_vocabulary::Attribute;

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing is to be learned.
    #[error("there is no task to learn")]
    NoTask,
    /// The same is to be learned twice.
    #[error("the task {0} is given twice")]
    RepeatedTask(Attribute),
    /// Something that another system learns from.
    #[error("{key}: {mode} has none; leave it out, or train {owner}")]
    OfOtherSystem {
        /// The setting.
        key: &'static str,
        /// The system.
        mode: Mode,
        /// The system that has it.
        owner: Mode,
    },
    /// A single task that is to be judged together with others.
    #[error("joint judges several tasks together, and this run has one")]
    JointOfOne,
    /// No models whose opinions could be an input.
    #[error("attributes needs fine-tuned classifiers, and none is named")]
    NoClassifiers,
    /// No captions for a system that reads them.
    #[error("captions reads captions of the images, and none are named")]
    NoCaptions,
    /// A number that must not be 0.
    #[error("{key} = 0: must be above 0")]
    Zero {
        /// The setting.
        key: &'static str,
    },
    /// A number that must not be negative.
    #[error("{key} = {value}: must be 0 or more")]
    Negative {
        /// The setting.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// A factor by which stages learn slower than the next that is none.
    #[error("layer_decay = {0}: must be more than 0 and at most 1")]
    LayerDecay(f64),
    /// A number that is no share.
    #[error("{key} = {value}: must be 0 or more and less than 1")]
    Share {
        /// The setting.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// A system with a frozen network of which a part is to be trained.
    #[error("pretrained keeps the whole network frozen, not up to {frozen}")]
    PretrainedTrains {
        /// Where the frozen part was to end.
        frozen: Stage,
    },
    /// A layer without units.
    #[error("a hidden layer needs a width above 0")]
    NoWidth,
    /// The focal loss beside label smoothing.
    #[error("the focal loss has no label smoothing")]
    FocusAndSmoothing,
    /// A negative weight of a task.
    #[error("the weight {weight} of {task} must be 0 or more")]
    NegativeWeight {
        /// The task.
        task: Attribute,
        /// Its weight.
        weight: f64,
    },
    /// A weight of something that is not learned.
    #[error("{task} has a weight but is no task of this run")]
    WeightOfNoTask {
        /// What it is.
        task: Attribute,
    },
    /// Weights that leave nothing.
    #[error("all task weights are 0")]
    NoWeight,
    /// A boundary that the network does not have.
    #[error("cannot freeze up to {freeze}: {source}")]
    NoBoundary {
        /// The boundary.
        freeze: Stage,
        /// What the network says.
        source: Box<artkg_vision::Error>,
    },
    /// Random weights that would stay so.
    #[error("freezing a network of random weights up to {freeze} would keep it random")]
    RandomFrozen {
        /// Where the frozen part ends.
        freeze: Stage,
    },
    /// A metric that the run does not have.
    #[error(
        "early_stopping.metric = \"{metric}\": must be accuracy, or that of a task of the run, such \
         as {example}.accuracy"
    )]
    UnknownMetric {
        /// The metric.
        metric: String,
        /// A task of the run.
        example: Attribute,
    },
}

impl Fault {
    /// Looks for a setting of another system than the one to train among settings: the key
    /// of each, whether it is given, and the system that has it.
    ///
    /// # Errors
    /// [`Fault::OfOtherSystem`] with the first of them.
    pub fn of_other_system(
        mode: Mode,
        settings: &[(&'static str, bool, Mode)],
    ) -> Result<(), Self> {
        match settings
            .iter()
            .find(|(_, given, owner)| *given && *owner != mode)
        {
            Some(&(key, _, owner)) => Err(Self::OfOtherSystem { key, mode, owner }),
            None => Ok(()),
        }
    }

    /// A fault in the setting `key` unless it is in `[0, 1)`.
    pub(crate) fn unless_share(key: &'static str, value: f64) -> Result<(), Self> {
        match (0.0..1.0).contains(&value) {
            true => Ok(()),
            false => Err(Self::Share { key, value }),
        }
    }
}
