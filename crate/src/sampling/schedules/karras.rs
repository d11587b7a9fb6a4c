//! The `karras` schedule.

use super::{ending_in_zero, linspace};

/// Curvature: larger spends more steps at low noise.
const RHO: f64 = 7.0;

/// Karras et al. 2022, equation 5, with rho 7, then 0.
///
/// Single and double precision change places as in the reference, to the last bit in nearly every
/// case: Brownian noise is looked up by sigma.
pub fn karras(steps: usize, sigma_min: f32, sigma_max: f32) -> Vec<f32> {
    let root = |sigma: f32| f64::from(sigma).powf(1.0 / RHO);
    let (high, span) = (root(sigma_max) as f32, (root(sigma_min) - root(sigma_max)) as f32);
    ending_in_zero(
        linspace(0.0, 1.0, steps)
            .into_iter()
            .map(|ramp| f64::from(high + ramp * span).powf(RHO) as f32),
    )
}
