//! Euler steps that go too far down and put fresh noise on top.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::{get_ancestral_step, to_d};

/// `x + d (sigma_down - a) + sigma_up noise`; the last step takes the prediction as it is.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (sigma, sigma_next) = (pair[0], pair[1]);
        let denoised = run.denoise(&x, sigma).await?;
        x = if sigma_next == 0.0 {
            denoised.clone()
        } else {
            let (down, up) = get_ancestral_step(sigma, sigma_next);
            let moved = x.clone() + to_d(&x, sigma, &denoised) * (down - sigma);
            moved + run.noise_like(&x) * up
        };
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}
