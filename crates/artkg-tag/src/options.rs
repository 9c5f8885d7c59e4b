/// How a tagging run works.
#[derive(Clone, Debug, PartialEq)]
pub struct TagOptions {
    /// Classes written for each task, the most probable first.
    pub top: usize,
    /// Images that go through the network together.
    pub batch_size: usize,
    /// The most bytes that decoding one image may hold.
    pub memory_limit: usize,
    /// The least confidence of a tag, one entry a task of the model; 0 gives
    /// every tag.
    pub thresholds: Vec<f32>,
}
