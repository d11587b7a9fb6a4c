//! The `sgm_uniform` schedule.

use super::{ending_in_zero, linspace};
use crate::sampling::model_sampling::ModelSampling;

/// Equally spaced timesteps from the last towards the first, which is left out, then 0.
pub fn sgm_uniform(model: &ModelSampling, steps: usize) -> Vec<f32> {
    let (first, last) = (model.first_timestep() as f32, model.last_timestep() as f32);
    let timesteps = linspace(last, first, steps + 1);
    ending_in_zero(timesteps[..steps].iter().map(|&t| model.sigma(t)))
}
