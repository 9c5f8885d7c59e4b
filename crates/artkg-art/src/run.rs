//! A training run from its configuration to the model file.

use std::path::{Path, PathBuf};

use artkg_corpus::{Corpus, Split};
use artkg_files::fingerprint::Fingerprint;
use artkg_files::provenance::CorpusOrigin;
use artkg_graph::{Embeddings, KnowledgeGraph};
use artkg_infer::{Example, examples, load_classifiers};
use artkg_model::{
    ArtModel, Classifier, ClassifierConfig, CoOccurrence, MODEL_FILE, ModelDescription,
    SideDescription, Standardisation, StoredModel, Trust, caption_values, normalises,
};
use artkg_nn::ParameterStore;
use artkg_session::Session;
use artkg_text::Captions;
use artkg_train::{
    DataRecord, MicroBatches, Run, RunConfig, RunFolder, RunOptions, RunReport, Trained, execute,
    is_begun,
};
use artkg_vision::Stage;
use artkg_vocabulary::{Attribute, Vocabulary};

use crate::assembly::{classifier_config, create_or_load_backbone, describe_side, open, opinions};
use crate::co_occurrence::{co_occurrence, co_occurrence_of_graph};
use crate::config::ArtConfig;
use crate::error::{Error, Result};
use crate::objective::Objective;
use crate::system::GraphContext;
use crate::targets::{ContextTargets, class_nodes, vocabularies};
use crate::task_weights::TaskWeights;
use crate::training::ArtTraining;
use crate::works::works;

/// The vocabularies of a run folder.
const VOCABULARY_FILE: &str = "vocabulary.json";

/// Trains as `config` says. The tasks share one network; for a network each, see
/// [`train_each_task`].
///
/// # Errors
/// When the configuration makes no sense, the corpus, embeddings or weights do
/// not fit, or a file cannot be written. A bad image is no error.
pub fn train(config: &ArtConfig, options: RunOptions<'_>) -> Result<RunReport> {
    let session = options.session;
    execute(config, options, |config| ArtRun::open(config, session))
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

/// The run of a model of art: what it reads, and what its model file will say.
struct ArtRun<'a> {
    session: &'a Session,
    corpus: Corpus,
    vocabularies: Vec<Vocabulary>,
    /// Which classes go together.
    counts: CoOccurrence,
    embeddings: Option<Embeddings>,
    /// The nodes to predict, until the objective has them.
    context: Option<ContextTargets>,
    standardisation: Option<Standardisation>,
    /// The classifiers whose opinions are inputs.
    classifiers: Vec<StoredModel>,
    side: Option<SideDescription>,
    classifier: ClassifierConfig,
}

/// What is learned from.
struct Works {
    train: Vec<Example>,
    validation: Vec<Example>,
    captions: Option<Captions>,
}

impl<'a> ArtRun<'a> {
    /// Reads what has to fit before anything is written.
    fn open(config: &ArtConfig, session: &'a Session) -> Result<Self> {
        // First of all, as most else lies in its folder.
        let corpus = Corpus::open(&config.corpus)?;
        let vocabularies = vocabularies(&corpus, &config.tasks, config.minimum_count)?;
        let counts = match &config.graph {
            Some(path) => {
                let graph = KnowledgeGraph::load(path)?;
                co_occurrence_of_graph(&vocabularies, &corpus, (&graph, path))?
            }
            None => co_occurrence(&vocabularies, &corpus),
        };
        let graph = config.system.graph();
        let embeddings = graph.map(load_embeddings).transpose()?;
        let context = embeddings
            .as_ref()
            .map(|embeddings| ContextTargets::collect(&corpus, embeddings))
            .transpose()?;
        Ok(Self {
            session,
            corpus,
            vocabularies,
            counts,
            embeddings,
            standardisation: context.as_ref().map(ContextTargets::standardisation),
            context,
            classifiers: Vec::new(),
            side: None,
            classifier: ClassifierConfig::default(),
        })
    }

    /// The model and what it learns, with fresh or given parameters.
    fn assemble(
        &mut self,
        config: &ArtConfig,
        train: &[Example],
    ) -> Result<(ParameterStore, ArtModel, Objective)> {
        let context = self.context.take();
        let device = self.session.device();
        let (store, (model, objective)) =
            ParameterStore::assemble(config.training.seed, device, |store| {
                let backbone = create_or_load_backbone(config, store)?;
                // Images too small for the network end the run now, not after hours.
                let side = config.preprocessing.crop;
                let fits = backbone.boundary_shape(Stage::Pooled, (side, side));
                fits.map_err(|source| Error::SmallImages {
                    network: backbone.name(),
                    side,
                    source: Box::new(source),
                })?;
                let features = backbone.features();
                let heads = Classifier::new(store, features, &self.vocabularies, &self.classifier)?;
                if let (Some(embeddings), Some(standardisation)) =
                    (&self.embeddings, self.standardisation)
                {
                    let nodes = class_nodes(embeddings, standardisation, &self.vocabularies);
                    heads.set_prototypes(nodes)?;
                }
                heads.set_co_occurrence(&self.counts)?;
                let losses =
                    config
                        .imbalance
                        .losses(&self.vocabularies, train, config.label_smoothing);
                let weights = &config.task_weights;
                let graph = config.system.graph();
                let context = context.zip(graph.map(|graph| graph.weight));
                let objective =
                    Objective::new(store, &self.vocabularies, losses, weights, context)?;
                let model = ArtModel::new(backbone, heads).with_dropout(config.backbone.dropout)?;
                Ok::<_, Error>((model, objective))
            })?;
        Ok((store, model, objective))
    }
}

