//! Steps for latent consistency models: the prediction, noised again.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;

/// Luo et al. 2023, algorithm 3.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let denoised = run.denoise(&x, pair[0]).await?;
        x = denoised.clone();
        if pair[1] > 0.0 {
            let noise = run.noise_like(&x);
            x = x + noise * pair[1];
        }
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}
