//! `artkg demo`: the whole path on a synthetic corpus.

use std::path::{Path, PathBuf};
use std::time::Instant;

use artkg_art::{ArtConfig, GraphContext, System};
use artkg_corpus::{Corpus, Split};
use artkg_files::counted;
use artkg_graph::node2vec::{Node2VecOptions, embed};
use artkg_graph::{BuildOptions, KnowledgeGraph, Schema};
use artkg_model::Predictor;
use artkg_nn::Precision;
use artkg_painter::{DemoOptions, synthesize};
use artkg_session::Session;
use artkg_tag::{Subject, TagJob, TagOptions};
use artkg_train::{RunOptions, Schedule, ScheduleKind};
use artkg_vision::Architecture;
use clap::Args;

use super::consistency::ConsistencyArgument;
use super::eval;
use super::tag::{self, LoadedModel, OutputFile};
use crate::globals::{CommandResult, Globals, Outcome};
use crate::stdout;

/// The options of `artkg demo`.
#[derive(Args)]
pub(crate) struct DemoArguments {
    /// Folder for everything that the demo makes; it must be new or empty
    #[arg(long, short, default_value = "artkg-demo")]
    output: PathBuf,
    /// Paintings to make
    #[arg(long, default_value_t = DemoOptions::default().count)]
    paintings: usize,
    /// Passes over the training images
    #[arg(long, default_value_t = 12)]
    epochs: usize,
}

pub(crate) fn run(arguments: DemoArguments, globals: &Globals) -> CommandResult {
    let output = &arguments.output;
    let occupied = std::fs::read_dir(output).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(format!(
            "{} is not empty; remove it or choose another folder with --output",
            output.display()
        )
        .into());
    }
    let demo = Demo {
        arguments: &arguments,
        globals,
        session: globals.training_session("images")?,
        start: Instant::now(),
    };
    demo.run()
}

struct Demo<'a> {
    arguments: &'a DemoArguments,
    globals: &'a Globals,
    session: Session,
    start: Instant,
}

