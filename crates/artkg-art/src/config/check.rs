use artkg_model::{ContextUse, Mode};
use artkg_vision::Stage;

use super::ArtConfig;
use crate::error::Result;
use crate::fault::Fault;

impl ArtConfig {
    /// Checks what the types alone do not.
    ///
    /// # Errors
    /// The first setting that makes no sense, and what to do instead.
    pub fn check(&self) -> Result<()> {
        let mode = self.mode;
        let mut tasks = self.tasks.clone();
        tasks.sort_unstable();
        tasks.dedup();
        let fault = match mode {
            _ if self.tasks.is_empty() => Fault::NoTask,
            _ if tasks.len() != self.tasks.len() => Fault::RepeatedTask,
            Mode::Kgm if self.embeddings.is_none() => Fault::NoEmbeddings,
            _ if mode != Mode::Kgm && self.embeddings.is_some() => Fault::UnusedEmbeddings { mode },
            _ if mode != Mode::Kgm && self.context != ContextUse::REGRESS => Fault::UnusedContext {
                mode,
                context: self.context,
            },
            _ if self.context.joint && self.tasks.len() < 2 => Fault::JointOfOne,
            Mode::Attributes if self.attributes.is_empty() => Fault::NoClassifiers,
            _ if mode != Mode::Attributes && !self.attributes.is_empty() => {
                Fault::UnusedClassifiers { mode }
            }
            Mode::Captions if self.captions.is_none() => Fault::NoCaptions,
            _ if mode != Mode::Captions && self.captions.is_some() => {
                Fault::UnusedCaptions { mode }
            }
            _ if self.caption_words == 0 => Fault::Zero {
                key: "caption_words",
            },
            Mode::Pretrained if self.frozen() != Stage::Pooled => Fault::PretrainedTrains {
                frozen: self.frozen(),
            },
            _ => return self.check_numbers(),
        };
        Err(fault.into())
    }

    /// Checks the settings that all systems share.
    fn check_numbers(&self) -> Result<()> {
        let widths = [&self.hidden, &self.projection_hidden];
        if widths.into_iter().flatten().any(|width| *width == 0) {
            return Err(Fault::NoWidth.into());
        }
        self.task_weights.check(&self.tasks)?;
        self.imbalance.check(self.label_smoothing)?;
        let shares = [
            ("context_weight", Some(self.context_weight)),
            ("label_smoothing", Some(self.label_smoothing)),
            ("dropout", self.backbone.dropout.map(f64::from)),
        ];
        for (key, value) in shares {
            if let Some(value) = value.filter(|value| !(0.0..1.0).contains(value)) {
                return Err(Fault::Share { key, value }.into());
            }
        }
        let (architecture, freeze) = (self.backbone.name.architecture, self.frozen());
        architecture
            .check_stage(freeze)
            .map_err(|source| Fault::NoBoundary {
                freeze,
                source: Box::new(source),
            })?;
        if freeze > Stage::Input && self.backbone.weights.is_none() {
            return Err(Fault::RandomFrozen { freeze }.into());
        }
        let metric = &self.training.early_stopping.metric;
        let task = metric.strip_suffix(".accuracy");
        let is_task = |name: &str| self.tasks.iter().any(|task| task.name() == name);
        if metric != "accuracy" && !task.is_some_and(is_task) {
            return Err(Fault::UnknownMetric {
                metric: metric.clone(),
                example: self.tasks[0],
            }
            .into());
        }
        self.preprocessing.validate()?;
        Ok(self.training.check()?)
    }
}

#[cfg(test)]
mod tests {
    use artkg_vocabulary::Attribute;

    use super::*;

    #[test]
    fn a_corpus_is_all_that_must_be_given() {
        let config: ArtConfig = toml::from_str("corpus = \"here\"\n").unwrap();
        assert_eq!(config, ArtConfig::new("here"));
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<ArtConfig>(&text).unwrap(), config);
    }

    #[test]
    fn unknown_keys_are_refused() {
        let error = toml::from_str::<ArtConfig>("corpus = \"c\"\nmodee = \"kgm\"").unwrap_err();
        assert!(error.to_string().contains("modee"), "{error}");
    }

    #[test]
    fn combinations_without_sense_are_refused() {
        type Spoil = fn(&mut ArtConfig);
        let cases: [(Spoil, &str); 16] = [
            (
                |config| config.label_smoothing = f64::NAN,
                "label_smoothing = NaN",
            ),
            (
                |config| config.embeddings = None,
                "learns from node embeddings",
            ),
            (
                |config| config.mode = Mode::Mtl,
                "mtl uses no node embeddings",
            ),
            (
                |config| {
                    config.mode = Mode::Mtl;
                    config.embeddings = None;
                    config.context.fuse = true;
                },
                "mtl has no graph context to fuse",
            ),
            (
                |config| {
                    config.mode = Mode::Attributes;
                    config.embeddings = None;
                },
                "needs fine-tuned classifiers",
            ),
            (
                |config| config.attributes.push("model.safetensors".into()),
                "kgm takes no other models",
            ),
            (
                |config| {
                    config.mode = Mode::Pretrained;
                    config.embeddings = None;
                    config.backbone.freeze = Some(Stage::Layer3);
                },
                "pretrained keeps the whole network frozen",
            ),
            (
                |config| {
                    config.mode = Mode::Captions;
                    config.embeddings = None;
                },
                "reads captions of the images",
            ),
            (
                |config| config.captions = Some(artkg_captions::CaptionSource::Corpus),
                "kgm reads no captions",
            ),
            (|config| config.hidden.push(0), "above 0"),
            (|config| config.tasks.push(Attribute::Type), "given twice"),
            (|config| config.context_weight = 1.0, "context_weight = 1"),
            (
                |config| config.backbone.freeze = Some(Stage::Layer3),
                "would keep it random",
            ),
            (
                |config| {
                    config.backbone.freeze = Some(Stage::Block2);
                    config.backbone.weights = Some("imagenet".to_owned());
                },
                "resnet50 has no stage block2; its stages are input, stem",
            ),
            (|config| config.backbone.dropout = Some(1.0), "dropout = 1"),
            (
                |config| config.training.early_stopping.metric = "author.acuracy".to_owned(),
                "must be accuracy",
            ),
        ];
        let mut good = ArtConfig::new("corpus");
        good.embeddings = Some("embeddings.safetensors".into());
        good.check().unwrap();
        for (spoil, expected) in cases {
            let mut config = good.clone();
            spoil(&mut config);
            let message = config.check().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}
