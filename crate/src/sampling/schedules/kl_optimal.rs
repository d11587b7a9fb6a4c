//! The `kl_optimal` schedule.

use super::ending_in_zero;

/// Equally spaced arc tangents of sigma (Sabour et al. 2024, "Align Your Steps", section 3), then
/// 0. A single step divides zero by zero in the reference; here it begins at `sigma_max`.
pub fn kl_optimal(steps: usize, sigma_min: f32, sigma_max: f32) -> Vec<f32> {
    let (low, high) = (sigma_min.atan(), sigma_max.atan());
    let last = (steps.max(2) - 1) as f32;
    ending_in_zero((0..steps).map(|step| {
        let share = step as f32 / last;
        (share * low + (1.0 - share) * high).tan()
    }))
}
