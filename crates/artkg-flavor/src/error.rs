use std::path::PathBuf;

use crate::reading::Fault;

/// What can go wrong when events are read, models trained, measured or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file.
    #[error(transparent)]
    File(#[from] artkg_files::Error),
    /// A compressed file that cannot be unpacked.
    #[error(
        "{}: cannot be read further than line {line}: {source}; it is truncated or damaged",
        path.display()
    )]
    Unpacking {
        /// The file.
        path: PathBuf,
        /// The last line that was read.
        line: u64,
        /// What the decoder says.
        source: std::io::Error,
    },
    /// A malformed line, where every line has to be right.
    #[error("{0}")]
    Fault(Fault),
    /// A file that does not begin as one of events does.
    #[error(
        "{}: no line `Axis = ax ay az` within {megabytes} MB after line {line}; is this a file of \
         events?",
        path.display()
    )]
    NoAxis {
        /// The file.
        path: PathBuf,
        /// The last line before the search.
        line: u64,
        /// How far it was searched.
        megabytes: usize,
    },
    /// A file without any event that can be used.
    #[error("{}: {}", path.display(), nothing(*skipped, *faults))]
    NoEvents {
        /// The file.
        path: PathBuf,
        /// Events that are left out because of malformed lines.
        skipped: usize,
        /// Malformed lines.
        faults: usize,
    },
    /// A text that names no file of events with its classes.
    #[error(
        "{0:?} is neither CLASS=FILE, such as bb=bb.txt.gz, nor @LIST=FILE with the file of a list \
         of classes"
    )]
    ClassFile(String),
    /// A class that the model does not know.
    #[error(
        "{} has events of the class {class}, but the classes are {}",
        path.display(),
        classes.join(", ")
    )]
    UnknownClass {
        /// The file of events.
        path: PathBuf,
        /// Their class.
        class: String,
        /// The classes that there are.
        classes: Vec<String>,
    },
    /// A list of classes that does not fit its file of events.
    #[error(
        "{} lists {classes} classes, but {} has {events} events, malformed ones included",
        list.display(),
        path.display()
    )]
    ListLength {
        /// The list.
        list: PathBuf,
        /// Its length.
        classes: usize,
        /// The file of events.
        path: PathBuf,
        /// The number of its events.
        events: usize,
    },
    /// A line of a list of classes that is no name.
    #[error("{}:{line}: {name:?} is no name of a class", path.display())]
    ClassName {
        /// The list.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        name: String,
    },
    /// A run without events to learn from.
    #[error("there are no events to learn from")]
    NoTraining,
    /// A run with fewer than two classes.
    #[error("a tagger tells classes apart, but there is only {0}")]
    OneClass(String),
    /// Too few events to hold some out.
    #[error("too few events to hold some out for validation: {0}")]
    TooFewEvents(usize),
    /// A setting out of its range.
    #[error("{key} = {value}: must be {allowed}")]
    Setting {
        /// The setting.
        key: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// Heads of attention that do not divide the width.
    #[error("{heads} heads do not divide the width {width}")]
    Heads {
        /// The heads.
        heads: usize,
        /// The width.
        width: usize,
    },
    /// A limit of memory, which taggers do not keep to.
    #[error("memory_limit: the training of flavour taggers keeps to none; leave it out")]
    MemoryLimit,
    /// An evaluation without models.
    #[error("there is no model to measure")]
    NoModels,
    /// Models that cannot be measured on the same events.
    #[error(
        "{} tells {} apart, {} {}",
        first.display(),
        classes.join(", "),
        other.display(),
        other_classes.join(", ")
    )]
    DifferentClasses {
        /// One model file.
        first: PathBuf,
        /// Its classes.
        classes: Vec<String>,
        /// Another model file.
        other: PathBuf,
        /// Its classes.
        other_classes: Vec<String>,
    },
    /// A tagger that says nothing.
    #[error("the tagger's probabilities are not numbers: its training diverged")]
    Diverged,
    /// A model file that cannot be used.
    #[error("{}: {fault}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: ModelFault,
    },
    /// Inputs that were made for another kind of tagger.
    #[error("the events were prepared for another model")]
    Inputs,
    /// The engine.
    #[error(transparent)]
    Network(#[from] artkg_nn::Error),
    /// A tensor operation.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// A chart or page.
    #[error(transparent)]
    Report(#[from] artkg_report::Error),
    /// The training loop.
    #[error(transparent)]
    Training(#[from] artkg_train::Error),
    /// The search for good settings.
    #[error(transparent)]
    Tuning(#[from] artkg_tune::Error),
}

/// What is wrong with a model file.
#[derive(Debug, thiserror::Error)]
pub enum ModelFault {
    /// It is of another kind.
    #[error("not a flavour tagger")]
    NotATagger,
    /// It is of another version.
    #[error("model format {found} is not the format {known} that this version of artkg reads")]
    Format {
        /// Its format.
        found: u32,
        /// The format that is read.
        known: u32,
    },
    /// Its description cannot be read or written.
    #[error("the model description is damaged: {0}")]
    Description(#[from] serde_json::Error),
    /// It tells nothing apart.
    #[error("the model description is damaged: it has {0} classes")]
    Classes(usize),
    /// Its statistics are of other inputs.
    #[error(
        "the model's statistics of {inputs} do not fit the {width} inputs of this version of artkg"
    )]
    Statistics {
        /// The inputs.
        inputs: &'static str,
        /// How many there are.
        width: usize,
    },
    /// Its parameters are not those of its description.
    #[error(transparent)]
    Parameters(#[from] artkg_nn::Error),
}

/// What a file without usable events holds instead.
fn nothing(skipped: usize, faults: usize) -> String {
    match (skipped, faults) {
        (0, 0) => "it holds no event: no line `Axis = ax ay az`".to_owned(),
        (0, faults) => format!("it holds no event; malformed lines: {faults}"),
        (1, _) => "its only event has a fault".to_owned(),
        (skipped, _) => format!("none of its {skipped} events is without fault"),
    }
}

/// The result type of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
