//! Heun's method: the mean of the slopes at both ends of a step.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::to_d;

/// Algorithm 1 of Karras et al. 2022 without churn; the last step is Euler's.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (sigma, sigma_next) = (pair[0], pair[1]);
        let denoised = run.denoise(&x, sigma).await?;
        let mut slope = to_d(&x, sigma, &denoised);
        if sigma_next > 0.0 {
            let ahead = x.clone() + slope.clone() * (sigma_next - sigma);
            let denoised_ahead = run.denoise(&ahead, sigma_next).await?;
            slope = (slope + to_d(&ahead, sigma_next, &denoised_ahead)) / 2.0;
        }
        x = x + slope * (sigma_next - sigma);
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}
