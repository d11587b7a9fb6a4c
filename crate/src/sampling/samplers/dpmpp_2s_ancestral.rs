//! DPM-Solver++(2S) with ancestral noise: two evaluations per step.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::math::{get_ancestral_step, to_d};
use crate::sampling::{Guess, Run};

/// Lu et al. 2022 (DPM-Solver++), algorithm 1 with `r = 1/2`, towards the lower sigma of the step.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let a = f64::from(pair[0]);
        let denoised = run.denoise(&x, pair[0]).await?;
        let (down, up) = get_ancestral_step(pair[0], pair[1]);
        if down == 0.0 {
            x = x.clone() + to_d(&x, pair[0], &denoised) * (down - pair[0]);
        } else {
            let middle = (a * f64::from(down)).sqrt();
            let toward = |x: Tensor<4>, prediction: Tensor<4>, sigma: f64| {
                x * (sigma / a) as f32 + prediction * (1.0 - sigma / a) as f32
            };
            let halfway = toward(x.clone(), denoised.clone(), middle);
            let denoised_halfway = run.denoise(&halfway, middle as f32).await?;
            x = toward(x, denoised_halfway, down.into());
            let noise = run.noise_like(&x);
            x = x + noise * up;
        }
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// The same with slopes from the guess without the prompt (Chung et al. 2024, CFG++), of which the
/// second evaluation's serves both halves, as in the reference.
pub(super) async fn sample_cfg_pp(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let a = f64::from(pair[0]);
        let Guess { denoised, uncond } = run.guess(&x, pair[0], true).await?;
        let uncond = uncond.unwrap_or_else(|| denoised.clone());
        let (down, up) = get_ancestral_step(pair[0], pair[1]);
        if down == 0.0 {
            x = denoised.clone();
        } else {
            let toward = |shifted: Tensor<4>, prediction: Tensor<4>, sigma: f64| {
                shifted * (sigma / a) as f32 + prediction * (1.0 - sigma / a) as f32
            };
            let middle = (a * f64::from(down)).sqrt();
            let shifted = x.clone() + denoised.clone() - uncond;
            let halfway = toward(shifted, denoised.clone(), middle);
            let second = run.guess(&halfway, middle as f32, true).await?;
            let uncond = second.uncond.unwrap_or_else(|| second.denoised.clone());
            x = toward(x + denoised.clone() - uncond, second.denoised, down.into());
            let noise = run.noise_like(&x);
            x = x + noise * up;
        }
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}
