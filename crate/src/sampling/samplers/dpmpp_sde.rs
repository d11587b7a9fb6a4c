//! DPM-Solver++(SDE): two evaluations per step, noise from a Brownian path.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::get_ancestral_step;

/// Lu et al. 2022 (DPM-Solver++) with `r = 1/2`; the last step takes the prediction as it is.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let (a, b) = (pair[0], pair[1]);
        let denoised = run.denoise(&x, a).await?;
        x = if b == 0.0 {
            denoised.clone()
        } else {
            // In the reference's own arithmetic: Brownian noise is looked up by rounded sigma.
            let lambda = -a.ln();
            let middle = (-(lambda + 0.5 * (-b.ln() - lambda))).exp();
            let halfway = noised_step(run, &x, &denoised, a, middle);
            let denoised_halfway = run.denoise(&halfway, middle).await?;
            noised_step(run, &x, &denoised_halfway, a, b)
        };
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// Towards `denoised` from `a` to `b`, part of the way back up with noise.
fn noised_step(
    run: &mut Run<'_>,
    x: &Tensor<4>,
    denoised: &Tensor<4>,
    a: f32,
    b: f32,
) -> Tensor<4> {
    let (down, up) = get_ancestral_step(a, b);
    let kept = down / a;
    x.clone() * kept + denoised.clone() * (1.0 - kept) + run.brownian_like(x, a, b) * up
}
