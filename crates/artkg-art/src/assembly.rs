//! The parts of a model that is to be trained, and of its inputs.

use std::path::Path;

use artkg_corpus::Corpus;
use artkg_infer::{Example, ExampleSet, FrozenPart, Inputs, attribute_values, width};
use artkg_model::{
    ArtModel, BACKBONE_SCOPE, ClassifierConfig, Predictor, ProjectionConfig, SideConfig,
    SideDescription, SideValues, StoredModel,
};
use artkg_nn::{ParameterStore, Precision};
use artkg_session::Session;
use artkg_text::Captions;
use artkg_vision::{Backbone, BackboneOptions, Hub, Stage, WeightSource, Weights, load_backbone};

use crate::caption_vocabulary::{CAPTION_ENCODER, caption_vocabulary};
use crate::config::ArtConfig;
use crate::error::Result;
use crate::system::System;
use crate::targets::ContextTargets;

/// The backbone, with the weights that the configuration names.
///
/// # Errors
/// When they are not available or do not fit.
pub(crate) fn create_or_load_backbone(
    config: &ArtConfig,
    store: &ParameterStore,
) -> Result<Backbone> {
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
        stochastic_depth: config.backbone.stochastic_depth,
        ..BackboneOptions::default()
    };
    let (backbone, _) = load_backbone(store, BACKBONE_SCOPE, request, weights.as_ref(), options)?;
    Ok(backbone)
}

/// What the classifiers see beside the images.
///
/// # Errors
/// When no training artwork has a caption.
pub(crate) fn describe_side(
    config: &ArtConfig,
    corpus: &Corpus,
    classifiers: &[StoredModel],
    captions: Option<&Captions>,
) -> Result<Option<SideDescription>> {
    Ok(match (&config.system, captions) {
        (System::Captions { words, .. }, Some(captions)) => Some(SideDescription::Captions {
            vocabulary: caption_vocabulary(captions, corpus, *words)?,
            captioner: captions.captioner(),
        }),
        (System::Attributes { .. }, _) => {
            let descriptions = classifiers.iter().map(|stored| stored.description.clone());
            Some(SideDescription::Attributes(descriptions.collect()))
        }
        _ => None,
    })
}

/// What is behind the backbone.
pub(crate) fn classifier_config(
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
        projection: config
            .system
            .graph()
            .zip(context)
            .map(|(graph, context)| ProjectionConfig {
                width: context.dimension(),
                hidden: graph.hidden.clone(),
                usage: graph.usage,
            }),
    }
}

/// What `classifiers` say of the examples. `None` when that was interrupted.
///
/// # Errors
/// When the cache cannot be written or a network fails.
pub(crate) fn opinions(
    classifiers: &[StoredModel],
    examples: &[Example],
    cache: &Path,
    session: &Session,
) -> Result<Option<SideValues>> {
    let width = width(classifiers.iter().map(|stored| &stored.description));
    let classifiers = classifiers.iter().map(|stored| {
        let predictor = Predictor::new(stored, Precision::F32)?;
        Ok((predictor, FrozenPart::of_model(stored)?))
    });
    Ok(attribute_values(
        classifiers,
        width,
        examples,
        cache,
        session,
    )?)
}

/// The sets of examples with what the trained part of the network gets of them: images
/// where nothing is frozen, else activations. `None` when that was interrupted.
///
/// # Errors
/// When the cache cannot be written or the network fails.
pub(crate) fn open<const SETS: usize>(
    sets: [(Vec<Example>, bool); SETS],
    model: &ArtModel,
    store: &ParameterStore,
    frozen: Stage,
    config: &ArtConfig,
    session: &Session,
) -> Result<Option<[ExampleSet; SETS]>> {
    let (preprocessing, backbone) = (&config.preprocessing, model.backbone());
    let inputs = Inputs {
        part: &FrozenPart::of(backbone, store, frozen, preprocessing)?,
        network: &backbone.fold(frozen, Precision::F32)?,
        precision: Precision::F32,
        preprocessing,
        cache: &config.backbone.cache,
    };
    Ok(inputs.open(sets, session)?)
}
