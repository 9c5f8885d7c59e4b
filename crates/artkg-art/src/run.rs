//! A training run from its configuration to the model file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use artkg_corpus::{Corpus, Split, Vocabulary};
use artkg_graph::Embeddings;
use artkg_nn::{Device, ParameterStore, Role};
use artkg_train::{Outcome, Progress, RunFolder, StopFlag, Summary, Trainable};
use artkg_vision::{BackboneOptions, Hub, Stage, WeightSource, load_backbone};

use crate::extraction::Extraction;
use crate::model::BACKBONE_SCOPE;
use crate::model_file::{Provenance, save_model};
use crate::source::{ActivationSource, ImageSource, OnFailure, Source};
use crate::training::{ArtTraining, Split as ExampleSplit};
use crate::trust::Trust;
use crate::{
    ArtConfig, ArtModel, ContextTargets, Error, Example, Mode, ModelDescription, Result, examples,
    vocabularies,
};

/// The model file of a run folder.
pub const MODEL_FILE: &str = "model.safetensors";
/// The vocabularies of a run folder.
pub const VOCABULARY_FILE: &str = "vocabulary.json";

/// What a run needs beside its configuration: where it lies and who watches.
pub struct RunOptions<'a> {
    /// The run folder.
    pub folder: &'a Path,
    /// Whether to continue what lies there.
    pub resume: bool,
    /// Threads that decode images.
    pub threads: usize,
    /// Ends the run early.
    pub stop: &'a StopFlag,
    /// Hears of epochs and steps.
    pub progress: &'a mut dyn Progress,
    /// Hears of images run through the frozen part: done, total.
    pub on_extraction: &'a mut dyn FnMut(usize, usize),
    /// Hears of images that cannot be used, once each.
    pub on_failure: OnFailure,
}

/// What a run came to.
#[derive(Debug)]
pub struct RunReport {
    /// How training ended; `None` when it was stopped before it began.
    pub training: Option<Summary>,
    /// The model file, unless the run was interrupted.
    pub model: Option<PathBuf>,
}

