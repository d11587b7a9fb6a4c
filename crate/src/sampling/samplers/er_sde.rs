//! Extended reverse-time SDE solver, third order.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;

/// Points of the sums that stand for integrals.
const POINTS: usize = 200;

/// Cui et al. 2023 (ER-SDE-Solver-3) with the reference's noise scale.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let mut previous: Option<Tensor<4>> = None;
    let mut previous_first: Option<Tensor<4>> = None;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (a, b) = (f64::from(pair[0]), f64::from(pair[1]));
        let denoised = run.denoise(&x, pair[0]).await?;
        if b == 0.0 {
            x = denoised.clone();
        } else {
            let ratio = noise_scale(b) / noise_scale(a);
            x = x * ratio as f32 + denoised.clone() * (1.0 - ratio) as f32;
            let mut first = None;
            if let Some(previous) = &previous {
                let before = f64::from(sigmas[index - 1]);
                let slope = (denoised.clone() - previous.clone()) / (a - before) as f32;
                let (sum, moment) = integrals(a, b);
                x = x + slope.clone() * (b - a + sum * noise_scale(b)) as f32;
                if let Some(previous_first) = &previous_first {
                    let span = (a - f64::from(sigmas[index - 2])) / 2.0;
                    let bend = (slope.clone() - previous_first.clone()) / span as f32;
                    let weight = (b - a).powi(2) / 2.0 + moment * noise_scale(b);
                    x = x + bend * weight as f32;
                }
                first = Some(slope);
            }
            previous_first = first;
            let variance = b * b - a * a * ratio * ratio;
            let noise = run.noise_like(&x);
            x = x + noise * variance.max(0.0).sqrt() as f32;
        }
        previous = Some(denoised.clone());
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

fn noise_scale(sigma: f64) -> f64 {
    sigma * (sigma.powf(0.3).exp() + 10.0)
}

/// Of `1 / scale` and of `(sigma - a) / scale` from `b` to `a`, both negative steps.
fn integrals(a: f64, b: f64) -> (f64, f64) {
    let step = -(b - a) / POINTS as f64;
    let points = (0..POINTS).map(|point| b + point as f64 * step);
    points.fold((0.0, 0.0), |(sum, moment), sigma| {
        let share = step / noise_scale(sigma);
        (sum + share, moment + (sigma - a) * share)
    })
}
