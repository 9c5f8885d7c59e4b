use std::path::{Path, PathBuf};

use artkg_image::{Preprocessing, View, content_hash};
use artkg_nn::{Context, Device, Linear, Module, ParameterStore, Precision, Tensor};
use artkg_text::ClassNames;
use artkg_vision::{
    BackboneOptions, BackboneRequest, Hub, InferenceBackbone, Stage, WeightSource, Weights,
    load_backbone,
};

use crate::captioner::Captioner;
use crate::error::{Error, Result};

/// The file of class names that is looked for beside the weights.
const LABELS_FILE: &str = "imagenet-labels.json";

/// How [`ImagenetWords`] works.
#[derive(Clone, Debug)]
pub struct ImagenetWordsOptions {
    /// The network.
    pub backbone: BackboneRequest,
    /// Its weights, the classifier of ImageNet's classes included.
    pub weights: WeightSource,
    /// The file of the classes' names; `imagenet-labels.json` beside the weights
    /// when not given.
    pub labels: Option<PathBuf>,
    /// Classes that a caption names, the most probable first.
    pub top: usize,
    /// How images become inputs.
    pub preprocessing: Preprocessing,
    /// What the network multiplies in.
    pub precision: Precision,
}

/// The names of the image's most probable ImageNet classes by a network's own
/// classifier: a captioner for when no other is available.
#[derive(Debug)]
pub struct ImagenetWords {
    backbone: InferenceBackbone,
    classifier: Linear,
    labels: ClassNames,
    options: ImagenetWordsOptions,
    name: String,
}

impl ImagenetWords {
    /// Loads the network onto `device`, and the names of its classes.
    ///
    /// # Errors
    /// When weights or names are missing or unreadable, or when the weights have no
    /// classifier of as many classes as there are names.
    pub fn load(options: ImagenetWordsOptions, hub: &Hub, device: &Device) -> Result<Self> {
        options.preprocessing.validate()?;
        if options.top == 0 {
            return Err(Error::NoClass);
        }
        let Some(weights) = Weights::from_source(&options.weights, options.backbone, hub)? else {
            return Err(Error::RandomWeights);
        };
        let labels = labels(options.labels.as_deref(), weights.path())?;
        let store = ParameterStore::new(0, device);
        let network = BackboneOptions {
            classes: Some(labels.len()),
            ..BackboneOptions::default()
        };
        let (backbone, report) =
            load_backbone(&store, "", options.backbone, Some(&weights), network)?;
        let classifier = match backbone.classifier() {
            Some(classifier) if report.classifier => classifier.clone(),
            _ => {
                return Err(Error::NoClassifier {
                    weights: weights.path().to_path_buf(),
                    names: labels.len(),
                });
            }
        };
        let hash = content_hash(&artkg_files::read_bytes(weights.path())?).to_string();
        let mut name = format!(
            "imagenet-words ({}, weights {}, top {}",
            backbone.name(),
            &hash[..8],
            options.top
        );
        if options.precision != Precision::F32 {
            name.push_str(", ");
            name.push_str(options.precision.name());
        }
        name.push(')');
        Ok(Self {
            backbone: backbone.fold(Stage::Pooled, options.precision)?,
            classifier,
            labels,
            options,
            name,
        })
    }
}

/// The names of the classes, from `given` or from beside the weights.
fn labels(given: Option<&Path>, weights: &Path) -> Result<ClassNames> {
    if let Some(path) = given {
        return Ok(ClassNames::read(path)?);
    }
    let beside = weights.with_file_name(LABELS_FILE);
    if beside.is_file() {
        return Ok(ClassNames::read(&beside)?);
    }
    Err(Error::NoNames {
        file: LABELS_FILE,
        weights: weights.to_path_buf(),
    })
}

impl Captioner for ImagenetWords {
    fn name(&self) -> &str {
        &self.name
    }

    fn preprocessing(&self) -> &Preprocessing {
        &self.options.preprocessing
    }

    fn view(&self) -> View {
        View::Evaluate
    }

    fn captions(&mut self, images: &Tensor) -> Result<Vec<String>> {
        let features = self.backbone.forward(images)?;
        let scores = self.classifier.forward(&features, &Context::evaluation())?;
        let rows: Vec<Vec<f32>> = scores.to_vec2()?;
        Ok(rows
            .iter()
            .map(|scores| self.labels.caption(scores, self.options.top))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use artkg_vision::{Architecture, Bottleneck, create_backbone};

    use super::*;

    const SIDE: usize = 32;

    #[test]
    fn captions_name_the_classes_that_the_classifier_ranks_first() {
        let folder = tempfile::tempdir().unwrap();
        let store = ParameterStore::new(7, &Device::Cpu);
        let network = BackboneOptions {
            classes: Some(4),
            ..BackboneOptions::default()
        };
        let (architecture, variant) = (Architecture::ResNet18, Bottleneck::V1_5);
        let backbone = create_backbone(&store.root(), architecture, variant, network).unwrap();
        let path = folder.path().join("weights.safetensors");
        let tensors = store.export().unwrap();
        artkg_nn::save_tensors(&path, &tensors, &backbone.metadata()).unwrap();
        let labels = folder.path().join(LABELS_FILE);
        fs::write(&labels, r#"["tench", "great_white_shark", "ship", "alp"]"#).unwrap();

        let options = ImagenetWordsOptions {
            backbone: architecture.into(),
            weights: WeightSource::File(path),
            labels: None,
            top: 2,
            preprocessing: Preprocessing {
                resize: SIDE,
                crop: SIDE,
                ..Preprocessing::default()
            },
            precision: Precision::F32,
        };
        let hub = Hub::new(folder.path().join("hub")).offline(true);
        let mut captioner = ImagenetWords::load(options.clone(), &hub, &Device::Cpu).unwrap();
        let name = captioner.name().to_owned();
        assert!(
            name.starts_with("imagenet-words (resnet18, weights "),
            "{name}"
        );

        let values: Vec<f32> = (0..3 * SIDE * SIDE * 3)
            .map(|place| ((place * place) as f64 * 0.37).sin() as f32)
            .collect();
        let images = Tensor::from_vec(values, (3, SIDE, SIDE, 3), &Device::Cpu).unwrap();
        let (scores, _) = backbone
            .logits(&images, Stage::Input, &Context::evaluation())
            .unwrap();
        let names = ClassNames::read(&labels).unwrap();
        let expected: Vec<String> = scores
            .to_vec2::<f32>()
            .unwrap()
            .iter()
            .map(|scores| names.caption(scores, 2))
            .collect();
        assert_eq!(captioner.captions(&images).unwrap(), expected);

        let refused = |options| {
            let refused = ImagenetWords::load(options, &hub, &Device::Cpu);
            refused.unwrap_err().to_string()
        };
        let message = refused(ImagenetWordsOptions {
            weights: WeightSource::Random,
            ..options.clone()
        });
        assert!(message.contains("know no words"), "{message}");
        let message = refused(ImagenetWordsOptions { top: 0, ..options });
        assert!(message.contains("at least one class"), "{message}");
    }
}
