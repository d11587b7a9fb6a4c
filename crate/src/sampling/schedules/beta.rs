//! The `beta` schedule.

use super::ending_in_zero;
use crate::sampling::model_sampling::ModelSampling;

/// Both parameters of the beta distribution.
const SHAPE: f64 = 0.6;

/// Timesteps at equally spaced quantiles of a beta distribution, dense at both ends (Lee et al.
/// 2024, "Beta Sampling is All You Need"), then 0.
///
/// Equal neighbours are dropped, so many steps give fewer values than asked for.
pub fn beta(model: &ModelSampling, steps: usize) -> Vec<f32> {
    let last = (model.sigmas().len() - 1) as f64;
    let mut timesteps: Vec<usize> = (0..steps)
        .map(|step| quantile(1.0 - step as f64 / steps as f64))
        .map(|share| (last * share).round_ties_even() as usize)
        .collect();
    timesteps.dedup();
    ending_in_zero(timesteps.into_iter().map(|timestep| model.sigmas()[timestep]))
}

/// The value below which a share `p` of the distribution lies.
fn quantile(p: f64) -> f64 {
    if p > 0.5 {
        return 1.0 - quantile(1.0 - p);
    }
    // Exactly, since half of the last timestep is a tie to be rounded.
    if p == 0.5 {
        return 0.5;
    }
    let target = p / 0.5 * unnormalised_cdf(0.5);
    let (mut low, mut high) = (0.0, 0.5);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if unnormalised_cdf(middle) < target { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// The incomplete beta function up to a constant factor, for `x` up to a half.
///
/// `x^a (1-x)^a 2F1(2a, 1; a + 1; x)`, Abramowitz and Stegun 26.5.4.
fn unnormalised_cdf(x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, 0.0);
    while term > 1e-17 * sum {
        term *= x * (2.0 * SHAPE + n) / (SHAPE + 1.0 + n);
        sum += term;
        n += 1.0;
    }
    (x * (1.0 - x)).powf(SHAPE) * sum
}
