/// What a new backbone has beyond its architecture.
#[derive(Clone, Copy, Debug, Default)]
pub struct BackboneOptions {
    /// The number of outputs of the classifier; no classifier by default.
    pub classes: Option<usize>,
    /// Start each residual block as the identity, by a zero scale in its last
    /// batch norm (Goyal et al., 2017); helps training from scratch.
    pub zero_init_residual: bool,
    /// The rate of the dropout before fully connected layers and the classifier.
    /// By default the published one: 0.5 for AlexNet and VGG, 0.2 for GoogLeNet
    /// (0.7 in its auxiliary classifiers), none for the others.
    pub dropout: Option<f32>,
    /// How often the last block of a transformer or ConvNeXt is left out for an image
    /// in training; blocks before it less often, the first never. By default none is.
    pub stochastic_depth: Option<f32>,
    /// Patches a side of the grid that a transformer's positions are for. By default
    /// that of its published weights; [`crate::load_backbone`] takes the file's.
    pub positions: Option<usize>,
    /// With `classes`, also GoogLeNet's two auxiliary classifiers, which
    /// evaluation and inference never run; other networks have none.
    pub auxiliary: bool,
}
