//! Unified predictor-corrector, third order, on `x / sqrt(1 + sigma²)`.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::Run;
use crate::sampling::math::moment_weights;

/// Highest order.
const ORDER: usize = 3;
/// What the run ends at instead of sigma 0.
const LAST_SIGMA: f32 = 0.001;

/// Which function of the step scales the corrections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    /// `h`.
    Bh1,
    /// `exp(h) - 1`.
    Bh2,
}

/// Noise level and what follows from it, in single precision as the reference has it.
#[derive(Debug, Clone, Copy)]
struct Level {
    sigma: f32,
    alpha: f32,
    std: f32,
    lambda: f32,
}

impl Level {
    fn new(sigma: f32) -> Self {
        let log_alpha = 0.5 * (1.0 / (sigma * sigma + 1.0)).ln();
        let rest = 1.0 - (2.0 * log_alpha).exp();
        let lambda = log_alpha - 0.5 * rest.ln();
        Self { sigma, alpha: log_alpha.exp(), std: rest.sqrt(), lambda }
    }
}

/// Zhao et al. 2023 (UniPC), predicting the clean latent; a single step predicts and moves
/// nothing.
pub(super) async fn sample(
    run: &mut Run<'_>,
    x: Tensor<4>,
    sigmas: &[f32],
    variant: Variant,
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let levels: Vec<Level> = sigmas
        .iter()
        .map(|sigma| Level::new(if *sigma == 0.0 { LAST_SIGMA } else { *sigma }))
        .collect();
    let order = ORDER.min(steps - 1);
    let last = levels[steps];
    let mut z = x * levels[0].alpha;
    if order == 0 {
        let prediction = predict(run, &z, levels[0]).await?;
        run.finish_step(prediction, 0, steps).await?;
        return Ok(z * (1.0 / last.alpha));
    }
    let mut history = vec![(levels[0], predict(run, &z, levels[0]).await?)];
    for (index, level) in levels.iter().copied().enumerate().skip(1) {
        let order = if index < order { index } else { order.min(steps + 1 - index) };
        let step = Step::new(&z, &history, level, order, variant);
        z = step.predicted();
        let newest = history[history.len() - 1].1.clone();
        if index < steps {
            let prediction = predict(run, &z, level).await?;
            z = step.corrected(&prediction);
            history.push((level, prediction));
            if history.len() > ORDER {
                history.remove(0);
            }
        }
        run.finish_step(newest, index - 1, steps).await?;
    }
    Ok(z * (1.0 / last.alpha))
}

async fn predict(run: &mut Run<'_>, z: &Tensor<4>, level: Level) -> Result<Tensor<4>> {
    run.denoise(&(z.clone() / level.alpha), level.sigma).await
}

/// One step of the predictor and the corrector, which share everything but the last prediction.
struct Step {
    /// The first order solution.
    base: Tensor<4>,
    newest: Tensor<4>,
    /// Divided differences of past predictions, newest first.
    differences: Vec<Tensor<4>>,
    /// Steps to the past predictions relative to this one, and 1 for the one to come.
    ratios: Vec<f64>,
    moments: Vec<f64>,
    scale: f64,
}

impl Step {
    fn new(
        z: &Tensor<4>,
        history: &[(Level, Tensor<4>)],
        target: Level,
        order: usize,
        variant: Variant,
    ) -> Self {
        let (previous, newest) = history[history.len() - 1].clone();
        let h = f64::from(target.lambda - previous.lambda);
        let first_order = (-h).exp_m1();
        let scale = if variant == Variant::Bh1 { -h } else { first_order };
        let past = history.iter().rev().skip(1).take(order - 1);
        let (mut ratios, differences): (Vec<f64>, Vec<_>) = past
            .map(|(level, prediction)| {
                let ratio = f64::from(level.lambda - previous.lambda) / h;
                (ratio, (prediction.clone() - newest.clone()) / ratio as f32)
            })
            .unzip();
        ratios.push(1.0);
        let mut phi = first_order / -h - 1.0;
        let mut factorial = 1.0;
        let mut moments = Vec::with_capacity(order);
        for moment in 1..=order {
            moments.push(phi * factorial / scale);
            factorial *= (moment + 1) as f64;
            phi = phi / -h - 1.0 / factorial;
        }
        let alpha = f64::from(target.alpha);
        let base =
            z.clone() * (target.std / previous.std) - newest.clone() * (alpha * first_order) as f32;
        Self { base, newest, differences, ratios, moments, scale: alpha * scale }
    }

    /// The state at the target, from past predictions alone.
    fn predicted(&self) -> Tensor<4> {
        let weights = match self.differences.len() {
            0 => return self.base.clone(),
            1 => vec![0.5],
            count => moment_weights(&self.ratios[..count], &self.moments[..count]),
        };
        self.base.clone() - self.correction(&weights, None)
    }

    /// The same state with the prediction made there taken into account.
    fn corrected(&self, prediction: &Tensor<4>) -> Tensor<4> {
        let weights = match self.ratios.len() {
            1 => vec![0.5],
            _ => moment_weights(&self.ratios, &self.moments),
        };
        let newest = prediction.clone() - self.newest.clone();
        self.base.clone() - self.correction(&weights, Some(newest))
    }

    fn correction(&self, weights: &[f64], newest: Option<Tensor<4>>) -> Tensor<4> {
        let terms = self.differences.iter().cloned().chain(newest).zip(weights);
        let zero = self.newest.zeros_like();
        terms.fold(zero, |sum, (term, weight)| sum + term * (weight * self.scale) as f32)
    }
}
