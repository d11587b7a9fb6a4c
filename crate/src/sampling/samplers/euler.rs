//! Euler steps.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::to_d;

/// Algorithm 2 of Karras et al. 2022 without churn: `x + d (b - a)`.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (sigma, sigma_next) = (pair[0], pair[1]);
        let denoised = run.denoise(&x, sigma).await?;
        x = x.clone() + to_d(&x, sigma, &denoised) * (sigma_next - sigma);
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}
