use artkg_vision::Stage;

use artkg_model::{ContextUse, Mode};

use crate::config::ArtConfig;
use crate::error::{Error, Result};

impl ArtConfig {
    /// Checks what the types alone do not.
    ///
    /// # Errors
    /// The first setting that makes no sense, and what to do instead.
    pub fn check(&self) -> Result<()> {
        let refuse = |message: String| Err(Error::Usage(message));
        if self.tasks.is_empty() {
            return refuse("there is no task to learn; give --task or leave it out".to_owned());
        }
        let mut tasks = self.tasks.clone();
        tasks.sort_unstable();
        tasks.dedup();
        if tasks.len() != self.tasks.len() {
            return refuse("a task is given twice".to_owned());
        }
        if self.mode == Mode::Kgm && self.embeddings.is_none() {
            return refuse(
                "kgm learns from node embeddings; make them with `artkg graph embed` and pass \
                 --embeddings, or train without context with --mode mtl"
                    .to_owned(),
            );
        }
        let mode = self.mode;
        if mode != Mode::Kgm && self.embeddings.is_some() {
            return refuse(format!(
                "{mode} uses no node embeddings; leave --embeddings out or train with --mode kgm"
            ));
        }
        if mode != Mode::Kgm && self.context != ContextUse::REGRESS {
            return refuse(format!(
                "{mode} has no graph context to {}; leave --context out or train with --mode kgm",
                self.context
            ));
        }
        if self.context.joint && self.tasks.len() < 2 {
            return refuse(
                "joint judges several tasks together; leave --task out or give it twice".to_owned(),
            );
        }
        if mode == Mode::Attributes && self.attributes.is_empty() {
            return refuse(
                "attributes needs fine-tuned classifiers; train them with --mode finetune and \
                 pass each model file with --attributes"
                    .to_owned(),
            );
        }
        if mode != Mode::Attributes && !self.attributes.is_empty() {
            return refuse(format!(
                "{mode} takes no other models; leave --attributes out or train with --mode \
                 attributes"
            ));
        }
        if mode == Mode::Captions && self.captions.is_none() {
            return refuse(
                "captions reads captions of the images; make them with `artkg captions generate` \
                 and pass the file with --captions, or `--captions corpus` for the corpus's own"
                    .to_owned(),
            );
        }
        if mode != Mode::Captions && self.captions.is_some() {
            return refuse(format!(
                "{mode} reads no captions; leave --captions out or train with --mode captions"
            ));
        }
        if self.caption_words == 0 {
            return refuse("caption_words = 0: must be above 0".to_owned());
        }
        if mode == Mode::Pretrained && self.frozen() != Stage::Pooled {
            return refuse(format!(
                "pretrained keeps the whole network frozen, not up to {}; leave --freeze out or \
                 train with --mode mtl",
                self.frozen()
            ));
        }
        let widths = [&self.hidden, &self.projection_hidden];
        if widths.into_iter().flatten().any(|width| *width == 0) {
            return refuse("a hidden layer needs a width above 0".to_owned());
        }
        self.task_weights.check(&self.tasks)?;
        self.imbalance.check(self.label_smoothing)?;
        let shares = [
            ("context_weight", self.context_weight),
            ("label_smoothing", self.label_smoothing),
        ];
        for (key, value) in shares {
            if !(0.0..1.0).contains(&value) {
                return refuse(format!(
                    "{key} = {value}: must be 0 or more and less than 1"
                ));
            }
        }
        let (architecture, freeze) = (self.backbone.name.architecture, self.frozen());
        if let Err(error) = architecture.check_stage(freeze) {
            return refuse(format!("cannot freeze up to {freeze}: {error}"));
        }
        if freeze > Stage::Input && self.backbone.weights.is_none() {
            return refuse(format!(
                "freezing a network of random weights up to {freeze} would keep it random; \
                 pass --weights (`none` if that is what you want) or train all of it with \
                 --freeze input"
            ));
        }
        if let Some(rate) = self.backbone.dropout
            && !(0.0..1.0).contains(&rate)
        {
            return refuse(format!(
                "dropout = {rate}: must be 0 or more and less than 1"
            ));
        }
        let metric = &self.training.early_stopping.metric;
        let task = metric.strip_suffix(".accuracy");
        let is_task = |name: &str| self.tasks.iter().any(|task| task.name() == name);
        if metric != "accuracy" && !task.is_some_and(is_task) {
            return refuse(format!(
                "early_stopping.metric = \"{metric}\": must be accuracy, or that of a task of the \
                 run, such as {}.accuracy",
                self.tasks[0]
            ));
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
    fn combinations_without_sense_say_the_way_out() {
        type Spoil = fn(&mut ArtConfig);
        let cases: [(Spoil, &str); 16] = [
            (
                |config| config.label_smoothing = f64::NAN,
                "label_smoothing = NaN",
            ),
            (|config| config.embeddings = None, "artkg graph embed"),
            (|config| config.mode = Mode::Mtl, "--mode kgm"),
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
                "--mode finetune",
            ),
            (
                |config| config.attributes.push("model.safetensors".into()),
                "--mode attributes",
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
                "artkg captions generate",
            ),
            (
                |config| config.captions = Some(artkg_captions::CaptionSource::Corpus),
                "--mode captions",
            ),
            (|config| config.hidden.push(0), "above 0"),
            (|config| config.tasks.push(Attribute::Type), "given twice"),
            (|config| config.context_weight = 1.0, "context_weight = 1"),
            (
                |config| config.backbone.freeze = Some(Stage::Layer3),
                "pass --weights",
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
