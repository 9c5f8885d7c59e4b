//! A training run from its configuration to the model file.

use std::path::{Path, PathBuf};

use artkg_corpus::{Corpus, Split};
use artkg_graph::Embeddings;
use artkg_infer::{
    Example, ExampleSet, FrozenPart, Inputs, attribute_values, examples, load_classifiers, width,
};
use artkg_model::{
    ArtModel, BACKBONE_SCOPE, Classifier, ClassifierConfig, MODEL_FILE, ModelDescription,
    Predictor, ProjectionConfig, Provenance, SideConfig, SideDescription, SideValues, StoredModel,
    Trust, caption_values, normalises,
};
use artkg_nn::{Device, ParameterStore, Precision};
use artkg_session::Session;
use artkg_text::Captions;
use artkg_train::{Outcome, Progress, RunFolder, Summary, is_begun};
use artkg_vision::{BackboneOptions, Hub, Stage, WeightSource, Weights, load_backbone};
use artkg_vocabulary::{Attribute, Vocabulary};

use crate::caption_vocabulary::{CAPTION_ENCODER, caption_vocabulary};
use crate::co_occurrence::co_occurrence;
use crate::config::ArtConfig;
use crate::error::{Error, Result};
use crate::objective::Objective;
use crate::run_data::RunData;
use crate::session_progress::SessionProgress;
use crate::targets::{ContextTargets, class_nodes, vocabularies};
use crate::task_weights::TaskWeights;
use crate::training::ArtTraining;

/// The vocabularies of a run folder.
pub(crate) const VOCABULARY_FILE: &str = "vocabulary.json";

/// What a run needs besides its configuration: its folder and who is told of its progress.
pub struct RunOptions<'a> {
    /// The run folder.
    pub folder: &'a Path,
    /// Whether to continue what lies there.
    pub resume: bool,
    /// Threads, device, stop, and who is told of its progress.
    pub session: &'a Session,
}

/// The result of a run.
#[derive(Debug)]
pub struct RunReport {
    /// How training ended; `None` when it was stopped before it began.
    pub training: Option<Summary>,
    /// The model file, unless the run was interrupted.
    pub model: Option<PathBuf>,
}

