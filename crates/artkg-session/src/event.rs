use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What happens while work goes on.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// So many things are done of a total: the first time before the first of them.
    Advanced {
        /// What is done with them.
        activity: Activity,
        /// Those that are behind us, left-out ones included.
        done: usize,
        /// All of them.
        total: usize,
    },
    /// Something was left out; the sentence names it and says why. Once for each.
    LeftOut(&'a str),
    /// Something that whoever uses the results has to know; once for each.
    Warning(&'a str),
    /// Something worth a line has happened.
    Message(&'a str),
    /// A training step is done.
    Step(&'a StepProgress),
    /// The validation at the end of this epoch, counted from 1, begins.
    Validation(usize),
    /// A training epoch is done, validation included.
    Epoch(&'a EpochProgress<'a>),
    /// A training run has ended, for whatever reason.
    Ended,
}

/// What is done with things one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activity {
    /// Images are fetched from their addresses.
    Fetching,
    /// Images get tags.
    Tagging,
    /// Images get captions.
    Captioning,
    /// A model's tags of images are compared with the truth.
    Scoring,
    /// Images go through the part of a network that stays as it is.
    Extraction,
    /// Texts become vectors.
    Encoding,
}

impl Activity {
    /// What is counted: `images`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Tagging | Self::Captioning | Self::Scoring => "images",
            Self::Fetching => "images fetched",
            Self::Extraction => "images through the frozen part",
            Self::Encoding => "texts",
        }
    }
}

impl fmt::Display for Activity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.unit())
    }
}

/// Where a training run is, after each step.
#[derive(Clone, Copy, Debug)]
pub struct StepProgress {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Epochs in all.
    pub epochs: usize,
    /// Finished steps of the epoch.
    pub step: usize,
    /// Steps in an epoch.
    pub steps: usize,
    /// Mean loss of the epoch so far.
    pub loss: f64,
    /// Training examples a second since the run was started or resumed.
    pub examples_per_second: f64,
    /// Estimated time to the last epoch's end.
    pub time_left: Duration,
}

/// What an epoch of a training run brought.
#[derive(Clone, Copy, Debug)]
pub struct EpochProgress<'a> {
    /// The last step.
    pub step: StepProgress,
    /// Mean loss of the epoch.
    pub loss: f64,
    /// Validation metrics by name.
    pub validation: &'a BTreeMap<String, f64>,
    /// Whether it is the best epoch so far.
    pub best: bool,
    /// Training examples a second in this epoch.
    pub examples_per_second: f64,
}