impl Run for ArtRun<'_> {
    type Config = ArtConfig;
    type Data = Works;
    type Training = ArtTraining;
    type Error = Error;

    fn read(&mut self, config: &ArtConfig, record: &mut DataRecord) -> Result<Option<Works>> {
        let train = examples(&self.corpus, Split::Train, &self.vocabularies);
        let validation = examples(&self.corpus, Split::Validation, &self.vocabularies);
        for (split, examples) in [(Split::Train, &train), (Split::Validation, &validation)] {
            if examples.is_empty() {
                return Err(Error::NoImages {
                    corpus: config.corpus.clone(),
                    split,
                });
            }
        }
        self.classifiers =
            load_classifiers(config.system.models(), &config.preprocessing, self.session)?;
        let captions = config.system.captions();
        let captions = captions
            .map(|source| source.read(&self.corpus))
            .transpose()?;
        for vocabulary in &self.vocabularies {
            let name = format!("the classes of {}", vocabulary.attribute);
            record.add(name, &vocabulary.fingerprint());
        }
        record.add("the training works", &works(&train, captions.as_ref()));
        record.add(
            "the validation works",
            &works(&validation, captions.as_ref()),
        );
        if let Some(graph) = config.system.graph() {
            let mut embeddings = Fingerprint::new("file", 1);
            record.add("the embeddings", embeddings.file(&graph.embeddings)?);
        }
        if let Some(graph) = &config.graph {
            let mut edges = Fingerprint::new("file", 1);
            record.add("the graph", edges.file(graph)?);
        }
        Ok(Some(Works {
            train,
            validation,
            captions,
        }))
    }

    fn build(
        &mut self,
        config: &ArtConfig,
        works: Works,
        folder: &RunFolder,
    ) -> Result<Option<ArtTraining>> {
        let Works {
            train,
            validation,
            captions,
        } = works;
        let (session, frozen) = (self.session, config.frozen());
        write_vocabularies(&folder.path().join(VOCABULARY_FILE), &self.vocabularies)?;
        self.side = describe_side(config, &self.corpus, &self.classifiers, captions.as_ref())?;
        self.classifier = classifier_config(config, self.side.as_ref(), self.context.as_ref());
        let (store, model, objective) = self.assemble(config, &train)?;
        let side = match (&self.side, &captions) {
            (Some(SideDescription::Attributes(_)), _) => {
                let all = [train.as_slice(), validation.as_slice()].concat();
                let cache = &config.backbone.cache;
                let side = opinions(&self.classifiers, &all, cache, session)?;
                if side.is_none() {
                    return Ok(None);
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
            return Ok(None);
        };
        if train.examples.is_empty() || validation.examples.is_empty() {
            return Err(Error::NoUsableImages);
        }
        let crop = config.preprocessing.crop;
        let batch_size = config.training.batch_size;
        Ok(Some(ArtTraining {
            input_shape: model.backbone().boundary_shape(frozen, (crop, crop))?,
            model,
            store,
            frozen,
            layer_decay: config.backbone.layer_decay.unwrap_or(1.0),
            vocabularies: self.vocabularies.clone(),
            objective,
            sampling: config.imbalance.sampling,
            side,
            train,
            validation,
            batch_size,
            validation_size: batch_size,
            seed: config.training.seed,
            synthetic: self.corpus.description.synthetic,
        }))
    }

    fn settle(&mut self, training: &mut ArtTraining, batches: &MicroBatches, session: &Session) {
        training.validation_size = training.batch_size.div_ceil(batches.count);
        let backbone = training.model.backbone();
        if batches.count > 1 && normalises(&training.store, backbone, training.frozen) {
            session.message(&format!(
                "batch norm takes its statistics from micro-batches of {}, not from batches of {}",
                batches.size, batches.batch
            ));
        }
    }

    fn save(
        self,
        config: &ArtConfig,
        training: ArtTraining,
        trained: Trained,
        folder: &RunFolder,
    ) -> Result<PathBuf> {
        let scores = training.validation_scores()?;
        let trust = Trust::fit(&self.vocabularies, &scores.tasks, self.counts);
        let corpus = &self.corpus.description;
        let origin = CorpusOrigin {
            name: corpus.name.clone(),
            source: corpus.source.clone(),
            licence: corpus.licence.clone(),
            synthetic: corpus.synthetic,
        };
        let description = ModelDescription {
            format: ModelDescription::FORMAT,
            mode: config.system.mode(),
            architecture: training.model.backbone().architecture(),
            bottleneck: training.model.backbone().bottleneck(),
            frozen: training.frozen,
            classifier: self.classifier,
            side: self.side,
            temperatures: trust.temperatures,
            selection: Some(trust.selection),
            joint: trust.joint,
            vocabularies: self.vocabularies,
            preprocessing: config.preprocessing.clone(),
            standardisation: self.standardisation,
            provenance: trained.provenance(origin, config.backbone.weights.clone()),
        };
        let stored = StoredModel {
            description,
            store: training.store,
            model: training.model,
            attributes: self.classifiers,
            checksum: None,
        };
        let path = folder.path().join(MODEL_FILE);
        stored.save(&path)?;
        Ok(path)
    }
}

/// The node embeddings that a run learns from.
fn load_embeddings(graph: &GraphContext) -> Result<Embeddings> {
    let path = &graph.embeddings;
    match path.exists() {
        true => Ok(Embeddings::load(path)?),
        false => Err(Error::NoEmbeddings(path.clone())),
    }
}

fn write_vocabularies(path: &Path, vocabularies: &[Vocabulary]) -> Result<()> {
    let json = serde_json::to_string_pretty(vocabularies).map_err(|error| {
        // Only where a vocabulary could not be written as JSON.
        artkg_files::Error::new("write", path, error.into())
    })?;
    Ok(artkg_files::write_bytes(path, json.as_bytes())?)
}
