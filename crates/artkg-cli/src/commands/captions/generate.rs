//! `artkg captions generate`.

use std::path::PathBuf;

use artkg_art::BackboneConfig;
use artkg_captions::{
    BlipCaptioner, CaptionItem, CaptionOptions, Captioner, ImagenetWords, ImagenetWordsOptions,
    caption_items, generate_captions,
};
use artkg_corpus::{Corpus, Split};
use artkg_files::{MemorySize, counted};
use artkg_image::Preprocessing;
use artkg_tag::find_images;
use artkg_text::{Blip, CaptionJob, CaptionOutput, ModelSource};
use artkg_vision::{BackboneRequest, Hub, WeightSource};
use clap::{Args, ValueEnum};

use crate::commands::memory_limit::{OF_ONE_IMAGE, memory_limit};
use crate::commands::precision::PrecisionArgument;
use crate::defaults::{by_name, with_default};
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// The arguments of `artkg captions generate`.
#[derive(Args)]
pub(crate) struct GenerateArguments {
    /// Image files and folders, searched recursively, instead of a corpus
    #[arg(required_unless_present = "corpus", conflicts_with_all = ["corpus", "splits"])]
    images: Vec<PathBuf>,
    /// Corpus folder
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Splits whose artworks get captions, of train, val and test; all artworks when not given
    #[arg(long, value_delimiter = ',')]
    splits: Vec<Split>,
    /// What makes the captions
    #[arg(long, value_enum)]
    captioner: CaptionerName,
    #[arg(long, help = with_default(
        "Its weights: for imagenet-words a safetensors file, imagenet or hub:OWNER/NAME, for blip a \
         folder or hub:OWNER/NAME",
        by_name([
            ("imagenet-words", Some(WeightSource::Imagenet.to_string())),
            ("blip", Some(Blip::published().to_string())),
        ]),
    ))]
    weights: Option<String>,
    /// Captions file to write
    #[arg(long, short, default_value = "captions.csv")]
    output: PathBuf,
    /// Replace an existing captions file once the new one is finished
    #[arg(long)]
    overwrite: bool,
    /// Images that go through the network together
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    batch_size: u16,
    /// Memory that decoding one image may use, such as 1GiB or 800 MB
    #[arg(long, value_name = "SIZE", default_value = OF_ONE_IMAGE, value_parser = memory_limit)]
    memory_limit: MemorySize,
    #[command(flatten)]
    imagenet_words: ImagenetWordsArguments,
    /// Longest caption of blip, in tokens
    #[arg(long, default_value_t = Blip::USUAL_LENGTH as u16, help_heading = "Blip",
          value_parser = clap::value_parser!(u16).range(1..))]
    longest: u16,
}

#[derive(Args)]
#[command(next_help_heading = "Imagenet-words")]
struct ImagenetWordsArguments {
    /// Visual network: resnet50, vgg16_bn, … (`artkg models` lists them)
    #[arg(long, default_value_t = BackboneConfig::default().name)]
    backbone: BackboneRequest,
    /// Names of the classes, JSON or text with one class a line;
    /// imagenet-labels.json beside the weights when not given
    #[arg(long)]
    labels: Option<PathBuf>,
    /// Classes that a caption names, the most probable first
    #[arg(long, default_value_t = 5)]
    top: usize,
    /// Shorter side that images are resized to, in pixels
    #[arg(long, default_value_t = Preprocessing::default().resize)]
    resize: usize,
    /// Side of the square that the network sees, in pixels
    #[arg(long, default_value_t = Preprocessing::default().crop)]
    crop: usize,
    #[command(flatten)]
    precision: PrecisionArgument,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum CaptionerName {
    /// The names of the image's most probable ImageNet classes
    ImagenetWords,
    /// A sentence, by BLIP
    Blip,
}

impl GenerateArguments {
    fn captioner(
        &self,
        globals: &Globals,
    ) -> Result<Box<dyn Captioner>, Box<dyn std::error::Error>> {
        let hub = Hub::from_environment().progress(globals.shows_progress());
        let weights = self.weights.as_deref();
        Ok(match self.captioner {
            CaptionerName::ImagenetWords => {
                let words = &self.imagenet_words;
                let options = ImagenetWordsOptions {
                    backbone: words.backbone,
                    weights: match weights {
                        Some(text) => text.parse()?,
                        None => WeightSource::Imagenet,
                    },
                    labels: words.labels.clone(),
                    top: words.top,
                    preprocessing: Preprocessing {
                        resize: words.resize,
                        crop: words.crop,
                        ..Preprocessing::default()
                    },
                    precision: words.precision.chosen(globals),
                };
                Box::new(ImagenetWords::load(options, &hub, &globals.device)?)
            }
            CaptionerName::Blip => {
                if !self.imagenet_words.precision.is_exact() {
                    return Err("blip computes in f32 only; leave --precision out".into());
                }
                let source: ModelSource = match weights {
                    Some(text) => text.parse()?,
                    None => Blip::published(),
                };
                Box::new(BlipCaptioner::load(
                    &source,
                    usize::from(self.longest),
                    &hub,
                    &globals.device,
                )?)
            }
        })
    }

