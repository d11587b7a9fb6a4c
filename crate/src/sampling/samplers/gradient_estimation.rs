//! Euler steps corrected by how the slope has changed.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::math::to_d;
use crate::sampling::{Guess, Run};

/// How much of the change in slope is added once more; 1 would be Euler.
const GAMMA: f32 = 2.0;

/// Permenter and Yuan 2023 (gradient estimation); the last step takes the prediction as it is.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let mut previous: Option<Tensor<4>> = None;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let denoised = run.denoise(&x, pair[0]).await?;
        let slope = to_d(&x, pair[0], &denoised);
        x = match previous {
            _ if pair[1] == 0.0 => denoised.clone(),
            None => x + slope.clone() * (pair[1] - pair[0]),
            Some(previous) => {
                let corrected = slope.clone() * GAMMA - previous * (GAMMA - 1.0);
                x + corrected * (pair[1] - pair[0])
            }
        };
        previous = Some(slope);
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// The same with the slope away from the guess without the prompt (Chung et al. 2024, CFG++).
pub(super) async fn sample_cfg_pp(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let mut previous: Option<Tensor<4>> = None;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let Guess { denoised, uncond } = run.guess(&x, pair[0], true).await?;
        let slope = to_d(&x, pair[0], uncond.as_ref().unwrap_or(&denoised));
        x = denoised.clone();
        if pair[1] > 0.0 {
            x = x + slope.clone() * pair[1];
            if let Some(previous) = previous {
                x = x + (slope.clone() - previous) * ((GAMMA - 1.0) * (pair[1] - pair[0]));
            }
        }
        previous = Some(slope);
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}
