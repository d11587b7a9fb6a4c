//! DPM-Solver-2: the slope halfway through a step, on the scale of the logarithm.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::{get_ancestral_step, to_d};

/// Inspired by DPM-Solver-2 (Lu et al. 2022) as k-diffusion has it; the last step is Euler's.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let denoised = run.denoise(&x, pair[0]).await?;
        x = midpoint_step(run, x, &denoised, pair[0], pair[1]).await?;
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
        let denoised = run.denoise(&x, pair[0]).await?;
        let (down, up) = get_ancestral_step(pair[0], pair[1]);
        x = midpoint_step(run, x, &denoised, pair[0], down).await?;
        if down > 0.0 {
            let noise = run.noise_like(&x);
            x = x + noise * up;
        }
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// From `a` to `b` along the slope at their geometric mean.
async fn midpoint_step(
    run: &mut Run<'_>,
    x: Tensor<4>,
    denoised: &Tensor<4>,
    a: f32,
    b: f32,
) -> Result<Tensor<4>> {
    let slope = to_d(&x, a, denoised);
    if b == 0.0 {
        return Ok(x + slope * (b - a));
    }
    let middle = (f64::from(a) * f64::from(b)).sqrt() as f32;
    let halfway = x.clone() + slope * (middle - a);
    let denoised_halfway = run.denoise(&halfway, middle).await?;
    Ok(x + to_d(&halfway, middle, &denoised_halfway) * (b - a))
}
