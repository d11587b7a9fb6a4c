//! Diffusion exponential integrator: polynomial extrapolation of the slope in time.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::{History, to_d};

/// Slopes that are extrapolated from.
const ORDER: usize = 3;
/// Points of the sum that stands for the integral.
const POINTS: usize = 10_000;

/// Zhang and Chen 2023 (tAB-DEIS) in the reference's discretisation; first and last step are
/// Euler's.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let clock = Clock::new();
    let mut slopes = History::new(ORDER);
    for (index, pair) in sigmas.windows(2).enumerate() {
        let denoised = run.denoise(&x, pair[0]).await?;
        slopes.push(to_d(&x, pair[0], &denoised));
        x = if slopes.len() == 1 || pair[1] == 0.0 {
            x + slopes.weighted_sum(&[1.0]) * (pair[1] - pair[0])
        } else {
            let past: Vec<f64> =
                (0..slopes.len()).map(|back| clock.time(sigmas[index - back])).collect();
            x + slopes.weighted_sum(&clock.coefficients(&past, clock.time(pair[1])))
        };
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// Time of a variance preserving process in which noise grows as it does over sigma.
struct Clock {
    beta_d: f64,
    beta_min: f64,
}

impl Clock {
    /// From sigma 0.002 at time 0.001 to sigma 80 at time 1.
    fn new() -> Self {
        let [low, high] = [0.002_f64, 80.0].map(|sigma| (sigma * sigma + 1.0).ln());
        let beta_d = 2.0 * (low / 1e-3 - high) / (1e-3 - 1.0);
        Self { beta_d, beta_min: high - beta_d / 2.0 }
    }

    fn time(&self, sigma: f32) -> f64 {
        let log = (f64::from(sigma).powi(2) + 1.0).ln();
        let root = (self.beta_min * self.beta_min + 2.0 * self.beta_d * log).sqrt();
        (root - self.beta_min) / self.beta_d
    }

    /// Weights of the slopes at times `past`, newest first, for a step to time `end`.
    fn coefficients(&self, past: &[f64], end: f64) -> Vec<f64> {
        let start = past[0];
        let mut sums = vec![0.0; past.len()];
        for point in 0..POINTS {
            let tau = start + (end - start) * point as f64 / (POINTS - 1) as f64;
            let alpha = (-0.5 * tau * tau * self.beta_d - tau * self.beta_min).exp();
            let weight = 0.5 * (tau * self.beta_d + self.beta_min) / (alpha * (1.0 - alpha)).sqrt();
            for (at, sum) in sums.iter_mut().enumerate() {
                let others = past.iter().enumerate().filter(|(other, _)| *other != at);
                let basis: f64 = others.map(|(_, time)| (tau - time) / (past[at] - time)).product();
                *sum += weight * basis;
            }
        }
        sums.iter().map(|sum| sum * (end - start) / POINTS as f64).collect()
    }
}
