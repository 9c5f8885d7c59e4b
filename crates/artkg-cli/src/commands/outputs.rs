//! The formats that `artkg tag` and `artkg tags convert` write.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use artkg_exchange::{
    Addresses, Context, Converted, Format, Layout, LeftOut, Place, TagFile, convert,
    write_annotations, write_sidecars, writer,
};
use artkg_files::counted;
use artkg_files::table::Cells;
use artkg_tag::TagWriter;
use clap::{Args, ValueEnum};

use crate::commands::known::Known;
use crate::globals::Globals;

/// What tells the formats how to write tags.
#[derive(Args)]
pub(crate) struct OutputArguments {
    /// Format of the output, where its ending does not say it: csv, jsonl, parquet, xmp, iiif,
    /// linked-art, lido, openrefine
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// IIIF manifest that the images came from, for `--format iiif`; more than one may be given
    #[arg(long, value_name = "FILE")]
    manifest: Vec<PathBuf>,
    /// Columns for `--format openrefine`: openrefine, tms, emu, axiell, or a file
    #[arg(long, default_value = "openrefine", value_name = "NAME")]
    layout: String,
    /// Table of the columns task, class and address that says where AAT, ULAN or Wikidata have
    /// classes
    #[arg(long, value_name = "FILE")]
    authorities: Option<PathBuf>,
    /// What the ids of records begin with in linked-art and lido, such as
    /// `https://museum.example/object/`
    #[arg(long, value_name = "ADDRESS")]
    base: Option<String>,
    /// Whether cells of CSV files that a spreadsheet would run get an apostrophe in front; `no` is
    /// for programs that take it for a part of the text
    #[arg(long, value_name = "CHOICE", value_enum, default_value_t = Choice::Yes)]
    spreadsheet_safe: Choice,
}

/// Yes or no.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    Yes,
    No,
}

impl OutputArguments {
    /// The files that are read for it.
    pub(crate) fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.manifest.iter().chain(&self.authorities).cloned()
    }

    /// What the formats need, read.
    pub(crate) fn exchange(&self, known: Known) -> Result<Exchange, Box<dyn Error>> {
        // A table that was given goes before what a corpus knows.
        let mut addresses = match &self.authorities {
            Some(table) => Addresses::read(table)?,
            None => Addresses::default(),
        };
        addresses.extend(known.addresses);
        Ok(Exchange {
            context: Arc::new(Context {
                addresses,
                titles: known.titles,
                base: self.base.clone(),
                cells: match self.spreadsheet_safe {
                    Choice::Yes => Cells::Harmless,
                    Choice::No => Cells::Plain,
                },
            }),
            layout: Layout::find(&self.layout)?,
            manifests: self.manifest.clone(),
        })
    }
}

/// A format and where its output goes.
pub(crate) struct Destination {
    format: Format,
    /// The file or folder; nothing where each sidecar lies beside its image.
    path: Option<PathBuf>,
}

impl Destination {
    /// What `output` and `--format` ask for: tags.csv where they ask for nothing.
    pub(crate) fn new(
        output: Option<&Path>,
        arguments: &OutputArguments,
    ) -> Result<Self, Box<dyn Error>> {
        let format = match (arguments.format, output) {
            (Some(format), _) => format,
            (None, Some(output)) => Format::of_path(output)?,
            (None, None) => Format::Csv,
        };
        if format == Format::Iiif && arguments.manifest.is_empty() {
            return Err(artkg_exchange::Error::NoManifest.into());
        }
        let path = match (output, format.ending()) {
            (Some(output), _) => Some(output.to_path_buf()),
            (None, Some(ending)) => Some(PathBuf::from(format!("tags.{ending}"))),
            (None, None) if format == Format::Xmp => None,
            (None, None) => Some(PathBuf::from("annotations")),
        };
        Ok(Self { format, path })
    }

    /// Whether it is many files, which are made from a tag file.
    pub(crate) fn is_folder(&self) -> bool {
        self.format.ending().is_none()
    }

    /// The file that holds all tags: the output itself, or one in its folder.
    pub(crate) fn tag_file(&self) -> PathBuf {
        match &self.path {
            Some(path) if self.is_folder() => path.join("tags.jsonl"),
            Some(path) => path.clone(),
            None => PathBuf::from("tags.jsonl"),
        }
    }
}

/// What is lost when tags are written straight in a format that has no place for it.
pub(crate) fn note_losses(
    destination: &Destination,
    top: usize,
    withheld: usize,
    globals: &Globals,
) {
    let Destination { format, .. } = destination;
    if destination.is_folder() {
        // These are made from a file that has everything, and count what they leave out.
        return;
    }
    let holds = format.holds();
    if top > 1 && !holds.alternatives {
        globals.note(format!(
            "{format} has no place for the alternatives that --top asks for; .jsonl has"
        ));
    }
    if withheld > 0 && !holds.withheld {
        globals.note(format!(
            "{format} has no place for {}; .jsonl has",
            counted(withheld, "withheld tag")
        ));
    }
}

/// What the formats need.
pub(crate) struct Exchange {
    context: Arc<Context>,
    layout: Layout,
    manifests: Vec<PathBuf>,
}

