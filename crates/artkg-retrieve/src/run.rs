use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use artkg_corpus::{Artwork, Corpus, Split};
use artkg_files::fingerprint::Fingerprint;
use artkg_infer::{ModelActivations, ScoreOptions, score_split};
use artkg_model::{Predictor, SideDescription, StoredModel};
use artkg_nn::{ParameterStore, Precision};
use artkg_session::Session;
use artkg_train::{DataRecord, Run, RunFolder, RunOptions, RunReport, Trained, execute};
use artkg_vocabulary::Vocabulary;

use crate::config::RetrievalConfig;
use crate::error::{Error, Result};
use crate::image_side::ImageSide;
use crate::joint_space::JointSpace;
use crate::model::{Description, RETRIEVAL_FILE, RetrievalModel};
use crate::text_side::{Record, TextSide};
use crate::training::{Pairs, RetrievalTraining};

/// Images that go through the visual model together.
const BATCH_SIZE: usize = 32;

/// The result of a retrieval run.
#[derive(Debug)]
pub struct RetrievalReport {
    /// How the run ended, and where its file lies.
    pub run: RunReport,
    /// Training artworks without words, which were left out.
    pub without_text: usize,
}

/// Learns a joint space as `config` says.
///
/// # Errors
/// When the configuration makes no sense, corpus or model do not fit, no artwork
/// has a text, or a file cannot be written.
pub fn train_retrieval(
    config: &RetrievalConfig,
    options: RunOptions<'_>,
) -> Result<RetrievalReport> {
    let mut without_text = 0;
    let session = options.session;
    let visual = StoredModel::load(&config.model, session.device())?;
    session.vouch(&config.model, visual.checksum.as_ref());
    let mut config = config.clone();
    config.attributes.get_or_insert_with(|| {
        let vocabularies = visual.description.vocabularies.iter();
        vocabularies
            .map(|vocabulary| vocabulary.attribute)
            .collect()
    });
    let run = execute(&config, options, |config| {
        RetrievalRun::open(config, visual, session, &mut without_text)
    })?;
    Ok(RetrievalReport { run, without_text })
}

/// The run of a joint space.
struct RetrievalRun<'a> {
    session: &'a Session,
    corpus: Corpus,
    visual: StoredModel,
    vocabularies: Vec<Vocabulary>,
    /// Training artworks without words.
    without_text: &'a mut usize,
    /// The visual sides of the splits that have images.
    sides: Vec<(Split, Arc<ImageSide>)>,
}

impl<'a> RetrievalRun<'a> {
    /// Reads what has to fit before anything is written.
    fn open(
        config: &RetrievalConfig,
        visual: StoredModel,
        session: &'a Session,
        without_text: &'a mut usize,
    ) -> Result<Self> {
        let corpus = Corpus::open(&config.corpus)?;
        if let Some(SideDescription::Captions { .. }) = &visual.description.side {
            return Err(Error::ReadsCaptions {
                model: config.model.clone(),
            });
        }
        Ok(Self {
            session,
            corpus,
            vocabularies: chosen_vocabularies(config, &visual)?,
            visual,
            without_text,
            sides: Vec::new(),
        })
    }

    /// What the visual model says of every split with images; false when that was
    /// interrupted.
    fn look(&mut self, config: &RetrievalConfig) -> Result<bool> {
        let predictor = Predictor::new(&self.visual, Precision::F32)?;
        let cache = ModelActivations::new(&self.visual, &config.cache)?;
        let options = ScoreOptions {
            activations: Some(&cache),
            batch_size: BATCH_SIZE,
            vectors: true,
        };
        for split in [Split::Train, Split::Validation, Split::Test] {
            let mut works = self.corpus.split(split);
            if works.all(|artwork| artwork.image.is_none()) {
                continue;
            }
            let scores = score_split(&predictor, &self.corpus, split, &options, self.session)?;
            let Some(scores) = scores else {
                return Ok(false);
            };
            let side = ImageSide::new(&self.visual.description, &self.vocabularies, &scores)?;
            self.sides.push((split, Arc::new(side)));
        }
        Ok(true)
    }

    fn pairs(&self, split: Split) -> Result<Pairs> {
        let side = self.sides.iter().find(|(each, _)| *each == split);
        let side = side.map_or_else(Arc::default, |(_, side)| Arc::clone(side));
        let pairs = pairs(&self.corpus, split, &self.vocabularies, side);
        if pairs.records.len() < 2 {
            return Err(Error::TooFewTexts {
                corpus: self.corpus.folder.clone(),
                split,
                artworks: pairs.records.len(),
            });
        }
        Ok(pairs)
    }
}