impl Demo<'_> {
    fn run(&self) -> CommandResult {
        let output = &self.arguments.output;
        let globals = self.globals;
        let options = DemoOptions {
            count: self.arguments.paintings,
            seed: globals.seed(),
            ..DemoOptions::default()
        };
        self.step(&format!(
            "painting {}",
            counted(options.count, "synthetic painting")
        ));
        let corpus = synthesize(&output.join("corpus"), &options)?;

        self.step("building the knowledge graph of the training works");
        let graph = KnowledgeGraph::build(&corpus, &Schema::built_in()?, &BuildOptions::default())?;
        graph.save(&output.join("graph.akg"))?;
        globals.note(format!(
            "  {}, {}",
            counted(graph.node_count(), "node"),
            counted(graph.edge_count(), "edge")
        ));

        self.step("embedding its nodes (node2vec)");
        let embeddings = output.join("embeddings.safetensors");
        let node2vec = Node2VecOptions {
            seed: options.seed,
            // More would not wait for each other, and no two demos be alike.
            threads: 1,
            ..Node2VecOptions::default()
        };
        embed(&graph, &node2vec, |_| {})?.save(&embeddings)?;

        self.step("training a ResNet-18 from scratch with the graph as context");
        let Some(model) = self.train(&embeddings, options.seed)? else {
            return Ok(self.stopped());
        };

        self.step("measuring it on the test split");
        let predictor = Predictor::load(&model, Precision::F32, self.session.device())?;
        let report = output.join("report.html");
        let evaluation =
            eval::measure(&predictor, &corpus, Split::Test, 16, &report, &self.session)?;
        let Some(evaluation) = evaluation else {
            return Ok(self.stopped());
        };

        self.step("tagging the test paintings");
        let images: Vec<PathBuf> = corpus
            .split(Split::Test)
            .filter_map(|artwork| corpus.image_path(artwork))
            .collect();
        let tags = output.join("tags.csv");
        self.tag(&model, &images, &tags)?;

        if globals.json {
            stdout::json(&evaluation)?;
            return Ok(Outcome::Success);
        }
        outln!();
        eval::print_table(&evaluation);
        print_example(&tags, &corpus)?;
        outln!();
        outln!("all of this is synthetic and took {:.0} s", self.seconds());
        outln!("model   {}", model.display());
        outln!("tags    {}", tags.display());
        outln!("report  {}", report.display());
        Ok(Outcome::Success)
    }

    fn train(
        &self,
        embeddings: &Path,
        seed: u64,
    ) -> Result<Option<PathBuf>, Box<dyn std::error::Error>> {
        let folder = self.arguments.output.join("run");
        let config = demo_config(
            self.arguments.output.join("corpus"),
            embeddings,
            self.arguments.epochs,
            seed,
        );
        let report = artkg_art::train(
            &config,
            RunOptions {
                folder: &folder,
                resume: false,
                session: &self.session,
            },
        )?;
        Ok(report.model)
    }

    fn tag(
        &self,
        model: &Path,
        images: &[PathBuf],
        output: &Path,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let precision = Precision::F32;
        let predictor = Predictor::load(model, precision, self.session.device())?;
        let consistency = ConsistencyArgument::default();
        let model = LoadedModel::new(model, predictor, precision.name(), consistency)?;
        let options = TagOptions {
            top: 1,
            batch_size: 16,
            memory_limit: 512_000_000,
            thresholds: vec![0.0; model.tasks().len()],
        };
        let output = OutputFile {
            path: output,
            writer: artkg_tag::writer_for(output)?,
            overwrite: false,
        };
        let job = TagJob {
            inputs: vec![self.arguments.output.join("corpus")],
            ..model.job(&options)?
        };
        let subjects: Vec<Subject> = images.iter().cloned().map(Subject::from).collect();
        tag::tag(&model, &subjects, &job, output, &options, &self.session)?;
        Ok(())
    }

    fn stopped(&self) -> Outcome {
        let note = "stopped; run the demo again in another folder";
        self.globals.note(note);
        Outcome::SomeFailed
    }

    fn step(&self, what: &str) {
        self.globals
            .note(format!("[{:>3.0} s] {what}", self.seconds()));
    }

    fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}

/// Small images and a small network: the demo has to end soon on two cores.
fn demo_config(corpus: PathBuf, embeddings: &Path, epochs: usize, seed: u64) -> ArtConfig {
    let mut config = ArtConfig::new(corpus, System::Kgm(GraphContext::new(embeddings)));
    config.backbone.name = Architecture::ResNet18.into();
    config.preprocessing.resize = 72;
    config.preprocessing.crop = 64;
    let training = &mut config.training;
    training.epochs = epochs;
    training.seed = seed;
    training.optimiser.learning_rate = 0.05;
    training.optimiser.weight_decay = 5e-4;
    training.schedule = Schedule::new(ScheduleKind::Cosine);
    training.schedule.warm_up_epochs = 2.0;
    config
}

/// Prints the tags of the first painting and, for comparison, the truth.
fn print_example(tags: &Path, corpus: &Corpus) -> Result<(), Box<dyn std::error::Error>> {
    let text = artkg_files::read_text(tags)?;
    let Some(artwork) = corpus
        .split(Split::Test)
        .find(|artwork| artwork.image.is_some())
    else {
        return Ok(());
    };
    let mut lines = text.lines();
    outln!();
    outln!("for example {} is in truth", artwork.id);
    let truth = |column| artwork.first(column).unwrap_or("nothing known");
    outln!(
        "  {}, {}, {}, {}",
        truth("type"),
        truth("school"),
        truth("timeframe"),
        truth("author")
    );
    if let (Some(header), Some(row)) = (lines.next(), lines.next()) {
        outln!("and the tag file says");
        outln!("  {header}");
        outln!("  {row}");
    }
    Ok(())
}
