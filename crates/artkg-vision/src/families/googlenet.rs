use artkg_nn::{ConvolutionShape, Scope};

use super::shared::Stages;
use crate::error::{Error, Result};
use crate::network::{AuxiliaryClassifier, Inception, Norm, Part, Pool, PoolKind, TrainableUnit};
use crate::stage::Stage;

/// What batch norms add to variances, as in torchvision.
const EPSILON: f64 = 1e-3;

/// The widths of an inception module: 1×1; 3×3 and the 1×1 before it; "5×5" and
/// the 1×1 before it; the 1×1 behind the pooling.
struct Widths {
    one: usize,
    three: (usize, usize),
    five: (usize, usize),
    pool: usize,
}

/// The modules by name, in order (Szegedy et al., CVPR 2015, table 1).
const MODULES: [(&str, Widths); 9] = [
    ("inception3a", widths(64, (96, 128), (16, 32), 32)),
    ("inception3b", widths(128, (128, 192), (32, 96), 64)),
    ("inception4a", widths(192, (96, 208), (16, 48), 64)),
    ("inception4b", widths(160, (112, 224), (24, 64), 64)),
    ("inception4c", widths(128, (128, 256), (24, 64), 64)),
    ("inception4d", widths(112, (144, 288), (32, 64), 64)),
    ("inception4e", widths(256, (160, 320), (32, 128), 128)),
    ("inception5a", widths(256, (160, 320), (32, 128), 128)),
    ("inception5b", widths(384, (192, 384), (48, 128), 128)),
];

const fn widths(one: usize, three: (usize, usize), five: (usize, usize), pool: usize) -> Widths {
    Widths {
        one,
        three,
        five,
        pool,
    }
}

impl Widths {
    fn outputs(&self) -> usize {
        self.one + self.three.1 + self.five.1 + self.pool
    }
}

/// GoogLeNet with batch norm, as in torchvision. Its "5×5" convolutions are 3×3
/// there, and so here: its weights have that shape.
pub(super) fn stages(scope: &Scope<'_>, dropout: f32) -> Result<Stages> {
    let square = ConvolutionShape::square;
    let mut modules = Vec::new();
    let mut channels = 192;
    for (name, widths) in &MODULES {
        modules.push(Part::Inception(module(scope, name, channels, widths)?));
        channels = widths.outputs();
    }
    let mut modules = modules.into_iter();
    let mut next = |count| modules.by_ref().take(count).collect::<Vec<_>>();

    let stem = vec![
        Part::Unit(unit(&scope.sub("conv1"), (3, 64), square(7, 2, 3))?),
        Part::Pool(Pool::maximum_rounding_up("maxpool1", 3, 2)),
        Part::Unit(unit(&scope.sub("conv2"), (64, 64), square(1, 1, 0))?),
        Part::Unit(unit(&scope.sub("conv3"), (64, 192), square(3, 1, 1))?),
        Part::Pool(Pool::maximum_rounding_up("maxpool2", 3, 2)),
    ];
    let mut third = next(2);
    third.push(Part::Pool(Pool::maximum_rounding_up("maxpool3", 3, 2)));
    let mut fourth = next(1);
    fourth.push(Part::Tap);
    fourth.extend(next(3));
    fourth.push(Part::Tap);
    fourth.extend(next(1));
    fourth.push(Part::Pool(Pool::maximum_rounding_up("maxpool4", 2, 2)));
    let pooled = vec![
        Part::Pool(Pool::new("avgpool", PoolKind::Global)),
        Part::Dropout(dropout),
    ];
    Ok(vec![
        (Stage::Stem, stem),
        (Stage::Inception3, third),
        (Stage::Inception4, fourth),
        (Stage::Inception5, next(2)),
        (Stage::Pooled, pooled),
    ])
}

/// `aux1` behind `inception4a`, `aux2` behind `inception4d`.
pub(super) fn auxiliary_classifiers(
    scope: &Scope<'_>,
    dropout: f32,
    classes: usize,
) -> Result<Vec<AuxiliaryClassifier>> {
    [("aux1", 512), ("aux2", 528)]
        .into_iter()
        .map(|(name, channels)| {
            AuxiliaryClassifier::new(&scope.sub(name), channels, EPSILON, dropout, classes)
        })
        .collect()
}

fn module(
    scope: &Scope<'_>,
    name: &str,
    channels: usize,
    widths: &Widths,
) -> Result<Inception<TrainableUnit>> {
    let scope = scope.sub(name);
    let square = ConvolutionShape::square;
    let pair = |branch: &str, (reduced, outputs): (usize, usize)| {
        let branch = scope.sub(branch);
        Ok::<_, Error>(vec![
            unit(&branch.sub(0), (channels, reduced), square(1, 1, 0))?,
            unit(&branch.sub(1), (reduced, outputs), square(3, 1, 1))?,
        ])
    };
    let one = unit(
        &scope.sub("branch1"),
        (channels, widths.one),
        square(1, 1, 0),
    )?;
    let pool = Pool::maximum(format!("{}.branch4.0", scope.path()), 3, 1, 1);
    let pooled = scope.sub("branch4").sub(1);
    let pooled = unit(&pooled, (channels, widths.pool), square(1, 1, 0))?;
    Ok(Inception {
        name: scope.path().to_owned(),
        branches: vec![
            (None, vec![one]),
            (None, pair("branch2", widths.three)?),
            (None, pair("branch3", widths.five)?),
            (Some(pool), vec![pooled]),
        ],
    })
}

/// A convolution with batch norm, under torchvision's names.
fn unit(
    scope: &Scope<'_>,
    channels: (usize, usize),
    shape: ConvolutionShape,
) -> Result<TrainableUnit> {
    let norm = Norm {
        scope: scope.sub("bn"),
        epsilon: EPSILON,
    };
    TrainableUnit::convolution(&scope.sub("conv"), Some(&norm), channels, shape, false)
}