impl Run for RetrievalRun<'_> {
    type Config = RetrievalConfig;
    type Data = (Pairs, Pairs);
    type Training = RetrievalTraining;
    type Error = Error;

    fn read(
        &mut self,
        config: &RetrievalConfig,
        record: &mut DataRecord,
    ) -> Result<Option<(Pairs, Pairs)>> {
        if !self.look(config)? {
            return Ok(None);
        }
        let (train, validation) = (self.pairs(Split::Train)?, self.pairs(Split::Validation)?);
        *self.without_text = train.images.ids.len() - train.rows.len();
        let visual = &config.model;
        record.add(
            "the visual model",
            Fingerprint::new("file", 1).file(visual)?,
        );
        for vocabulary in &self.vocabularies {
            let name = format!("the classes of {}", vocabulary.attribute);
            record.add(name, &vocabulary.fingerprint());
        }
        record.add("the training works", &train.fingerprint());
        record.add("the validation works", &validation.fingerprint());
        Ok(Some((train, validation)))
    }

    fn build(
        &mut self,
        config: &RetrievalConfig,
        (train, validation): (Pairs, Pairs),
        _: &RunFolder,
    ) -> Result<Option<RetrievalTraining>> {
        let text_side = TextSide::fit(&train.records, self.vocabularies.clone(), config.words)?;
        let (text_inputs, image_inputs) = (text_side.inputs(), train.images.width);
        let (seed, device) = (config.training.seed, self.session.device());
        let (store, space) = ParameterStore::assemble(seed, device, |store| {
            JointSpace::new(store, text_inputs, image_inputs, config.dimension)
        })?;
        Ok(Some(RetrievalTraining {
            space,
            store,
            text_side,
            train,
            validation,
            margin: config.margin as f32,
            mismatches: config.mismatches,
            omission: config.omission,
            batch_size: config.training.batch_size,
            seed,
        }))
    }

    fn save(
        self,
        config: &RetrievalConfig,
        training: RetrievalTraining,
        _: Trained,
        folder: &RunFolder,
    ) -> Result<PathBuf> {
        let (mut ids, mut index) = (Vec::new(), Vec::new());
        for (_, side) in self.sides {
            let rows: Vec<usize> = (0..side.ids.len()).collect();
            index.extend(training.space.embed_images(&side, &rows)?);
            ids.extend_from_slice(&side.ids);
        }
        let description = Description {
            format: Description::FORMAT,
            corpus: self.corpus.description.name,
            synthetic: self.corpus.description.synthetic
                || self.visual.description.provenance.data.synthetic,
            text_side: training.text_side,
            image_inputs: training.train.images.width,
            dimension: config.dimension,
            ids,
        };
        let path = folder.path().join(RETRIEVAL_FILE);
        RetrievalModel::new(description, training.store, training.space, index).save(&path)?;
        Ok(path)
    }
}

/// The visual model's vocabularies of the chosen attributes.
fn chosen_vocabularies(config: &RetrievalConfig, stored: &StoredModel) -> Result<Vec<Vocabulary>> {
    let attributes = config.attributes.iter().flatten();
    attributes
        .map(|attribute| {
            let vocabularies = &stored.description.vocabularies;
            let found = vocabularies
                .iter()
                .find(|vocabulary| vocabulary.attribute == *attribute);
            found.cloned().ok_or_else(|| Error::NotPredicted {
                model: config.model.clone(),
                attribute: *attribute,
            })
        })
        .collect()
}

/// The artworks of a split that have words and a usable image.
fn pairs(
    corpus: &Corpus,
    split: Split,
    vocabularies: &[Vocabulary],
    images: Arc<ImageSide>,
) -> Pairs {
    let artworks: HashMap<&str, &Artwork> = corpus
        .split(split)
        .map(|artwork| (artwork.id.as_str(), artwork))
        .collect();
    let record = |(row, id): (usize, &String)| {
        let record = Record::of(artworks.get(id.as_str())?, vocabularies)?;
        Some((row, record))
    };
    let (rows, records) = images.ids.iter().enumerate().filter_map(record).unzip();
    Pairs {
        records,
        images,
        rows,
    }
}
