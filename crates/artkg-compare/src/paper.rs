use artkg_vision::Architecture;

use artkg_model::Mode;

use crate::row::{Row, System};

/// What the paper reports for a row on SemArt's test split (arXiv 1904.04985,
/// table 3): accuracies of type, school, timeframe and author.
///
/// `network` is that of rows that name none; the paper's is ResNet-50.
pub(crate) fn paper_accuracies(row: Row, network: Architecture) -> Option<[f64; 4]> {
    let network = row
        .backbone
        .map_or(network, |backbone| backbone.architecture);
    Some(match (row.system, network) {
        (System::Plain(Mode::Pretrained), Architecture::Vgg16) => [0.706, 0.502, 0.418, 0.482],
        (System::Plain(Mode::Pretrained), Architecture::ResNet50) => [0.726, 0.557, 0.456, 0.500],
        (System::Plain(Mode::Pretrained), Architecture::ResNet152) => [0.740, 0.540, 0.454, 0.489],
        (System::Plain(Mode::Finetune), Architecture::Vgg16) => [0.768, 0.616, 0.559, 0.520],
        (System::Plain(Mode::Finetune), Architecture::ResNet50) => [0.765, 0.655, 0.604, 0.515],
        (System::Plain(Mode::Finetune), Architecture::ResNet152) => [0.790, 0.653, 0.598, 0.573],
        (System::Plain(Mode::Attributes), Architecture::ResNet50) => [0.785, 0.667, 0.599, 0.561],
        (System::Plain(Mode::Captions), Architecture::ResNet50) => [0.799, 0.649, 0.598, 0.607],
        (System::Plain(Mode::Mtl), Architecture::ResNet50) => [0.791, 0.691, 0.632, 0.603],
        (System::KgmEach, Architecture::ResNet50) => [0.815, 0.671, 0.613, 0.615],
        (System::Kgm(_) | System::KgmEach | System::Plain(_), _) => return None,
    })
}