    /// What the captions file is known by as long as it is not finished.
    fn job(&self, captioner: &str, items: &[CaptionItem]) -> CaptionJob {
        let splits: Vec<String> = self.splits.iter().map(Split::to_string).collect();
        let mut options = vec![("splits".to_owned(), splits.join(","))];
        if let Some(weights) = &self.weights {
            options.push(("weights".to_owned(), weights.clone()));
        }
        let words = &self.imagenet_words;
        if matches!(self.captioner, CaptionerName::ImagenetWords) {
            options.push(("resize".to_owned(), words.resize.to_string()));
            options.push(("crop".to_owned(), words.crop.to_string()));
            if let Some(labels) = &words.labels {
                options.push(("labels".to_owned(), labels.display().to_string()));
            }
        }
        CaptionJob {
            captioner: captioner.to_owned(),
            options,
            inputs: match &self.corpus {
                Some(folder) => vec![folder.clone()],
                None => self.images.clone(),
            },
            reads: items
                .iter()
                .map(|item| item.path.clone())
                .chain(words.labels.clone())
                .chain(self.weights.as_ref().map(PathBuf::from))
                .collect(),
        }
    }

    /// The images, and the number of paths that could not be used.
    fn items(&self) -> Result<(Vec<CaptionItem>, usize), Box<dyn std::error::Error>> {
        let Some(folder) = &self.corpus else {
            let inputs = find_images(&self.images);
            for problem in &inputs.problems {
                errln!("left out: {problem}");
            }
            let items = inputs.with_caption_ids()?.into_iter();
            let items = items.map(|(id, path)| CaptionItem { id, path }).collect();
            return Ok((items, inputs.problems.len()));
        };
        Ok((caption_items(&Corpus::open(folder)?, &self.splits), 0))
    }
}

pub(crate) fn run(arguments: &GenerateArguments, globals: &Globals) -> CommandResult {
    let (items, problems) = arguments.items()?;
    if items.is_empty() {
        return Err("there is no image to make a caption of".into());
    }
    let mut captioner = arguments.captioner(globals)?;
    let job = arguments.job(captioner.name(), &items);
    let mut captions = CaptionOutput::open(&arguments.output, &job, arguments.overwrite)?;
    globals.note(format!("captioner: {}", captioner.name()));
    let options = CaptionOptions {
        batch_size: usize::from(arguments.batch_size),
        memory_limit: arguments.memory_limit.0 as usize,
    };
    let summary = generate_captions(
        captioner.as_mut(),
        &items,
        &mut captions,
        &options,
        &globals.session()?,
    )?;
    let count = captions.len();
    if !summary.interrupted {
        captions.finish()?;
    }
    if globals.json {
        stdout::json(&serde_json::json!({
            "output": arguments.output,
            "captioner": captioner.name(),
            "captions": count,
            "made_earlier": summary.skipped,
            "failures": summary.failures,
            "interrupted": summary.interrupted,
        }))?;
    } else if summary.interrupted {
        let count = counted(count, "caption");
        outln!("stopped after {count}; the same command goes on from there");
    } else {
        outln!(
            "{}: {} by {}",
            arguments.output.display(),
            counted(count, "caption"),
            captioner.name()
        );
        if summary.skipped > 0 {
            outln!("{} of them by an earlier run", summary.skipped);
        }
    }
    let failed = summary.failures.len() + problems;
    let outcome = globals.outcome(failed);
    Ok(match summary.interrupted {
        true => Outcome::SomeFailed,
        false => outcome,
    })
}
