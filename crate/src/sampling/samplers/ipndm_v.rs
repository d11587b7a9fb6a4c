//! Improved pseudo numerical steps for uneven sigmas.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::{History, to_d};

const ORDER: usize = 4;

/// Zhang et al. 2023 (i-PNDM) with step sizes taken into account; the last step takes the
/// prediction as it is.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let mut slopes = History::new(ORDER);
    for (index, pair) in sigmas.windows(2).enumerate() {
        let denoised = run.denoise(&x, pair[0]).await?;
        slopes.push(to_d(&x, pair[0], &denoised));
        x = if pair[1] == 0.0 {
            denoised.clone()
        } else {
            let steps_back: Vec<f64> = (0..slopes.len())
                .map(|back| f64::from(sigmas[index + 1 - back]) - f64::from(sigmas[index - back]))
                .collect();
            x + slopes.weighted_sum(&weights(&steps_back)) * (pair[1] - pair[0])
        };
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// Weights of the slopes, newest first, for steps `h`, newest first.
fn weights(h: &[f64]) -> [f64; ORDER] {
    let mut w = [1.0, 0.0, 0.0, 0.0];
    if let [h0, h1, ..] = *h {
        w[0] += h0 / (2.0 * h1);
        w[1] -= h0 / (2.0 * h1);
    }
    if let [h0, h1, h2, ..] = *h {
        let t = (1.0 - h0 / (3.0 * (h0 + h1)) * (h0 * (h0 + h1)) / (h1 * (h1 + h2))) / 2.0;
        w[0] += t;
        w[1] -= (1.0 + h1 / h2) * t;
        w[2] += t * h1 / h2;
    }
    if let [h0, h1, h2, h3] = *h {
        let share = (1.0 - h0 / (3.0 * (h0 + h1))) / 2.0
            + (1.0 - h0 / (2.0 * (h0 + h1))) * h0 / (6.0 * (h0 + h1 + h2));
        let t = share * (h0 * (h0 + h1) * (h0 + h1 + h2)) / (h1 * (h1 + h2) * (h1 + h2 + h3));
        let q = h1 * (h1 + h2) / (h2 * (h2 + h3));
        w[0] += t;
        w[1] -= (1.0 + h1 / h2 + q) * t;
        w[2] += (h1 / h2 + q * (1.0 + h2 / h3)) * t;
        w[3] -= t * q * h1 / h2;
    }
    w
}
