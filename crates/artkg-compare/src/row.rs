use std::fmt;
use std::str::FromStr;

use artkg_vision::BackboneRequest;
use serde::{Deserialize, Serialize};

use artkg_art::ArtSettings;
use artkg_model::{ContextUse, Mode};

use crate::error::{Error, Result};

/// A row of the table: a system, and the network when it is not that of the
/// other rows. Written `mtl`, `kgm-fuse`, `pretrained@vgg16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Row {
    /// The system.
    pub system: System,
    /// The network; that of the base configuration when not given.
    pub backbone: Option<BackboneRequest>,
}

/// A system of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// One of the modes that are no knowledge graph model.
    Plain(Mode),
    /// A knowledge graph model of all tasks.
    Kgm(ContextUse),
    /// A knowledge graph model for each task, as in the paper.
    KgmEach,
}

impl System {
    const KGM_EACH: &str = "kgm-each";

    /// Whether each task has a network of its own.
    pub fn is_per_task(self) -> bool {
        matches!(self, Self::Plain(Mode::Finetune) | Self::KgmEach)
    }
}

impl Row {
    /// The rows of the paper's table, and those beyond it.
    pub fn all() -> Vec<Self> {
        let networks = ["vgg16", "resnet50", "resnet152"];
        let mut names: Vec<String> = ["pretrained", "finetune"]
            .iter()
            .flat_map(|system| networks.map(|network| format!("{system}@{network}")))
            .collect();
        names.extend(
            [
                "attributes",
                "captions",
                "mtl",
                "kgm",
                "kgm-each",
                "kgm-fuse",
                "kgm-prototypes",
                "kgm-joint",
                "kgm-fuse+prototypes",
                "kgm-prototypes+joint",
            ]
            .map(str::to_owned),
        );
        // These are names of rows.
        names.iter().filter_map(|name| name.parse().ok()).collect()
    }

    /// The row whose fine-tuned classifiers this one learns from.
    pub fn source(self) -> Option<Self> {
        (self.system == System::Plain(Mode::Attributes)).then_some(Self {
            system: System::Plain(Mode::Finetune),
            ..self
        })
    }

    /// The settings of the row's runs: those of `base` but for what the row says.
    pub fn settings(self, base: &ArtSettings, seed: u64) -> ArtSettings {
        let mut settings = base.clone();
        settings.training.seed = seed;
        let (mode, context) = match self.system {
            System::Plain(mode) => (mode, ContextUse::REGRESS),
            System::Kgm(context) => (Mode::Kgm, context),
            System::KgmEach => (Mode::Kgm, ContextUse::REGRESS),
        };
        settings.mode = mode;
        settings.context = Some(context);
        if mode != Mode::Kgm {
            settings.embeddings = None;
        }
        if mode != Mode::Captions {
            settings.captions = None;
        }
        // Those of a row are made by the comparison.
        settings.attributes.clear();
        if mode.keeps_backbone() {
            settings.backbone.freeze = None;
        }
        if let Some(backbone) = self.backbone {
            settings.backbone.name = backbone;
        }
        settings
    }
}

impl fmt::Display for Row {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = match self.system {
            System::Plain(mode) => mode.name().to_owned(),
            System::Kgm(ContextUse::REGRESS) => Mode::Kgm.name().to_owned(),
            System::Kgm(context) => format!("{}-{context}", Mode::Kgm),
            System::KgmEach => System::KGM_EACH.to_owned(),
        };
        match self.backbone {
            Some(backbone) => formatter.pad(&format!("{system}@{backbone}")),
            None => formatter.pad(&system),
        }
    }
}

impl FromStr for Row {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (system, backbone) = match text.split_once('@') {
            Some((system, backbone)) => (system, Some(backbone.parse()?)),
            None => (text, None),
        };
        let unknown = || {
            let known: Vec<String> = Self::all().iter().map(Self::to_string).collect();
            Error::UnknownRow {
                row: text.to_owned(),
                known,
            }
        };
        let system = match system.strip_prefix("kgm-") {
            _ if system == System::KGM_EACH => System::KgmEach,
            Some(context) => System::Kgm(context.parse().map_err(|_| unknown())?),
            None => match system.parse().map_err(|_| unknown())? {
                Mode::Kgm => System::Kgm(ContextUse::REGRESS),
                mode => System::Plain(mode),
            },
        };
        Ok(Self { system, backbone })
    }
}

impl TryFrom<String> for Row {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Row> for String {
    fn from(row: Row) -> Self {
        row.to_string()
    }
}

#[cfg(test)]
mod tests {
    use artkg_art::ArtConfig;

    use super::*;

    #[test]
    fn names_read_back() {
        let rows = Row::all();
        assert_eq!(rows.len(), 16);
        for row in rows {
            assert_eq!(row.to_string().parse::<Row>().unwrap(), row);
        }
        assert_eq!("kgm-regress".parse::<Row>().unwrap().to_string(), "kgm");
        for wrong in ["mlt", "kgm-", "kgm-all", "mtl@resnet7"] {
            assert!(wrong.parse::<Row>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_row_changes_what_it_names() {
        let mut base = ArtSettings::new("corpus");
        base.embeddings = Some("embeddings.safetensors".into());
        base.backbone.freeze = Some(artkg_vision::Stage::Layer3);
        let config = |row: &str| {
            let settings = row.parse::<Row>().unwrap().settings(&base, 7);
            ArtConfig::try_from(settings).unwrap()
        };
        let mtl = config("mtl");
        assert_eq!(
            (&mtl.system, mtl.training.seed),
            (&artkg_art::System::Mtl, 7)
        );
        assert_eq!(mtl.frozen(), artkg_vision::Stage::Layer3);
        let kgm = config("kgm-fuse");
        let graph = kgm.system.graph().unwrap();
        assert!(graph.usage.fuse && graph.embeddings == base.embeddings());
        let pretrained = config("pretrained@vgg16");
        assert_eq!(pretrained.frozen(), artkg_vision::Stage::Pooled);
        assert_eq!(pretrained.backbone.name.to_string(), "vgg16");
        let attributes: Row = "attributes@resnet18".parse().unwrap();
        let source = attributes.source().unwrap();
        assert_eq!(source.to_string(), "finetune@resnet18");
    }
}
