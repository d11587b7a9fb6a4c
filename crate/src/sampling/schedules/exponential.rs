//! The `exponential` schedule.

use super::{ending_in_zero, linspace};

/// Equally spaced logarithms of sigma, then 0.
pub fn exponential(steps: usize, sigma_min: f32, sigma_max: f32) -> Vec<f32> {
    ending_in_zero(
        linspace(sigma_max.ln(), sigma_min.ln(), steps)
            .into_iter()
            .map(|log| f64::from(log).exp() as f32),
    )
}