/// Trains as `config` says.
///
/// # Errors
/// When the configuration makes no sense, the corpus, embeddings or weights do
/// not fit, or a file cannot be written. A bad image is no error.
pub fn train(config: &ArtConfig, options: RunOptions<'_>) -> Result<RunReport> {
    let config = &mut complete(config, &options)?;
    let corpus = Corpus::open(&config.corpus)?;
    let vocabularies = vocabularies(&corpus, &config.tasks, config.minimum_count)?;
    let context = context_targets(config, &corpus)?;
    let folder = if options.resume {
        RunFolder::resume(options.folder, config, &config.keys_free_to_change())?
    } else {
        RunFolder::create(options.folder, config)?
    };
    write_vocabularies(&folder.path().join(VOCABULARY_FILE), &vocabularies)?;

    let seed = config.training.seed;
    let projection_width = context.as_ref().map(ContextTargets::dimension);
    let (store, model) = ParameterStore::assemble(seed, &Device::Cpu, |store| {
        let backbone = create_or_load_backbone(config, store)?;
        // Images too small for the network end the run now, not after hours.
        let side = config.preprocessing.crop;
        backbone.boundary_shape(Stage::Pooled, (side, side))?;
        ArtModel::new(store, backbone, &vocabularies, projection_width)?
            .with_dropout(config.backbone.dropout)
    })?;
    let (architecture, bottleneck) = (
        model.backbone().architecture(),
        model.backbone().bottleneck(),
    );

    let train = examples(&corpus, Split::Train, &vocabularies);
    let validation = examples(&corpus, Split::Validation, &vocabularies);
    for (split, examples) in [(Split::Train, &train), (Split::Validation, &validation)] {
        if examples.is_empty() {
            return Err(Error::Usage(format!(
                "the {split} split of {} has no images; `artkg corpus check` says more",
                config.corpus.display()
            )));
        }
    }
    let sources = Sources {
        config,
        model: &model,
        store: &store,
        threads: options.threads,
        stop: options.stop,
        on_failure: &options.on_failure,
    };
    let Some((train, validation)) = sources.open(train, validation, options.on_extraction)? else {
        return Ok(RunReport {
            training: None,
            model: None,
        });
    };
    let (frozen, side) = (config.backbone.freeze, config.preprocessing.crop);
    let batch_size = config.training.batch_size;
    let mut training = ArtTraining {
        input_shape: model.backbone().boundary_shape(frozen, (side, side))?,
        model,
        store,
        frozen,
        vocabularies,
        context,
        context_weight: config.context_weight,
        train,
        validation,
        label_smoothing: config.label_smoothing as f32,
        batch_size,
        validation_size: batch_size,
        seed,
        synthetic: corpus.description.synthetic,
    };
    settle_micro_batches(&mut training, config, &folder, options.progress)?;
    let summary = artkg_train::train(
        &training,
        &config.training,
        &folder,
        options.stop,
        options.progress,
    )?;
    if summary.outcome == Outcome::Interrupted {
        return Ok(RunReport {
            training: Some(summary),
            model: None,
        });
    }
    let epoch = folder.load_best(&training.store)?;
    let scores = training.validation_scores()?;
    let trust = Trust::fit(&training.vocabularies, &scores, &corpus);
    let path = folder.path().join(MODEL_FILE);
    let description = ModelDescription {
        format: ModelDescription::FORMAT,
        mode: config.mode,
        architecture,
        bottleneck,
        temperatures: trust.temperatures,
        selection: Some(trust.selection),
        joint: trust.joint,
        vocabularies: training.vocabularies.clone(),
        preprocessing: config.preprocessing.clone(),
        projection_width,
        provenance: Provenance {
            artkg_version: env!("CARGO_PKG_VERSION").to_owned(),
            corpus: corpus.description.name.clone(),
            corpus_source: corpus.description.source.clone(),
            corpus_licence: corpus.description.licence.clone(),
            synthetic: corpus.description.synthetic,
            initial_weights: config.backbone.weights.clone(),
            seed,
            epoch,
            validation: folder
                .epochs()?
                .into_iter()
                .find(|record| record.epoch == epoch)
                .map(|record| record.validation)
                .unwrap_or_default(),
        },
    };
    save_model(&path, &training.store, &description)?;
    Ok(RunReport {
        training: Some(summary),
        model: Some(path),
    })
}

/// The configuration with every default filled in, checked; a run that is
/// resumed under a memory limit has the micro-batches that it was started with.
fn complete(config: &ArtConfig, options: &RunOptions<'_>) -> Result<ArtConfig> {
    config.check()?;
    let mut config = config.clone();
    let training = &mut config.training;
    training.optimiser = training.optimiser.completed();
    if options.resume && training.memory_limit.is_some() {
        let stored: toml::Table = RunFolder::open(options.folder)?.config()?;
        let accumulate = stored
            .get("training")
            .and_then(|table| table.get("accumulate"));
        if let Some(stored) = accumulate.and_then(toml::Value::as_integer) {
            training.accumulate = training
                .accumulate
                .max(usize::try_from(stored).unwrap_or(1));
        }
    }
    Ok(config)
}

/// Sees to it that the run fits into memory, and writes down in how many
/// micro-batches.
fn settle_micro_batches(
    training: &mut ArtTraining,
    config: &mut ArtConfig,
    folder: &RunFolder,
    progress: &mut dyn Progress,
) -> Result<()> {
    let resumed = folder.is_resumed() && folder.last_checkpoint().exists();
    let mut settings = config.training.clone();
    // No batch is larger than all there is.
    settings.batch_size = settings.batch_size.min(training.train.examples.len());
    settings.accumulate = settings.accumulate.min(settings.batch_size);
    let plan = artkg_train::plan_memory(training, &settings, resumed)?;
    progress.message(&format!("memory: {plan} at most"));
    let accumulate = plan.accumulate;
    if accumulate > config.training.accumulate {
        config.training.accumulate = accumulate;
        folder.replace_config(config)?;
    }
    let size = settings.batch_size.div_ceil(accumulate);
    training.validation_size = training.batch_size.div_ceil(accumulate);
    let parameters = training.store.named();
    let normalises = parameters
        .iter()
        .any(|(name, parameter)| parameter.role == Role::Buffer && training.is_trained(name));
    if accumulate > 1 && normalises {
        progress.message(&format!(
            "batch norm takes its statistics from micro-batches of {size}, not from batches of {}",
            settings.batch_size
        ));
    }
    Ok(())
}

