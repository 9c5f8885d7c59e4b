use artkg_nn::{
    Activation, Context, DenseNet, DenseNetConfig, Device, Module, ParameterStore, Tensor,
};

use crate::error::Result;
use crate::image_side::ImageSide;
use crate::text_side::{Record, TextSide};

/// Rows that are embedded together: texts are long vectors of few words.
const BLOCK: usize = 1024;

/// A dense layer with tanh on either side: texts and artworks become points of
/// one space. Parameters are `text.*` and `image.*`.
#[derive(Debug)]
pub(crate) struct JointSpace {
    text: DenseNet,
    image: DenseNet,
    device: Device,
}

impl JointSpace {
    /// Creates the layers for vectors of these lengths.
    ///
    /// # Errors
    /// When a parameter cannot be created.
    pub(crate) fn new(
        store: &ParameterStore,
        text_inputs: usize,
        image_inputs: usize,
        dimension: usize,
    ) -> Result<Self> {
        let layer = DenseNetConfig {
            widths: vec![dimension],
            activation: Activation::Tanh,
            ..DenseNetConfig::default()
        };
        let root = store.root();
        Ok(Self {
            text: DenseNet::new(&root.sub("text"), text_inputs, &layer)?,
            image: DenseNet::new(&root.sub("image"), image_inputs, &layer)?,
            device: store.device().clone(),
        })
    }

    /// Texts `[batch, text_inputs]` in the space, not scaled.
    pub(crate) fn texts(&self, inputs: &Tensor, context: &Context) -> Result<Tensor> {
        Ok(self.text.forward(inputs, context)?)
    }

    /// Artworks `[batch, image_inputs]` in the space, not scaled.
    pub(crate) fn images(&self, inputs: &Tensor, context: &Context) -> Result<Tensor> {
        Ok(self.image.forward(inputs, context)?)
    }

    /// The points of records, of length one: `[records, dimension]`.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub(crate) fn embed_records(&self, side: &TextSide, records: &[Record]) -> Result<Vec<f32>> {
        let (mut points, inputs) = (Vec::new(), side.inputs());
        for records in records.chunks(BLOCK) {
            let mut values = vec![0.0; records.len() * inputs];
            for (values, record) in values.chunks_exact_mut(inputs).zip(records) {
                side.write(&record.text(), &record.classes, values);
            }
            points.extend(self.embed(values, records.len(), Self::texts)?);
        }
        Ok(points)
    }

    /// The points of some rows of the visual side, of length one: `[rows, dimension]`.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub(crate) fn embed_images(&self, side: &ImageSide, rows: &[usize]) -> Result<Vec<f32>> {
        let mut points = Vec::new();
        for rows in rows.chunks(BLOCK) {
            let values = rows.iter().flat_map(|&row| side.row(row)).copied();
            points.extend(self.embed(values.collect(), rows.len(), Self::images)?);
        }
        Ok(points)
    }

    /// Rows of numbers through one side, scaled to length one: `[rows, dimension]`.
    pub(crate) fn embed(
        &self,
        values: Vec<f32>,
        rows: usize,
        side: impl Fn(&Self, &Tensor, &Context) -> Result<Tensor>,
    ) -> Result<Vec<f32>> {
        let width = values.len() / rows.max(1);
        let inputs = Tensor::from_vec(values, (rows, width), &self.device)?;
        let output = side(self, &inputs, &Context::evaluation())?;
        let dimension = output.dim(1)?;
        let mut vectors: Vec<f32> = output.flatten_all()?.to_vec1()?;
        for vector in vectors.chunks_exact_mut(dimension) {
            let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
            let length = length.max(f32::MIN_POSITIVE);
            vector.iter_mut().for_each(|value| *value /= length);
        }
        Ok(vectors)
    }
}
