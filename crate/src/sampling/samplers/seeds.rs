//! Stochastic explicit exponential steps of second and third order.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;

/// How [`sample_2`] weighs its two evaluations, and how far between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Second {
    /// Halfway, by the first phi function, with noise.
    Halfway,
    /// At the end of the step, by the second phi function (exponential Heun).
    Heun {
        /// Whether fresh noise is put in.
        noise: bool,
    },
}

/// Gonzalez et al. 2023 (SEEDS-2) and its relatives.
pub(super) async fn sample_2(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
    kind: Second,
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let r = if kind == Second::Halfway { 0.5 } else { 1.0 };
    let eta = if kind == (Second::Heun { noise: false }) { 0.0 } else { 1.0 };
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (a, b) = (f64::from(pair[0]), f64::from(pair[1]));
        let denoised = run.denoise(&x, pair[0]).await?;
        if b == 0.0 {
            x = denoised.clone();
        } else {
            let h = (a / b).ln();
            let full = h * (1.0 + eta);
            let middle = a * (-r * h).exp();
            let mut noise = (eta > 0.0).then(|| fresh(run, &x, -2.0 * r * eta * h));
            let inner = x.clone() * (middle / a * (-r * eta * h).exp()) as f32
                - denoised.clone() * (-r * full).exp_m1() as f32;
            let inner = with_noise(inner, &noise, middle);
            let second = run.denoise(&inner, middle as f32).await?;
            let (w1, w2) = match kind {
                Second::Halfway => {
                    let whole = (-full).exp_m1();
                    (whole * (1.0 - 1.0 / (2.0 * r)), whole / (2.0 * r))
                }
                Second::Heun { .. } => {
                    let w2 = ((-full).exp_m1() + full) / -full / r;
                    ((-full).exp_m1() - w2, w2)
                }
            };
            x = x * (b / a * (-eta * h).exp()) as f32
                - denoised.clone() * w1 as f32
                - second * w2 as f32;
            noise = noise.map(|noise| carried(run, noise, (r - 1.0) * eta * h));
            x = with_noise(x, &noise, b);
        }
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// Gonzalez et al. 2023 (SEEDS-3), with inner points at a third and two thirds of a step.
pub(super) async fn sample_3(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let (r1, r2) = (1.0 / 3.0, 2.0 / 3.0);
    let phi = |value: f64| (value.exp_m1() - value) / value;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (a, b) = (f64::from(pair[0]), f64::from(pair[1]));
        let denoised = run.denoise(&x, pair[0]).await?;
        if b == 0.0 {
            x = denoised.clone();
        } else {
            let h = (a / b).ln();
            let full = 2.0 * h;
            let [m1, m2] = [r1, r2].map(|r| a * (-r * h).exp());
            let decayed = |r: f64, to: f64| (to / a * (-r * h).exp()) as f32;

            let noise = fresh(run, &x, -2.0 * r1 * h);
            let inner = x.clone() * decayed(r1, m1)
                - denoised.clone() * (-r1 * full).exp_m1() as f32
                + noise.clone() * m1 as f32;
            let second = run.denoise(&inner, m1 as f32).await?;

            let noise = carried(run, noise, (r1 - r2) * h);
            let w2 = r2 / r1 * phi(-r2 * full);
            let w1 = (-r2 * full).exp_m1() - w2;
            let inner =
                x.clone() * decayed(r2, m2) - denoised.clone() * w1 as f32 - second * w2 as f32
                    + noise.clone() * m2 as f32;
            let third = run.denoise(&inner, m2 as f32).await?;

            let noise = carried(run, noise, (r2 - 1.0) * h);
            let w3 = phi(-full) / r2;
            let w1 = (-full).exp_m1() - w3;
            x = x * decayed(1.0, b) - denoised.clone() * w1 as f32 - third * w3 as f32
                + noise * b as f32;
        }
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// A draw of variance `1 - exp(exponent)`.
fn fresh(run: &mut Run<'_>, x: &Tensor<4>, exponent: f64) -> Tensor<4> {
    run.noise_like(x) * (-exponent.exp_m1()).max(0.0).sqrt() as f32
}

/// `noise` carried on over a stretch of the step, with what is new in it.
fn carried(run: &mut Run<'_>, noise: Tensor<4>, exponent: f64) -> Tensor<4> {
    let new = fresh(run, &noise, 2.0 * exponent);
    noise * exponent.exp() as f32 + new
}

fn with_noise(x: Tensor<4>, noise: &Option<Tensor<4>>, sigma: f64) -> Tensor<4> {
    match noise {
        Some(noise) => x + noise.clone() * sigma as f32,
        None => x,
    }
}
