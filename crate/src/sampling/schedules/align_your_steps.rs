//! The `AYS` schedules: levels found by optimisation (Sabour et al. 2024, "Align Your Steps").

use super::log_linear::log_linear;

/// Levels for Stable Diffusion 1.x, 10 steps.
#[rustfmt::skip]
pub const AYS_SD1: [f64; 11] = [
    14.6146412293, 6.4745760956, 3.8636745985, 2.6946151520, 1.8841921177, 1.3943805092,
    0.9642583904, 0.6523686016, 0.3977456272, 0.1515232662, 0.0291671582,
];

/// Levels for SDXL, 10 steps.
#[rustfmt::skip]
pub const AYS_SDXL: [f64; 11] = [
    14.6146412293, 6.3184485287, 3.7681790315, 2.1811480769, 1.3405244945, 0.8620721141,
    0.5550693289, 0.3798540708, 0.2332364134, 0.1114188177, 0.0291671582,
];

/// Levels for Stable Video Diffusion, 10 steps.
pub const AYS_SVD: [f64; 11] =
    [700.0, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002];

/// One of the lists above stretched to `steps` steps. The model at hand plays no part.
pub fn align_your_steps(levels: &[f64; 11], steps: usize) -> Vec<f32> {
    log_linear(levels, steps + 1)
}
