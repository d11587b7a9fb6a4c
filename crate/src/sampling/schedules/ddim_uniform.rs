//! The `ddim_uniform` schedule.

use crate::sampling::model_sampling::ModelSampling;

/// Entries 1, 1 + s, 1 + 2s, ... of the model's table downwards, with s = 1000 / steps cut to a
/// whole number, then 0.
///
/// Gives more than `steps + 1` values where 1000 is not divisible, and never begins at the most
/// noise there is.
pub fn ddim_uniform(model: &ModelSampling, steps: usize) -> Vec<f32> {
    let sigmas = model.sigmas();
    let stride = (sigmas.len() / steps).max(1);
    let mut ascending = Vec::new();
    if sigmas[1].abs() >= 1e-5 {
        ascending.push(0.0);
    }
    ascending.extend(sigmas.iter().skip(1).step_by(stride));
    ascending.reverse();
    ascending
}
