//! DPM-Solver++(2M): second order from the previous prediction, one evaluation per step.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::{Guess, Run};

/// Lu et al. 2022 (DPM-Solver++), algorithm 2, with `lambda = -ln sigma`.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let mut previous: Option<Tensor<4>> = None;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (a, b) = (f64::from(pair[0]), f64::from(pair[1]));
        let denoised = run.denoise(&x, pair[0]).await?;
        let target = match &previous {
            Some(previous) if b > 0.0 => {
                let r = (f64::from(sigmas[index - 1]) / a).ln() / (a / b).ln();
                let weight = (1.0 / (2.0 * r)) as f32;
                denoised.clone() * (1.0 + weight) - previous.clone() * weight
            }
            _ => denoised.clone(),
        };
        x = x * ((b / a) as f32) + target * ((1.0 - b / a) as f32);
        previous = Some(denoised.clone());
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// The same with the guess without the prompt as what is moved away from (Chung et al. 2024, CFG++).
pub(super) async fn sample_cfg_pp(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let mut previous: Option<Tensor<4>> = None;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (a, b) = (f64::from(pair[0]), f64::from(pair[1]));
        let Guess { denoised, uncond } = run.guess(&x, pair[0], true).await?;
        let uncond = uncond.unwrap_or_else(|| denoised.clone());
        let kept = b / a;
        x = denoised.clone() + (x - uncond.clone()) * kept as f32;
        if let Some(previous) = previous.filter(|_| b > 0.0) {
            let r = (f64::from(sigmas[index - 1]) / a).ln() / (a / b).ln();
            let weight = (1.0 - kept) / (2.0 * r);
            x = x + (denoised.clone() - previous) * weight as f32;
        }
        previous = Some(uncond);
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}
