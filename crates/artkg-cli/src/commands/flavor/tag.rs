use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use artkg_flavor::{Predictor, TagFormat, TagOutput};
use clap::{Args, ValueEnum};

use super::watch::Watch;
use crate::commands::model_notes::note_checksum;
use crate::globals::{CommandResult, Globals};
use crate::stdout;

/// The options of `artkg flavor tag`.
#[derive(Args)]
pub(crate) struct TagArguments {
    /// Model file of a training run
    #[arg(long)]
    model: PathBuf,
    /// Track files: plain, gzip or zstd
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// File to write; standard output when not given
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Format of the output; by the output's extension, otherwise csv, when not given
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Stop at the first malformed line
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatName {
    /// A table
    Csv,
    /// One JSON object per line
    Jsonl,
}

pub(super) fn run(arguments: &TagArguments, globals: &Globals) -> CommandResult {
    let predictor = Predictor::load(&arguments.model)?;
    note_checksum(&arguments.model, Some(predictor.checksum()), globals);
    let started = Instant::now();
    let mut watch = Watch::new(globals);
    let mut events = 0;
    // As other programs, `-` is the standard output.
    let output = arguments.output.as_deref();
    match output.filter(|path| *path != Path::new("-")) {
        Some(path) => {
            artkg_files::refuse_inputs(path, arguments.files.iter().map(PathBuf::as_path))?;
            artkg_files::write_atomically(path, |writer| {
                events = arguments.write(&predictor, writer, &mut watch, path)?;
                Ok::<_, artkg_flavor::Error>(())
            })?;
        }
        None => {
            let mut writer = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
            let output = Path::new("standard output");
            let written = arguments.write(&predictor, &mut writer, &mut watch, output);
            events = match written {
                Err(artkg_flavor::Error::File(artkg_files::Error::Io { source, .. })) => {
                    stdout::end(&source)
                }
                written => written?,
            };
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    globals.note(format!(
        "{events} events in {seconds:.2} s, {:.0} events/s",
        events as f64 / seconds
    ));
    Ok(watch.outcome())
}

impl TagArguments {
    /// Writes a line for each event of all files; returns how many.
    fn write(
        &self,
        predictor: &Predictor,
        writer: &mut dyn Write,
        watch: &mut Watch<'_>,
        output: &Path,
    ) -> Result<usize, artkg_flavor::Error> {
        let classes = &predictor.description().classes;
        let mut output = TagOutput::new(writer, output, self.format(), classes)?;
        let mut events = 0;
        for path in &self.files {
            let summary = artkg_flavor::tag(predictor, path, self.strict, &mut output, watch)?;
            events += summary.events;
        }
        output.finish()?;
        Ok(events)
    }

    fn format(&self) -> TagFormat {
        let name = self.output.as_deref().and_then(Path::extension);
        match self.format {
            Some(FormatName::Csv) => TagFormat::Csv,
            Some(FormatName::Jsonl) => TagFormat::Jsonl,
            None if name.is_some_and(|name| name == "jsonl") => TagFormat::Jsonl,
            None => TagFormat::Csv,
        }
    }
}