impl Exchange {
    /// The writer of the destination's tag file.
    pub(crate) fn tag_writer(
        &self,
        destination: &Destination,
        tasks: &[String],
    ) -> artkg_exchange::Result<Box<dyn TagWriter>> {
        let writer = writer(
            destination.format,
            &self.context,
            self.layout.clone(),
            tasks,
        )?;
        Ok(writer.unwrap_or_else(artkg_tag::json_lines_writer))
    }

    /// Writes the tags of a file where they are to go.
    pub(crate) fn publish(
        &self,
        tag_file: &Path,
        destination: &Destination,
        overwrite: bool,
    ) -> Result<Published, Box<dyn Error>> {
        let tags = TagFile::open(tag_file)?;
        let Destination { format, path } = destination;
        let mut converted = Converted::default();
        let mut count = |tags: &artkg_tag::Tags| converted.add(tags, *format);
        let (what, failures) = match (format, path) {
            (Format::Xmp, path) => {
                let place = match path {
                    Some(folder) => Place::In(folder.clone()),
                    None => Place::Beside,
                };
                let done = write_sidecars(&tags, &place, &self.context, &mut count)?;
                let failures = done
                    .failures
                    .iter()
                    .map(|failure| format!("{}: {}", failure.sidecar.display(), failure.fault));
                let what = What::Sidecars {
                    created: done.created,
                    changed: done.changed,
                    unchanged: done.unchanged,
                };
                (what, failures.collect())
            }
            (Format::Iiif, Some(folder)) => {
                let (manifests, context) = (&self.manifests, &self.context);
                let done =
                    write_annotations(&tags, manifests, folder, context, overwrite, &mut count)?;
                let failures = done.unmatched.iter();
                let failures = failures.map(|(image, why)| format!("{image}: {why}"));
                let what = What::Annotations {
                    pages: done.pages,
                    annotations: done.annotations,
                    folder: folder.clone(),
                };
                (what, failures.collect())
            }
            (format, path) => {
                let path = path.clone().unwrap_or_else(|| destination.tag_file());
                let tasks = tags.origin().options.tasks.iter();
                let tasks: Vec<String> = tasks.map(|task| task.task.clone()).collect();
                let writer = self.tag_writer(destination, &tasks)?;
                converted = convert(&tags, &path, *format, &*writer, overwrite)?;
                (What::File(path), Vec::new())
            }
        };
        Ok(Published {
            format: *format,
            converted,
            what,
            failures,
        })
    }
}

/// What was written.
enum What {
    File(PathBuf),
    Sidecars {
        created: usize,
        changed: usize,
        unchanged: usize,
    },
    Annotations {
        pages: usize,
        annotations: usize,
        folder: PathBuf,
    },
}

/// Tags that went where they were to go.
pub(crate) struct Published {
    format: Format,
    converted: Converted,
    what: What,
    failures: Vec<String>,
}

impl Published {
    /// Says what was written, what the format has no place for, and what was left out;
    /// gives the number of the last.
    pub(crate) fn say(&self, globals: &Globals) -> usize {
        for failure in &self.failures {
            errln!("left out: {failure}");
        }
        let lost = lost(&self.converted.left_out);
        if !lost.is_empty() {
            globals.note(format!(
                "{} has no place for {}",
                self.format,
                lost.join(", ")
            ));
        }
        if globals.json {
            return self.failures.len();
        }
        let images = self.converted.images;
        match &self.what {
            What::File(path) => {
                outln!("{} written to {}", counted(images, "image"), path.display());
            }
            What::Sidecars {
                created,
                changed,
                unchanged,
            } => outln!(
                "{} new, {changed} changed, {unchanged} as they were",
                counted(*created, "sidecar")
            ),
            What::Annotations {
                pages,
                annotations,
                folder,
            } => outln!(
                "{} on {} in {}",
                counted(*annotations, "annotation"),
                counted(*pages, "canvas"),
                folder.display()
            ),
        }
        self.failures.len()
    }

    /// The same for machines.
    pub(crate) fn json(&self) -> serde_json::Value {
        let LeftOut {
            alternatives,
            withheld,
            rare,
        } = self.converted.left_out;
        let mut json = serde_json::json!({
            "format": self.format.name(),
            "images": self.converted.images,
            "no_place_for": {
                "alternatives": alternatives,
                "withheld": withheld,
                "rare": rare,
            },
            "failures": self.failures,
        });
        match &self.what {
            What::File(path) => json["output"] = serde_json::json!(path),
            What::Sidecars {
                created,
                changed,
                unchanged,
            } => {
                json["created"] = (*created).into();
                json["changed"] = (*changed).into();
                json["unchanged"] = (*unchanged).into();
            }
            What::Annotations {
                pages,
                annotations,
                folder,
            } => {
                json["output"] = serde_json::json!(folder);
                json["pages"] = (*pages).into();
                json["annotations"] = (*annotations).into();
            }
        }
        json
    }
}

/// What a format has no place for, in words.
fn lost(left_out: &LeftOut) -> Vec<String> {
    let LeftOut {
        alternatives,
        withheld,
        rare,
    } = left_out;
    let counts = [
        (alternatives, "alternative", " to the tags"),
        (withheld, "withheld tag", ""),
        (rare, "tag", " of classes that are rare in training"),
    ];
    let counts = counts.into_iter().filter(|(count, ..)| **count > 0);
    counts
        .map(|(count, thing, more)| counted(*count, thing) + more)
        .collect()
}
