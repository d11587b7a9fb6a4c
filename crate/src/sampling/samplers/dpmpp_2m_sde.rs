//! DPM-Solver++(2M) SDE: second order from the previous prediction, with Brownian noise.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;

/// How the previous prediction is taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Correction {
    /// As at the middle of the step.
    Midpoint,
    /// By the second phi function.
    Heun,
}

/// Lu et al. 2022 (DPM-Solver++), multistep with `eta = 1`; the last step takes the prediction as
/// it is.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
    correction: Correction,
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let mut previous: Option<(Tensor<4>, f64)> = None;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (a, b) = (f64::from(pair[0]), f64::from(pair[1]));
        let denoised = run.denoise(&x, pair[0]).await?;
        if b == 0.0 {
            x = denoised.clone();
        } else {
            let h = (a / b).ln();
            let noise = run.brownian_like(&x, pair[0], pair[1]);
            x = decay(x, &denoised, a, b);
            if let Some((previous, previous_h)) = previous {
                let r = previous_h / h;
                let weight = match correction {
                    Correction::Midpoint => -0.5 * (-2.0 * h).exp_m1() / r,
                    Correction::Heun => phi_2(2.0 * h) / r,
                };
                x = x + (denoised.clone() - previous) * weight as f32;
            }
            x = x + noise * noise_level(a, b);
            previous = Some((denoised.clone(), h));
        }
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// The first order step of the solver from `a` to `b`, without its noise.
pub(super) fn decay(x: Tensor<4>, denoised: &Tensor<4>, a: f64, b: f64) -> Tensor<4> {
    let h = (a / b).ln();
    x * (b / a * (-h).exp()) as f32 - denoised.clone() * (-2.0 * h).exp_m1() as f32
}

/// How much noise a step from `a` to `b` brings in.
pub(super) fn noise_level(a: f64, b: f64) -> f32 {
    let h = (a / b).ln();
    (b * (-(-2.0 * h).exp_m1()).sqrt()) as f32
}

/// `(exp(-h) - 1) / h + 1`.
pub(super) fn phi_2(h: f64) -> f64 {
    (-h).exp_m1() / h + 1.0
}
