//! SA-Solver: stochastic Adams steps, each corrected by the prediction made where it led.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::sampling::math::{History, moment_weights};
use crate::sampling::{ModelSampling, Run};

/// Predictions the predictor and the corrector look back on.
const PREDICTOR: usize = 3;
const CORRECTOR: usize = 4;
/// The stretch of the schedule that fresh noise is put in, as shares of the way to no noise.
const NOISY: [f64; 2] = [0.2, 0.8];

/// Whether the corrected state is evaluated again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Predict, evaluate, correct.
    Pec,
    /// Predict, evaluate, correct, evaluate.
    Pece,
}

/// Xue et al. 2023 (SA-Solver), predicting the clean latent, with `lambda = -ln sigma`.
pub(super) async fn sample(
    run: &mut Run<'_>,
    mut x: Tensor<4>,
    sigmas: &[f32],
    mode: Mode,
) -> Result<Tensor<4>> {
    let steps = sigmas.len() - 1;
    let ends_in_zero = sigmas[steps] == 0.0;
    let lambdas: Vec<f64> = sigmas.iter().map(|sigma| -f64::from(*sigma).ln()).collect();
    let window = Window::new(run.sampling());
    let mut history = History::new(CORRECTOR);
    let mut predicted = x.clone();
    let mut noise: Option<Tensor<4>> = None;
    for index in 0..steps {
        let last = sigmas[index + 1] == 0.0;
        let denoised = run.denoise(&predicted, sigmas[index]).await?;
        history.push(denoised.clone());
        let mut predictor = PREDICTOR.min(history.len());
        let mut corrector = CORRECTOR.min(history.len());
        if index == 0 || (last && mode == Mode::Pec) {
            corrector = 0;
        }
        if ends_in_zero {
            predictor = predictor.min(steps - 1 - index);
            corrector = corrector.min(steps - index);
        }
        if corrector > 0 {
            let step = Adams::new(&lambdas, index - 1, window.tau(sigmas[index]));
            x = step.taken(x, &history, &lambdas[index + 1 - corrector..=index], noise.take());
            if mode == Mode::Pece {
                history.replace(run.denoise(&x, sigmas[index]).await?);
            }
        } else {
            x = predicted;
        }
        predicted = if last {
            history.get(0).cloned().unwrap_or_else(|| denoised.clone())
        } else {
            let step = Adams::new(&lambdas, index, window.tau(sigmas[index + 1]));
            noise = (step.tau > 0.0).then(|| run.noise_like(&x) * step.spread() as f32);
            let nodes = &lambdas[index + 1 - predictor..=index];
            step.taken(x.clone(), &history, nodes, noise.clone())
        };
        run.finish_step(denoised, index, steps).await?;
    }
    Ok(predicted)
}

/// Sigmas that fresh noise is put in at.
struct Window {
    most: f32,
    least: f32,
}

impl Window {
    fn new(sampling: &ModelSampling) -> Self {
        let [most, least] = NOISY.map(|percent| sampling.percent_to_sigma(percent));
        Self { most, least }
    }

    /// How much of a step to `sigma` is stochastic.
    fn tau(&self, sigma: f32) -> f64 {
        f64::from(u8::from((self.least..=self.most).contains(&sigma)))
    }
}

/// A step between two neighbours of a schedule.
struct Adams {
    /// Where it begins and ends, in lambda.
    from: f64,
    to: f64,
    tau: f64,
}

impl Adams {
    fn new(lambdas: &[f64], index: usize, tau: f64) -> Self {
        Self { from: lambdas[index], to: lambdas[index + 1], tau }
    }

    /// The step from `x` with the newest predictions, which were made at `nodes`, oldest first.
    fn taken(
        &self,
        x: Tensor<4>,
        history: &History,
        nodes: &[f64],
        noise: Option<Tensor<4>>,
    ) -> Tensor<4> {
        let h = self.to - self.from;
        let kept = (-h - self.tau * self.tau * h).exp();
        let nodes: Vec<f64> = nodes.iter().rev().copied().collect();
        let weights = moment_weights(&nodes, &self.moments(nodes.len()));
        let x = x * kept as f32 + history.weighted_sum(&weights);
        match noise {
            Some(noise) => x + noise,
            None => x,
        }
    }

    /// `m integral lambda^p exp(m (lambda - to))` over the step, for every power below `count`.
    fn moments(&self, count: usize) -> Vec<f64> {
        let m = 1.0 + self.tau * self.tau;
        let decay = (-m * (self.to - self.from)).exp();
        let mut moments: Vec<f64> = Vec::with_capacity(count);
        for power in 0..count {
            let ends = self.to.powi(power as i32) - self.from.powi(power as i32) * decay;
            let below = moments.last().map_or(0.0, |moment| power as f64 / m * moment);
            moments.push(ends - below);
        }
        moments
    }

    /// Size of the fresh noise.
    fn spread(&self) -> f64 {
        let exponent = -2.0 * self.tau * self.tau * (self.to - self.from);
        (-self.to).exp() * (-exponent.exp_m1()).sqrt()
    }
}
