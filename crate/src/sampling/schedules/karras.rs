//! The `karras` schedule.

use super::{ending_in_zero, linspace};

/// Curvature: larger spends more steps at low noise.
const RHO: f32 = 7.0;

/// Karras et al. 2022, equation 5, with rho 7, then 0.
pub fn karras(steps: usize, sigma_min: f32, sigma_max: f32) -> Vec<f32> {
    let (low, high) = (sigma_min.powf(1.0 / RHO), sigma_max.powf(1.0 / RHO));
    ending_in_zero(
        linspace(0.0, 1.0, steps).into_iter().map(|ramp| (high + ramp * (low - high)).powf(RHO)),
    )
}
