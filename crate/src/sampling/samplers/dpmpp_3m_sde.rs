//! DPM-Solver++(3M) SDE: third order from two previous predictions, with Brownian noise.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;

use super::dpmpp_2m_sde::{decay, noise_level, phi_2};
use crate::sampling::math::History;

/// Katherine Crowson's extension of DPM-Solver++ with `eta = 1`; the last step takes the prediction
/// as it is.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let mut predictions = History::new(3);
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (a, b) = (f64::from(pair[0]), f64::from(pair[1]));
        let denoised = run.denoise(&x, pair[0]).await?;
        predictions.push(denoised.clone());
        if b == 0.0 {
            x = denoised.clone();
        } else {
            let noise = run.brownian_like(&x, pair[0], pair[1]);
            x = decay(x, &denoised, a, b);
            let step = |back: usize| {
                (f64::from(sigmas[index - back]) / f64::from(sigmas[index + 1 - back])).ln()
            };
            let h = step(0);
            let phi_2 = phi_2(2.0 * h);
            let phi_3 = phi_2 / (2.0 * h) - 0.5;
            if predictions.len() == 3 {
                let (r0, r1) = (step(1) / h, step(2) / h);
                let newest = predictions.weighted_sum(&[1.0 / r0, -1.0 / r0]);
                let bend = predictions.weighted_sum(&[1.0 / r0, -1.0 / r0 - 1.0 / r1, 1.0 / r1]);
                let first = newest + bend.clone() * (r0 / (r0 + r1)) as f32;
                x = x + first * phi_2 as f32 - bend * (phi_3 / (r0 + r1)) as f32;
            } else if predictions.len() == 2 {
                let weight = phi_2 * h / step(1);
                x = x + predictions.weighted_sum(&[weight, -weight]);
            }
            x = x + noise * noise_level(a, b);
        }
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}
