use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use artkg_files::counted;
use artkg_flavor::{Origin, Predictor, TagFormat, TagOutput};
use clap::{Args, ValueEnum};

use super::watch::Watch;
use crate::commands::created::created;
use crate::commands::model_notes::note_checksum;
use crate::commands::overwrite::OverwriteArgument;
use crate::globals::{CommandResult, Globals, Outcome};
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
    /// File to write, with where it comes from in OUTPUT.meta.json beside it; standard output when
    /// not given
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Format of the output; by the output's extension, otherwise csv, when not given
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Stop at the first malformed line
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    overwrite: OverwriteArgument,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatName {
    /// A table
    Csv,
    /// One JSON object per line
    Jsonl,
}

pub(super) fn run(arguments: &TagArguments, globals: &Globals) -> CommandResult {
    let predictor = Predictor::load(&arguments.model, &globals.device)?;
    note_checksum(&arguments.model, Some(predictor.checksum()), globals);
    let learned_from = &predictor.description().provenance.data;
    if let Some(warning) = learned_from.warning(&arguments.model) {
        globals.note(warning);
    }
    let started = Instant::now();
    let mut watch = Watch::new(globals);
    let mut tagged = Tagged::default();
    // As other programs, `-` is the standard output.
    let output = arguments.output.as_deref();
    match output.filter(|path| *path != Path::new("-")) {
        Some(path) => {
            let format = arguments.format();
            let model = [arguments.model.clone()];
            let inputs: Vec<PathBuf> = arguments.files.iter().chain(&model).cloned().collect();
            let is_ours = |beginning: &[u8]| format.is_file(beginning);
            arguments.overwrite.claim(path, &inputs, is_ours)?;
            let beside = artkg_files::meta_path(path);
            arguments
                .overwrite
                .claim(&beside, &inputs, Origin::is_file)?;
            let origin = Origin::new(&predictor, &arguments.model, created()?);
            artkg_files::write_atomically(path, |writer| {
                tagged = arguments.write(&predictor, writer, &mut watch, path, globals)?;
                Ok::<_, artkg_flavor::Error>(())
            })?;
            origin.write_beside(path, tagged.events)?;
        }
        None => {
            let mut writer = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
            let output = Path::new("standard output");
            let written = arguments.write(&predictor, &mut writer, &mut watch, output, globals);
            tagged = match written {
                Err(artkg_flavor::Error::File(artkg_files::Error::Io { source, .. })) => {
                    stdout::end(&source)
                }
                written => written?,
            };
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let events = tagged.events;
    globals.note(format!(
        "{} in {seconds:.2} s, {:.0} events/s",
        counted(events, "event"),
        events as f64 / seconds
    ));
    Ok(match tagged.failed {
        0 => watch.outcome(),
        failed => {
            let files = arguments.files.len();
            globals.note(format!(
                "{failed} of {} could not be tagged, see above",
                counted(files, "file")
            ));
            Outcome::SomeFailed
        }
    })
}

/// What became of the files.
#[derive(Clone, Copy, Debug, Default)]
struct Tagged {
    events: usize,
    /// Files that could not be read to their end.
    failed: usize,
}

/// Whether the results could not be written, after which nothing else makes sense.
fn is_of_output(error: &artkg_flavor::Error) -> bool {
    use artkg_files::Error::Io;
    matches!(
        error,
        artkg_flavor::Error::File(Io {
            action: "write",
            ..
        })
    )
}

impl TagArguments {
    /// Writes a line for each event of all files. One that cannot be read is reported, and
    /// the others are tagged, unless there is none that can be or `--strict` was given.
    fn write(
        &self,
        predictor: &Predictor,
        writer: &mut dyn Write,
        watch: &mut Watch<'_>,
        output: &Path,
        globals: &Globals,
    ) -> Result<Tagged, artkg_flavor::Error> {
        let classes = &predictor.description().classes;
        let mut output = TagOutput::new(writer, output, self.format(), classes)?;
        let mut tagged = Tagged::default();
        for path in &self.files {
            match artkg_flavor::tag(predictor, path, self.strict, &mut output, watch) {
                Ok(summary) => tagged.events += summary.events,
                Err(error) if self.strict || is_of_output(&error) => return Err(error),
                Err(error) => {
                    tagged.failed += 1;
                    if tagged.failed == self.files.len() {
                        return Err(error);
                    }
                    globals.print_error(&error);
                }
            }
        }
        output.finish()?;
        Ok(tagged)
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
