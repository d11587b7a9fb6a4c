//! Heun's method with up to two looks ahead, weighted by how far the run still has to go.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::to_d;

/// Heun++ (Liu et al. 2023, "Unified sampling"), as the reference has it; the last step is Euler's.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (a, b) = (pair[0], pair[1]);
        let denoised = run.denoise(&x, a).await?;
        let slope = to_d(&x, a, &denoised);
        let slope = match sigmas.get(index + 2) {
            None => slope,
            Some(c) => look_ahead(run, &x, slope, [a, b, *c], sigmas[0]).await?,
        };
        x = x + slope * (b - a);
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// Mean of the slopes here, at `b` and, if the run goes on beyond it, at `c`.
async fn look_ahead(
    run: &mut Run<'_>,
    x: &Tensor<4>,
    slope: Tensor<4>,
    [a, b, c]: [f32; 3],
    first: f32,
) -> Result<Tensor<4>> {
    let at_b = x.clone() + slope.clone() * (b - a);
    let denoised_b = run.denoise(&at_b, b).await?;
    let slope_b = to_d(&at_b, b, &denoised_b);
    if c == 0.0 {
        let weight = b / (2.0 * first);
        return Ok(slope * (1.0 - weight) + slope_b * weight);
    }
    let at_c = at_b + slope_b.clone() * (c - b);
    let denoised_c = run.denoise(&at_c, c).await?;
    let slope_c = to_d(&at_c, c, &denoised_c);
    let (weight_b, weight_c) = (b / (3.0 * first), c / (3.0 * first));
    Ok(slope * (1.0 - weight_b - weight_c) + slope_b * weight_b + slope_c * weight_c)
}
