//! Ancestral sampling as the model was trained: DDPM.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::to_d;

/// Ho et al. 2020, algorithm 2, on `x / sqrt(1 + sigma²)`.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (a, b) = (f64::from(pair[0]), f64::from(pair[1]));
        let denoised = run.denoise(&x, pair[0]).await?;
        let slope = to_d(&x, pair[0], &denoised);
        let (alpha_bar, alpha_bar_next) = (1.0 / (1.0 + a * a), 1.0 / (1.0 + b * b));
        let alpha = alpha_bar / alpha_bar_next;
        let drift = ((1.0 - alpha) / (1.0 - alpha_bar).sqrt()) as f32;
        let mut v = (x * alpha_bar.sqrt() as f32 - slope * drift) / alpha.sqrt() as f32;
        if b > 0.0 {
            let variance = (1.0 - alpha) * (1.0 - alpha_bar_next) / (1.0 - alpha_bar);
            let noise = run.noise_like(&v);
            v = v + noise * variance.sqrt() as f32;
        }
        x = v * (1.0 + b * b).sqrt() as f32;
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}
