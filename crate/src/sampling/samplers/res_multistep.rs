//! Second order exponential steps from the previous prediction.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Guess;
use crate::sampling::Run;
use crate::sampling::math::get_ancestral_step;

/// How the steps are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// Whether steps go too far down and put fresh noise on top.
    pub(super) ancestral: bool,
    /// Whether slopes are taken from the prediction without the prompt (CFG++).
    pub(super) cfg_pp: bool,
}

/// Zhang et al. 2023 (refined exponential solver), multistep, as the reference has it.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
    kind: Kind,
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let mut previous: Option<(Tensor<4>, f64)> = None;
    for (index, pair) in sigmas.windows(2).enumerate() {
        let a = f64::from(pair[0]);
        let (down, up) =
            if kind.ancestral { get_ancestral_step(pair[0], pair[1]) } else { (pair[1], 0.0) };
        let Guess { denoised, uncond } = run.guess(&x, pair[0], kind.cfg_pp).await?;
        let base = uncond.unwrap_or_else(|| denoised.clone());
        x = match previous {
            Some((previous, previous_down)) if down > 0.0 => {
                let h = (a / f64::from(down)).ln();
                let c2 = (previous_down / f64::from(sigmas[index - 1])).ln() / h;
                let (b1, b2) = weights(h, c2);
                let x = if kind.cfg_pp { x + denoised.clone() - base.clone() } else { x };
                let moved = base.clone() * (h * b1) as f32 + previous * (h * b2) as f32;
                x * (-h).exp() as f32 + moved
            }
            _ if kind.cfg_pp => {
                denoised.clone() + (x - base.clone()) * (f64::from(down) / a) as f32
            }
            _ => x.clone() + (x - denoised.clone()) / pair[0] * (down - pair[0]),
        };
        if up > 0.0 {
            let noise = run.noise_like(&x);
            x = x + noise * up;
        }
        previous = Some((base, down.into()));
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(x)
}

/// Of the newest prediction and the one before it.
fn weights(h: f64, c2: f64) -> (f64, f64) {
    let phi1 = (-h).exp_m1() / -h;
    let phi2 = (phi1 - 1.0) / -h;
    let finite = |value: f64| if value.is_nan() { 0.0 } else { value };
    (finite(phi1 - phi2 / c2), finite(phi2 / c2))
}