/// Trains as `config` says. The tasks share one network; for a network each, see
/// [`train_each_task`].
///
/// # Errors
/// When the configuration makes no sense, the corpus, embeddings or weights do
/// not fit, or a file cannot be written. A bad image is no error.
pub fn train(config: &ArtConfig, options: RunOptions<'_>) -> Result<RunReport> {
    // First of all, as most else lies in its folder.
    let corpus = Corpus::open(&config.corpus)?;
    let config = &mut complete(config, &options)?;
    let vocabularies = vocabularies(&corpus, &config.tasks, config.minimum_count)?;
    let embeddings = config.embeddings.as_ref();
    let embeddings = embeddings.map(|path| Embeddings::load(path)).transpose()?;
    let context = embeddings
        .as_ref()
        .map(|embeddings| ContextTargets::collect(&corpus, embeddings))
        .transpose()?;
    let standardisation = context.as_ref().map(ContextTargets::standardisation);
    let folder = if options.resume {
        RunFolder::resume(options.folder, config, &config.keys_free_to_change())?
    } else {
        RunFolder::create(options.folder, config)?
    };
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

    let classifiers = load_classifiers(&config.attributes, &config.preprocessing)?;
    let captions = config.captions.as_ref();
    let captions = captions.map(|source| source.read(&corpus)).transpose()?;
    let mut data = RunData::default();
    data.classes(&vocabularies);
    for (name, examples) in [
        ("the training works", &train),
        ("the validation works", &validation),
    ] {
        data.items(
            name,
            examples.iter().map(|example| {
                let caption = captions.as_ref().map(|captions| captions.get(&example.id));
                (&example.id, &example.targets, caption)
            }),
        );
    }
    if let Some(path) = &config.embeddings {
        data.file("the embeddings", path)?;
    }
    data.settle(&folder)?;
    write_vocabularies(&folder.path().join(VOCABULARY_FILE), &vocabularies)?;
    let side_description = describe_side(config, &corpus, &classifiers, captions.as_ref())?;
    let classifier = classifier_config(config, side_description.as_ref(), context.as_ref());
    let (seed, frozen) = (config.training.seed, config.frozen());
    let (store, (model, objective)) = ParameterStore::assemble(seed, &Device::Cpu, |store| {
        let backbone = create_or_load_backbone(config, store)?;
        // Images too small for the network end the run now, not after hours.
        let side = config.preprocessing.crop;
        let fits = backbone.boundary_shape(Stage::Pooled, (side, side));
        fits.map_err(|error| {
            let name = backbone.name();
            Error::Usage(format!(
                "{name} takes no images of {side} px: {error}; raise --crop"
            ))
        })?;
        let features = backbone.features();
        let heads = Classifier::new(store, features, &vocabularies, &classifier)?;
        if let (Some(embeddings), Some(standardisation)) = (&embeddings, standardisation) {
            heads.set_prototypes(class_nodes(embeddings, standardisation, &vocabularies))?;
        }
        heads.set_co_occurrence(&co_occurrence(&vocabularies, &corpus))?;
        let losses = config
            .imbalance
            .losses(&vocabularies, &train, config.label_smoothing);
        let (weights, share) = (&config.task_weights, config.context_weight);
        let objective = Objective::new(store, &vocabularies, losses, weights, context, share)?;
        let model = ArtModel::new(backbone, heads).with_dropout(config.backbone.dropout)?;
        Ok::<_, Error>((model, objective))
    })?;
    let (architecture, bottleneck) = (
        model.backbone().architecture(),
        model.backbone().bottleneck(),
    );

    let session = options.session;
    let cache = config.backbone.cache.as_path();
    let interrupted = RunReport {
        training: None,
        model: None,
    };
    let side = match (&side_description, &captions) {
        (Some(SideDescription::Attributes(_)), _) => {
            let all = [train.as_slice(), validation.as_slice()].concat();
            let side = opinions(&classifiers, &all, cache, session)?;
            if side.is_none() {
                return Ok(interrupted);
            }
            side
        }
        (Some(SideDescription::Captions { vocabulary, .. }), Some(captions)) => {
            Some(caption_values(captions, vocabulary))
        }
        _ => None,
    };
    let sets = [(train, config.backbone.mirror), (validation, false)];
    let opened = open(sets, &model, &store, frozen, config, session)?;
    let Some([train, validation]) = opened else {
        return Ok(interrupted);
    };
    if train.examples.is_empty() || validation.examples.is_empty() {
        return Err(Error::Usage(
            "no image of the training or validation split can be used; \
             `artkg corpus check` says why"
                .to_owned(),
        ));
    }
    let crop = config.preprocessing.crop;
    let batch_size = config.training.batch_size;
    let mut training = ArtTraining {
        input_shape: model.backbone().boundary_shape(frozen, (crop, crop))?,
        model,
        store,
        frozen,
        vocabularies,
        objective,
        sampling: config.imbalance.sampling,
        side,
        train,
        validation,
        batch_size,
        validation_size: batch_size,
        seed,
        synthetic: corpus.description.synthetic,
    };
    let progress = &mut SessionProgress(session);
    settle_micro_batches(&mut training, config, &folder, progress)?;
    let summary = artkg_train::train(
        &training,
        &config.training,
        &folder,
        session.stop(),
        progress,
    )?;
    if summary.outcome == Outcome::Interrupted {
        return Ok(RunReport {
            training: Some(summary),
            model: None,
        });
    }
    let epoch = folder.load_best(&training.store)?;
    let scores = training.validation_scores()?;
    let counts = co_occurrence(&training.vocabularies, &corpus);
    let trust = Trust::fit(&training.vocabularies, &scores.tasks, counts);
    let path = folder.path().join(MODEL_FILE);
    let description = ModelDescription {
        format: ModelDescription::FORMAT,
        mode: config.mode,
        architecture,
        bottleneck,
        frozen,
        classifier,
        side: side_description,
        temperatures: trust.temperatures,
        selection: Some(trust.selection),
        joint: trust.joint,
        vocabularies: training.vocabularies,
        preprocessing: config.preprocessing.clone(),
        standardisation,
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
    let stored = StoredModel {
        description,
        store: training.store,
        model: training.model,
        attributes: classifiers,
    };
    stored.save(&path)?;
    Ok(RunReport {
        training: Some(summary),
        model: Some(path),
    })
}

/// Trains a network of its own for each task of `config`, each in a folder of
/// the task's name below the run folder. Ends with the first that is interrupted.
///
/// # Errors
/// As [`train`].
pub fn train_each_task(
    config: &ArtConfig,
    options: RunOptions<'_>,
) -> Result<Vec<(Attribute, RunReport)>> {
    config.check()?;
    let mut reports = Vec::new();
    for &task in &config.tasks {
        let mut config = config.clone();
        config.tasks = vec![task];
        if let TaskWeights::Given(_) = config.task_weights {
            // One task has all the weight there is.
            config.task_weights = TaskWeights::Equal;
        }
        let folder = options.folder.join(task.name());
        let options = RunOptions {
            folder: &folder,
            // One that has not begun begins.
            resume: options.resume && is_begun(&folder),
            session: options.session,
        };
        let report = train(&config, options)?;
        let interrupted = report.model.is_none();
        reports.push((task, report));
        if interrupted {
            break;
        }
    }
    Ok(reports)
}

/// What `classifiers` say of the examples. `None` when that was interrupted.
fn opinions(
    classifiers: &[StoredModel],
    examples: &[Example],
    cache: &Path,
    session: &Session,
) -> Result<Option<SideValues>> {
    let (mut predictors, mut parts) = (Vec::new(), Vec::new());
    for stored in classifiers {
        predictors.push(Predictor::new(stored, Precision::F32)?);
        parts.push(FrozenPart::of_model(stored)?);
    }
    Ok(attribute_values(
        &predictors,
        &parts,
        examples,
        cache,
        session,
    )?)
}

/// The sets of examples with what the trained part of the network gets of them: images
/// where nothing is frozen, else activations. `None` when that was interrupted.
fn open<const SETS: usize>(
    sets: [(Vec<Example>, bool); SETS],
    model: &ArtModel,
    store: &ParameterStore,
    frozen: Stage,
    config: &ArtConfig,
    session: &Session,
) -> Result<Option<[ExampleSet; SETS]>> {
    let (preprocessing, backbone) = (&config.preprocessing, model.backbone());
    if frozen == Stage::Input {
        return Ok(Some(sets.map(|(examples, _)| {
            ExampleSet::images(examples, preprocessing, session)
        })));
    }
    let inputs = Inputs {
        part: &FrozenPart::of(backbone, store, frozen, preprocessing)?,
        network: &*backbone.fold(frozen, Precision::F32)?,
        precision: Precision::F32,
        preprocessing,
        cache: &config.backbone.cache,
    };
    Ok(inputs.open(sets, session)?)
}

/// What the classifiers see beside the images.
fn describe_side(
    config: &ArtConfig,
    corpus: &Corpus,
    classifiers: &[StoredModel],
    captions: Option<&Captions>,
) -> Result<Option<SideDescription>> {
    if let Some(captions) = captions {
        return Ok(Some(SideDescription::Captions {
            vocabulary: caption_vocabulary(captions, corpus, config.caption_words)?,
            captioner: captions.captioner(),
        }));
    }
    Ok((!classifiers.is_empty()).then(|| {
        let descriptions = classifiers.iter().map(|stored| stored.description.clone());
        SideDescription::Attributes(descriptions.collect())
    }))
}

/// What is behind the backbone.
fn classifier_config(
    config: &ArtConfig,
    side: Option<&SideDescription>,
    context: Option<&ContextTargets>,
) -> ClassifierConfig {
    let side = side.map(|side| match side {
        SideDescription::Attributes(models) => SideConfig {
            inputs: width(models.iter()),
            encoder: None,
        },
        SideDescription::Captions { vocabulary, .. } => SideConfig {
            inputs: vocabulary.len(),
            encoder: Some(CAPTION_ENCODER),
        },
    });
    ClassifierConfig {
        hidden: config.hidden.clone(),
        side,
        projection: context.map(|context| ProjectionConfig {
            width: context.dimension(),
            hidden: config.projection_hidden.clone(),
            usage: config.context,
        }),
    }
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

/// Makes sure that the run fits into memory, and records in how many
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
    let backbone = training.model.backbone();
    if accumulate > 1 && normalises(&training.store, backbone, training.frozen) {
        progress.message(&format!(
            "batch norm takes its statistics from micro-batches of {size}, not from batches of {}",
            settings.batch_size
        ));
    }
    Ok(())
}

fn create_or_load_backbone(
    config: &ArtConfig,
    store: &ParameterStore,
) -> Result<Box<dyn artkg_vision::Backbone>> {
    let request = config.backbone.name;
    let weights = match &config.backbone.weights {
        Some(source) => {
            let source: WeightSource = source.parse()?;
            Weights::from_source(&source, request, &Hub::from_environment())?
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
