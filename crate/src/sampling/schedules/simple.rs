//! The `simple` schedule.

use super::ending_in_zero;
use crate::sampling::model_sampling::ModelSampling;

/// Every `1000 / steps`-th entry of the model's table from the top, fractions cut off, then 0.
pub fn simple(model: &ModelSampling, steps: usize) -> Vec<f32> {
    let sigmas = model.sigmas();
    let stride = sigmas.len() as f64 / steps as f64;
    let from_top = |step: usize| sigmas[sigmas.len() - 1 - (step as f64 * stride) as usize];
    ending_in_zero((0..steps).map(from_top))
}