/// The node embeddings that a knowledge graph model learns from.
fn context_targets(config: &ArtConfig, corpus: &Corpus) -> Result<Option<ContextTargets>> {
    match (config.mode, &config.embeddings) {
        (Mode::Kgm, Some(path)) => {
            let embeddings = Embeddings::load(path)?;
            ContextTargets::collect(corpus, &embeddings).map(Some)
        }
        _ => Ok(None),
    }
}

fn create_or_load_backbone(
    config: &ArtConfig,
    store: &ParameterStore,
) -> Result<Box<dyn artkg_vision::Backbone>> {
    let request = config.backbone.name;
    let weights = match &config.backbone.weights {
        Some(source) => {
            let source: WeightSource = source.parse()?;
            source.open(request, &Hub::from_environment())?
        }
        None => None,
    };
    let options = BackboneOptions {
        classes: None,
        // Pretrained scales replace these; from scratch it trains better.
        zero_init_residual: true,
        dropout: config.backbone.dropout,
        auxiliary: false,
    };
    let (backbone, _) = load_backbone(store, BACKBONE_SCOPE, request, weights.as_ref(), options)?;
    Ok(backbone)
}

fn write_vocabularies(path: &Path, vocabularies: &[Vocabulary]) -> Result<()> {
    let json = serde_json::to_string_pretty(vocabularies)
        .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
    Ok(artkg_files::write_bytes(path, json.as_bytes())?)
}

/// Opens the sources of both splits.
struct Sources<'a> {
    config: &'a ArtConfig,
    model: &'a ArtModel,
    store: &'a ParameterStore,
    threads: usize,
    stop: &'a StopFlag,
    on_failure: &'a OnFailure,
}

impl Sources<'_> {
    /// Images where nothing is frozen, else activations, which are extracted
    /// first where they are not cached. `None` when that was interrupted.
    fn open(
        &self,
        train: Vec<Example>,
        validation: Vec<Example>,
        on_extraction: &mut dyn FnMut(usize, usize),
    ) -> Result<Option<(ExampleSplit, ExampleSplit)>> {
        let preprocessing = &self.config.preprocessing;
        let frozen = self.config.backbone.freeze;
        if frozen == Stage::Input {
            let images = |examples| ExampleSplit {
                examples,
                source: Source::Images(ImageSource::new(
                    preprocessing.clone(),
                    self.threads,
                    Arc::clone(self.on_failure),
                )),
            };
            return Ok(Some((images(train), images(validation))));
        }
        let extraction = Extraction {
            backbone: self.model.backbone(),
            store: self.store,
            frozen,
            preprocessing,
            threads: self.threads,
        };
        let (train_count, mirror) = (train.len(), self.config.backbone.mirror);
        let mut all = train;
        all.extend(validation);
        let extracted = extraction.run(
            &self.config.backbone.cache,
            &all,
            |example| mirror && example < train_count,
            self.stop,
            on_extraction,
        )?;
        if extracted.interrupted {
            return Ok(None);
        }
        let side = preprocessing.crop;
        let shape = self.model.backbone().boundary_shape(frozen, (side, side))?;
        let cache = Arc::new(extracted.cache);
        let mut usable = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
        for (index, (example, keys)) in all.into_iter().zip(extracted.keys).enumerate() {
            match keys {
                Ok(keys) => {
                    let (examples, all_keys) = &mut usable[usize::from(index >= train_count)];
                    examples.push(example);
                    all_keys.push(keys);
                }
                Err(message) => (self.on_failure)(&message),
            }
        }
        let [train, validation] = usable.map(|(examples, keys)| ExampleSplit {
            examples,
            source: Source::Activations(ActivationSource::new(
                Arc::clone(&cache),
                keys,
                shape.clone(),
            )),
        });
        if train.examples.is_empty() || validation.examples.is_empty() {
            return Err(Error::Usage(
                "no image of the training or validation split can be used; \
                 `artkg corpus check` says why"
                    .to_owned(),
            ));
        }
        Ok(Some((train, validation)))
    }
}
