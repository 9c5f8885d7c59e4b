use artkg_nn::{Context, Tensor, Var, backward};
use artkg_vision::{Backbone, Stage};

use artkg_model::ArtModel;

use crate::error::{Error, Result};
use crate::heat::Heat;

/// Where an image speaks for a class: the gradient-weighted class activation map
/// (Selvaraju et al., ICCV 2017, section 3) at the network's last boundary with
/// space.
///
/// `activation` `[1, height, width, channels]` is the one at the boundary `from`,
/// and `side` the values beside the image where the model takes some. The map is
/// the sum of the channels, each weighted by the mean over space of the gradient
/// of the class's logit, and what is negative in it does not count.
///
/// # Errors
/// When a shape does not fit.
pub(crate) fn grad_cam(
    model: &ArtModel,
    activation: &Tensor,
    from: Stage,
    side: Option<&Tensor>,
    (task, class): (usize, usize),
) -> Result<Heat> {
    let (_, rows, columns, channels) = activation.dims4()?;
    let activation = Var::from_tensor(&activation.detach())?;
    let context = Context::evaluation();
    let outputs = model.forward(activation.as_tensor(), from, side, &context)?;
    let logit = outputs.logits[task].narrow(1, class, 1)?.sum_all()?;
    let gradients = backward(&logit)?;
    let values = |tensor: &Tensor| -> Result<Vec<f32>> { Ok(tensor.flatten_all()?.to_vec1()?) };
    // Without a gradient the class does not depend on the image.
    let gradient = match gradients.get(activation.as_tensor()) {
        Some(gradient) => values(gradient)?,
        None => vec![0.0; rows * columns * channels],
    };
    let activation = values(activation.as_tensor())?;
    Ok(Heat::new(
        rows,
        columns,
        weighted_sum(&activation, &gradient, channels),
    ))
}

/// The channels of an activation `[places, channels]` weighted by the means of
/// its gradient over the places, and summed: one value a place.
fn weighted_sum(activation: &[f32], gradient: &[f32], channels: usize) -> Vec<f32> {
    let mut weights = vec![0.0f32; channels];
    let places = gradient.len() / channels;
    for place in gradient.chunks_exact(channels) {
        for (weight, value) in weights.iter_mut().zip(place) {
            *weight += value / places as f32;
        }
    }
    activation
        .chunks_exact(channels)
        .map(|place| {
            place
                .iter()
                .zip(&weights)
                .map(|(value, weight)| value * weight)
                .sum()
        })
        .collect()
}

/// The last boundary of a network whose activation has rows and columns, for
/// square images of `side` pixels.
///
/// # Errors
/// When the images are too small for the network.
pub(crate) fn last_spatial_stage(backbone: &Backbone, side: usize) -> Result<Stage> {
    for stage in backbone.architecture().stages().iter().rev() {
        if backbone.boundary_shape(*stage, (side, side))?.len() == 3 {
            return Ok(*stage);
        }
    }
    Err(Error::NotSpatial(backbone.architecture()))
}

#[cfg(test)]
mod tests {
    use artkg_model::{Classifier, ClassifierConfig};
    use artkg_nn::{Device, ParameterStore};
    use artkg_vision::{Architecture, BackboneOptions, Bottleneck, create_backbone};
    use artkg_vocabulary::{Attribute, Vocabulary};

    use super::*;

    #[test]
    fn channels_are_weighted_by_their_mean_gradient() {
        // Two places, two channels; mean gradients 2 and -1.
        let activation = [1.0, 1.0, 3.0, 8.0];
        let gradient = [1.0, 0.0, 3.0, -2.0];
        assert_eq!(weighted_sum(&activation, &gradient, 2), [1.0, -2.0]);
    }

    /// A tensor of numbers spread evenly over `range`, neighbours far apart.
    fn spread(range: std::ops::Range<f32>, shape: Vec<usize>) -> Tensor {
        let width = range.end - range.start;
        let value = |place: usize| range.start + width * (place as f32 * 0.618_034).fract();
        let values: Vec<f32> = (0..shape.iter().product()).map(value).collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    fn model(architecture: Architecture) -> (ParameterStore, ArtModel) {
        let vocabularies = [Vocabulary {
            attribute: Attribute::TYPE,
            classes: ["unknown", "a", "b"].map(str::to_owned).to_vec(),
            minimum_count: 1,
        }];
        ParameterStore::assemble(5, &Device::Cpu, |store| {
            let backbone = create_backbone(
                &store.root().sub("backbone"),
                architecture,
                Bottleneck::default(),
                BackboneOptions::default(),
            )?;
            let config = ClassifierConfig::default();
            let heads = Classifier::new(store, backbone.features(), &vocabularies, &config)?;
            Ok::<_, Error>(ArtModel::new(backbone, heads))
        })
        .unwrap()
    }

    /// A linear classifier on the mean over space knows how much each place
    /// speaks for a class: by the class's weights of the channels there (Zhou et
    /// al., CVPR 2016, equation 2).
    #[test]
    fn a_linear_classifier_of_means_gets_its_class_activation_map() {
        let (store, model) = model(Architecture::ResNet18);
        let stage = last_spatial_stage(model.backbone(), 96).unwrap();
        assert_eq!(stage, Stage::Layer4);
        let shape = model.backbone().boundary_shape(stage, (96, 96)).unwrap();
        assert_eq!(shape, [3, 3, 512]);
        let activation = spread(-1.7..1.7, vec![1, 3, 3, 512]);
        let places = activation
            .reshape((9, 512))
            .unwrap()
            .to_vec2::<f32>()
            .unwrap();
        let tensors = store.export().unwrap();
        let (_, weights) = tensors
            .iter()
            .find(|(name, _)| name.starts_with("heads.type") && name.ends_with("weight"))
            .unwrap();
        // As PyTorch's: one row a class.
        let weights = weights.to_vec2::<f32>().unwrap();
        for class in [1, 2] {
            let heat = grad_cam(&model, &activation, stage, None, (0, class)).unwrap();
            let expected = places.iter().map(|place| {
                place
                    .iter()
                    .zip(&weights[class])
                    .map(|(value, weight)| value * weight)
                    .sum()
            });
            let expected = Heat::new(3, 3, expected.collect());
            for (value, expected) in heat.values.iter().zip(&expected.values) {
                assert!((value - expected).abs() < 1e-4, "{heat:?} {expected:?}");
            }
            assert!(heat.values.contains(&1.0) && heat.values.contains(&0.0));
        }
    }

    #[test]
    fn layers_behind_the_map_are_gone_through() {
        let (_, model) = model(Architecture::AlexNet);
        let stage = last_spatial_stage(model.backbone(), 224).unwrap();
        assert_eq!(stage, Stage::Block5);
        let shape = model.backbone().boundary_shape(stage, (224, 224)).unwrap();
        let shape = [vec![1], shape].concat();
        let activation = spread(0.0..1.0, shape);
        let heat = grad_cam(&model, &activation, stage, None, (0, 1)).unwrap();
        assert_eq!((heat.rows, heat.columns), (6, 6));
        assert!(heat.values.iter().any(|value| *value > 0.0));
    }
}
