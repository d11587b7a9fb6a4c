//! DPM-Solver in `t = -ln sigma`, with fixed and with adaptive steps.
//!
//! Both end at the least sigma above 0, so the state they return keeps that much noise.

use std::cmp::Ordering;

use burn::tensor::Tensor;

use crate::error::{Error, Result};
use crate::sampling::Run;
use crate::sampling::math::{read_back, to_d};

/// Inner points of a third order step.
const R1: f64 = 1.0 / 3.0;
const R2: f64 = 2.0 / 3.0;

/// Lu et al. 2022 (DPM-Solver-fast): as many evaluations as steps, in steps of up to third order.
pub(super) async fn sample_fast(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let (from, to) = ends(sigmas);
    let orders = orders(sigmas.len() - 1);
    let h = (to - from) / orders.len() as f64;
    for (index, order) in orders.iter().enumerate() {
        let step = Step { t: from + index as f64 * h, h };
        let (denoised, slope) = slope(run, &x, step.t).await?;
        x = match order {
            1 => step.first(&x, &slope),
            2 => {
                let inner = step.inner(run, &x, &slope, 0.5).await?;
                step.second(&x, &slope, &inner, 0.5)
            }
            _ => {
                let inner = step.inner(run, &x, &slope, R1).await?;
                step.third(run, &x, &slope, &inner).await?
            }
        };
        run.finish_step(denoised, index, orders.len()).await?;
    }
    Ok(x)
}

/// Orders of the steps that take `evaluations` together.
fn orders(evaluations: usize) -> Vec<usize> {
    let steps = evaluations / 3 + 1;
    match evaluations % 3 {
        0 => [vec![3; steps - 2], vec![2, 1]].concat(),
        rest => [vec![3; steps - 1], vec![rest]].concat(),
    }
}

/// Relative and absolute error a step may have.
const RTOL: f32 = 0.05;
const ATOL: f32 = 0.0078;
/// First step, in `t`.
const FIRST_STEP: f64 = 0.05;
/// Least factor of the step size a step is accepted with.
const SAFETY: f64 = 0.81;

/// Lu et al. 2022 (DPM-Solver-12/23): third order, the step size set by the difference to second
/// order. The number of steps asked for only scales the reports.
pub(super) async fn sample_adaptive(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
) -> Result<Tensor<4>> {
    let (from, to) = ends(sigmas);
    let steps = sigmas.len() - 1;
    let mut accepted_low = x.clone();
    let (mut t, mut h) = (from, FIRST_STEP);
    while t < to - 1e-5 {
        let next = to.min(t + h);
        let step = Step { t, h: next - t };
        let (denoised, slope) = slope(run, &x, t).await?;
        let inner = step.inner(run, &x, &slope, R1).await?;
        let low = step.second(&x, &slope, &inner, R1);
        let high = step.third(run, &x, &slope, &inner).await?;
        let error = error(&low, &high, &accepted_low).await?;
        let factor = 1.0 + ((1.0 / (error + 1e-8)).cbrt() - 1.0).atan();
        let done = ((t - from) / (to - from) * steps as f64) as usize;
        h *= factor;
        if factor >= SAFETY {
            (accepted_low, x, t) = (low, high, next);
        }
        // Neither a number that is none nor a step too small to move ends the loop by itself.
        if (t + h).partial_cmp(&t) != Some(Ordering::Greater) {
            return Err(Error::NotFinite { stage: "sampler" });
        }
        run.finish_step(denoised, done.min(steps - 1), steps).await?;
    }
    Ok(x)
}

/// Root mean square of the difference, in units of what is allowed.
async fn error(low: &Tensor<4>, high: &Tensor<4>, before: &Tensor<4>) -> Result<f64> {
    let allowed = (low.clone().abs().max_pair(before.clone().abs()) * RTOL).clamp_min(ATOL);
    let off = (low.clone() - high.clone()) / allowed;
    let mean = read_back((off.clone() * off).mean()).await?;
    Ok(mean.first().map_or(f64::NAN, |mean| f64::from(*mean).sqrt()))
}

/// `t` of the first sigma and of the last above 0.
fn ends(sigmas: &[f32]) -> (f64, f64) {
    let t = |sigma: &f32| -f64::from(*sigma).ln();
    let last = sigmas.iter().rfind(|sigma| **sigma > 0.0);
    (t(&sigmas[0]), last.map_or(t(&sigmas[0]), t))
}

/// What the model takes for clean at `t`, and the noise it sees in `x`.
async fn slope(run: &mut Run<'_>, x: &Tensor<4>, t: f64) -> Result<(Tensor<4>, Tensor<4>)> {
    let sigma = (-t).exp() as f32;
    let denoised = run.denoise(x, sigma).await?;
    let slope = to_d(x, sigma, &denoised);
    Ok((denoised, slope))
}

/// From `t` to `t + h`.
struct Step {
    t: f64,
    h: f64,
}

impl Step {
    /// The noise seen at a share `r` of the step, reached by a step of first order.
    async fn inner(
        &self,
        run: &mut Run<'_>,
        x: &Tensor<4>,
        e: &Tensor<4>,
        r: f64,
    ) -> Result<Tensor<4>> {
        let inner = x.clone() - e.clone() * (self.sigma(r) * (r * self.h).exp_m1()) as f32;
        Ok(slope(run, &inner, self.t + r * self.h).await?.1)
    }

    fn first(&self, x: &Tensor<4>, e: &Tensor<4>) -> Tensor<4> {
        x.clone() - e.clone() * self.whole() as f32
    }

    /// `inner` is the noise seen at a share `r`.
    fn second(&self, x: &Tensor<4>, e: &Tensor<4>, inner: &Tensor<4>, r: f64) -> Tensor<4> {
        self.first(x, e) - (inner.clone() - e.clone()) * (self.whole() / (2.0 * r)) as f32
    }

    /// `inner` is the noise seen at a share [`R1`].
    async fn third(
        &self,
        run: &mut Run<'_>,
        x: &Tensor<4>,
        e: &Tensor<4>,
        inner: &Tensor<4>,
    ) -> Result<Tensor<4>> {
        let (to_second, bend) = (R2 * self.h, |h: f64| h.exp_m1() / h - 1.0);
        let sigma = self.sigma(R2);
        let second = x.clone()
            - e.clone() * (sigma * to_second.exp_m1()) as f32
            - (inner.clone() - e.clone()) * (sigma * (R2 / R1) * bend(to_second)) as f32;
        let (_, second) = slope(run, &second, self.t + to_second).await?;
        let weight = self.sigma(1.0) / R2 * bend(self.h);
        Ok(self.first(x, e) - (second - e.clone()) * weight as f32)
    }

    fn sigma(&self, r: f64) -> f64 {
        (-(self.t + r * self.h)).exp()
    }

    fn whole(&self) -> f64 {
        self.sigma(1.0) * self.h.exp_m1()
    }
}
