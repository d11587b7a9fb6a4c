//! Euler steps whose slope comes from the prediction without the prompt.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Guess;
use crate::sampling::Run;
use crate::sampling::math::get_ancestral_step;

/// Chung et al. 2024 (CFG++): `denoised + b (x - uncond) / a`.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (denoised, slope) = cfg_pp_slope(run, &x, pair[0]).await?;
        x = if pair[1] == 0.0 { denoised.clone() } else { denoised.clone() + slope * pair[1] };
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// The same with steps that go too far down and put fresh noise on top.
pub(super) async fn sample_ancestral(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (denoised, slope) = cfg_pp_slope(run, &x, pair[0]).await?;
        x = if pair[1] == 0.0 {
            denoised.clone()
        } else {
            let (down, up) = get_ancestral_step(pair[0], pair[1]);
            denoised.clone() + slope * down + run.noise_like(&x) * up
        };
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// The prediction at `sigma`, and the slope away from the one without the prompt.
async fn cfg_pp_slope(
    run: &mut Run<'_>,
    x: &Tensor<4>,
    sigma: f32,
) -> Result<(Tensor<4>, Tensor<4>)> {
    let Guess { denoised, uncond } = run.guess(x, sigma, true).await?;
    let uncond = uncond.unwrap_or_else(|| denoised.clone());
    Ok((denoised, (x.clone() - uncond) / sigma))
}
