//! Improved pseudo numerical steps: Adams-Bashforth over up to four past slopes.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::{History, to_d};

/// Weights of the newest slope first, for one slope to four, as if all steps were equal.
const WEIGHTS: [&[f64]; 4] = [
    &[1.0],
    &[3.0 / 2.0, -1.0 / 2.0],
    &[23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0],
    &[55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0],
];

/// Zhang et al. 2023 (i-PNDM); the last step takes the prediction as it is.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let mut slopes = History::new(WEIGHTS.len());
    for (index, pair) in sigmas.windows(2).enumerate() {
        let denoised = run.denoise(&x, pair[0]).await?;
        slopes.push(to_d(&x, pair[0], &denoised));
        x = if pair[1] == 0.0 {
            denoised.clone()
        } else {
            x + slopes.weighted_sum(WEIGHTS[slopes.len() - 1]) * (pair[1] - pair[0])
        };
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}
