//! `artkg models`.

mod profile;
mod table;

use std::time::Duration;

use artkg_files::counted;
use artkg_nn::profile::Passes;
use artkg_vision::{Architecture, BackboneRequest, Summary, images_per_second};
use clap::Args;

use crate::commands::precision::PrecisionArgument;
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// The options of `artkg models`.
#[derive(Args)]
pub(crate) struct ModelsArguments {
    /// One network, to list its layers
    name: Option<BackboneRequest>,
    /// Side of the images, in pixels
    #[arg(long, default_value_t = 224)]
    size: usize,
    /// Measure inference on this machine
    #[arg(long)]
    measure: bool,
    /// Show where the time of inference goes, layer by layer
    #[arg(long, requires = "name", conflicts_with = "measure")]
    profile: bool,
    /// Profile a training step instead: each layer by itself, forward and backward
    #[arg(long, requires = "profile")]
    training: bool,
    /// Images that go through the network together when measuring
    #[arg(long, default_value = "8")]
    batch: std::num::NonZeroUsize,
    #[command(flatten)]
    precision: PrecisionArgument,
    /// Passes that a profile averages over
    #[arg(long, default_value = "3")]
    repeats: std::num::NonZeroUsize,
}

pub(crate) fn run(arguments: ModelsArguments, globals: &Globals) -> CommandResult {
    match arguments.name {
        Some(request) if arguments.profile => profile_one(request, &arguments, globals)?,
        Some(request) => list_one(request, &arguments, globals)?,
        None => list_all(&arguments, globals)?,
    }
    Ok(Outcome::Success)
}

type Fallible = Result<(), Box<dyn std::error::Error>>;

/// A network and, where it was measured, its images a second here.
pub(crate) struct Entry {
    summary: Summary,
    images_per_second: Option<f64>,
}

impl ModelsArguments {
    fn entry(
        &self,
        request: BackboneRequest,
        globals: &Globals,
    ) -> Result<Entry, Box<dyn std::error::Error>> {
        /// Long enough that one pass more or less does not matter.
        const TIME: Duration = Duration::from_secs(2);
        let summary = Summary::new(request, self.size, &globals.device)?;
        let images_per_second = self
            .measure
            .then(|| {
                globals.note(format!("measuring {}", summary.name));
                images_per_second(
                    request,
                    self.size,
                    self.batch.get(),
                    self.precision.chosen(globals),
                    TIME,
                    &globals.device,
                )
            })
            .transpose()?;
        Ok(Entry {
            summary,
            images_per_second,
        })
    }
}

fn list_all(arguments: &ModelsArguments, globals: &Globals) -> Fallible {
    let entries = Architecture::ALL
        .into_iter()
        .map(|architecture| arguments.entry(architecture.into(), globals))
        .collect::<Result<Vec<_>, _>>()?;
    if globals.json {
        let list: Vec<_> = entries
            .iter()
            .map(|entry| {
                let mut json = entry.json(arguments);
                // Thousands of lines that nobody asked for.
                json.as_object_mut().map(|object| object.remove("layers"));
                json
            })
            .collect();
        stdout::json(&list)?;
    } else {
        table::print_networks(&entries, arguments.size);
    }
    Ok(())
}

fn list_one(request: BackboneRequest, arguments: &ModelsArguments, globals: &Globals) -> Fallible {
    let entry = arguments.entry(request, globals)?;
    if globals.json {
        stdout::json(&entry.json(arguments))?;
    } else {
        table::print_networks(std::slice::from_ref(&entry), arguments.size);
        outln!();
        table::print_layers(&entry.summary.layers);
    }
    Ok(())
}

fn profile_one(
    request: BackboneRequest,
    arguments: &ModelsArguments,
    globals: &Globals,
) -> Fallible {
    let passes = if arguments.training {
        Passes::ForwardAndBackward
    } else {
        Passes::Forward
    };
    let (size, batch) = (arguments.size, arguments.batch.get());
    let repeats = arguments.repeats.get();
    let precision = arguments.precision.chosen(globals);
    let device = &globals.device;
    let calls = artkg_vision::profile(request, size, batch, repeats, precision, passes, device)?;
    let profile = profile::Profile::new(&calls, batch);
    if globals.json {
        let mut json = profile.json();
        json["name"] = request.to_string().into();
        json["size"] = size.into();
        json["threads"] = globals.threads().into();
        stdout::json(&json)?;
    } else {
        outln!(
            "{request}, {} of {} of {size} px on {}",
            if arguments.training {
                "a training step"
            } else {
                "inference"
            },
            counted(batch, "image"),
            counted(globals.threads(), "thread")
        );
        profile.print();
    }
    Ok(())
}

impl Entry {
    fn json(&self, arguments: &ModelsArguments) -> serde_json::Value {
        let mut json = serde_json::json!(self.summary);
        json["flops"] = (2 * self.summary.multiply_adds).into();
        json["size"] = arguments.size.into();
        if let Some(speed) = self.images_per_second {
            json["images_per_second"] = speed.into();
            json["batch"] = arguments.batch.get().into();
        }
        json
    }
}
