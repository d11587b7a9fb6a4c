//! The `normal` schedule.

use super::{ending_in_zero, linspace};
use crate::sampling::model_sampling::ModelSampling;

/// Equally spaced timesteps from the last to the first, then 0.
///
/// Where the first timestep's sigma is itself all but 0, it takes the place of the appended 0.
pub fn normal(model: &ModelSampling, steps: usize) -> Vec<f32> {
    let (first, last) = (model.first_timestep() as f32, model.last_timestep() as f32);
    if model.sigma(first).abs() < 1e-5 {
        return linspace(last, first, steps + 1).into_iter().map(|t| model.sigma(t)).collect();
    }
    ending_in_zero(linspace(last, first, steps).into_iter().map(|t| model.sigma(t)))
}
