use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use artkg_art::{RunData, RunOptions, SessionProgress};
use artkg_corpus::{Artwork, Corpus, Split};
use artkg_infer::{ModelCache, score_split};
use artkg_model::{Predictor, SideDescription, StoredModel};
use artkg_nn::{Device, ParameterStore, Precision};
use artkg_train::{Outcome, RunFolder, Summary};
use artkg_vocabulary::Vocabulary;

use crate::config::RetrievalConfig;
use crate::error::{Error, Result};
use crate::image_side::ImageSide;
use crate::joint_space::JointSpace;
use crate::model::{Description, RETRIEVAL_FILE, RetrievalModel};
use crate::text_side::{Record, TextSide};
use crate::training::{Pairs, RetrievalTraining};

/// The result of a retrieval run.
#[derive(Debug)]
pub struct RetrievalReport {
    /// How training ended; `None` when it was stopped before it began.
    pub training: Option<Summary>,
    /// The retrieval file, unless the run was interrupted.
    pub model: Option<PathBuf>,
    /// Training artworks without words, which were left out.
    pub without_text: usize,
}

/// Images that go through the visual model together.
const BATCH_SIZE: usize = 32;

/// Learns a joint space as `config` says.
///
/// # Errors
/// When the configuration makes no sense, corpus or model do not fit, no artwork
/// has a text, or a file cannot be written.
pub fn train_retrieval(
    config: &RetrievalConfig,
    options: RunOptions<'_>,
) -> Result<RetrievalReport> {
    let mut config = config.clone();
    config.check()?;
    config.training.optimiser = config.training.optimiser.completed();
    let corpus = Corpus::open(&config.corpus)?;
    let stored = StoredModel::load(&config.model)?;
    let vocabularies = chosen_vocabularies(&config, &stored)?;
    if let Some(SideDescription::Captions { .. }) = &stored.description.side {
        return Err(Error::Usage(format!(
            "{} reads captions; retrieval takes models that see the image alone or the opinions \
             of others",
            config.model.display()
        )));
    }
    let folder = match options.resume {
        true => RunFolder::resume(options.folder, &config, &config.keys_free_to_change())?,
        false => RunFolder::create(options.folder, &config)?,
    };
    let (predictor, cache) = (
        Predictor::new(&stored, Precision::F32)?,
        ModelCache::new(&stored, &config.cache)?,
    );
    let session = options.session;
    let mut without_text = 0;
    let mut sides = Vec::new();
    for split in [Split::Train, Split::Validation, Split::Test] {
        if corpus.split(split).all(|artwork| artwork.image.is_none()) {
            continue;
        }
        let scores = score_split(
            &predictor,
            &corpus,
            split,
            Some(&cache),
            BATCH_SIZE,
            session,
        )?;
        let Some(scores) = scores else {
            return Ok(RetrievalReport {
                training: None,
                model: None,
                without_text,
            });
        };
        let side = ImageSide::new(&stored.description, &config.attributes, &scores)?;
        sides.push((split, Arc::new(side)));
    }
    let mut pairs_of = |split: Split| -> Result<Pairs> {
        let side = sides.iter().find(|(each, _)| *each == split);
        let side = side.map_or_else(Arc::default, |(_, side)| Arc::clone(side));
        let pairs = pairs(&corpus, split, &vocabularies, side);
        if split == Split::Train {
            without_text = pairs.images.ids.len() - pairs.rows.len();
        }
        if pairs.records.len() < 2 {
            return Err(Error::Usage(format!(
                "{}: the {split} split has {} artworks with an image and a title or description; \
                 retrieval needs at least two",
                config.corpus.display(),
                pairs.records.len()
            )));
        }
        Ok(pairs)
    };
    let (train, validation) = (pairs_of(Split::Train)?, pairs_of(Split::Validation)?);
    let mut data = RunData::default();
    data.file("the visual model", &config.model)?;
    data.classes(&vocabularies);
    for (name, pairs) in [
        ("the training works", &train),
        ("the validation works", &validation),
    ] {
        let ids = pairs.rows.iter().map(|&row| &pairs.images.ids[row]);
        data.items(name, ids.zip(&pairs.records));
    }
    data.settle(&folder)?;
    let text_side = TextSide::fit(&train.records, vocabularies, config.words)?;
    let (text_inputs, image_inputs) = (text_side.inputs(), train.images.width);
    let seed = config.training.seed;
    let (store, space) = ParameterStore::assemble(seed, &Device::Cpu, |store| {
        JointSpace::new(store, text_inputs, image_inputs, config.dimension)
    })?;
    let training = RetrievalTraining {
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
    };
    let summary = artkg_train::train(
        &training,
        &config.training,
        &folder,
        session.stop(),
        &mut SessionProgress(session),
    )?;
    if summary.outcome == Outcome::Interrupted {
        return Ok(RetrievalReport {
            training: Some(summary),
            model: None,
            without_text,
        });
    }
    folder.load_best(&training.store)?;
    let (mut ids, mut index) = (Vec::new(), Vec::new());
    for (_, side) in sides {
        let rows: Vec<usize> = (0..side.ids.len()).collect();
        index.extend(training.space.embed_images(&side, &rows)?);
        ids.extend_from_slice(&side.ids);
    }
    let description = Description {
        format: Description::FORMAT,
        corpus: corpus.description.name.clone(),
        text_side: training.text_side,
        image_inputs,
        dimension: config.dimension,
        ids,
    };
    let path = folder.path().join(RETRIEVAL_FILE);
    RetrievalModel::new(description, training.store, training.space, index).save(&path)?;
    Ok(RetrievalReport {
        training: Some(summary),
        model: Some(path),
        without_text,
    })
}

/// The visual model's vocabularies of the chosen attributes.
fn chosen_vocabularies(config: &RetrievalConfig, stored: &StoredModel) -> Result<Vec<Vocabulary>> {
    config
        .attributes
        .iter()
        .map(|attribute| {
            let vocabularies = &stored.description.vocabularies;
            let found = vocabularies
                .iter()
                .find(|vocabulary| vocabulary.attribute == *attribute);
            found.cloned().ok_or_else(|| {
                Error::Usage(format!(
                    "{} does not predict {attribute}; leave it out with --attribute",
                    config.model.display()
                ))
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
