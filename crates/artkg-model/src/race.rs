//! How fast networks are, here and now.

use std::time::{Duration, Instant};

use artkg_nn::Tensor;
use artkg_vision::Stage;

use crate::error::Result;
use crate::predictor::Predictor;

/// Pictures that go through a network together: few, so that a race is short.
const TOGETHER: usize = 2;

/// A race ends after the round in which it has lasted this long.
const LONG_ENOUGH: Duration = Duration::from_millis(300);

/// Rounds of a race between small networks.
const MOST_ROUNDS: usize = 8;

/// Lets the networks of two models see the same pictures in turns, and gives the images
/// per second of each in its best round. Takes a fraction of a second, and longer only
/// where two pictures do.
///
/// # Errors
/// When the network refuses the pictures.
pub fn race(predictors: [&Predictor; 2]) -> Result<[f64; 2]> {
    let crop = predictors[0].description().preprocessing.crop;
    // Neither zeros nor all the same, lest some product be cheaper.
    let values = (0..TOGETHER * crop * crop * 3).map(|place| (place as f32 * 0.37).sin());
    let shape = (TOGETHER, crop, crop, 3);
    let images = Tensor::from_vec(values.collect::<Vec<f32>>(), shape, predictors[0].device())?;
    let start = Instant::now();
    let mut best = [Duration::MAX; 2];
    for _ in 0..MOST_ROUNDS {
        for (predictor, best) in predictors.iter().zip(&mut best) {
            let start = Instant::now();
            let backbone = predictor.backbone();
            backbone.forward_stages(&images, Stage::Input, Stage::Pooled)?;
            *best = start.elapsed().min(*best);
        }
        if start.elapsed() > LONG_ENOUGH {
            break;
        }
    }
    Ok(best.map(|time| TOGETHER as f64 / time.as_secs_f64().max(f64::MIN_POSITIVE)))
}
