//! A second model that takes over for the last steps.

use burn::tensor::Tensor;

use super::ksampler::{KSampleSettings, Watch};
use super::latent::Latent;
use super::noise_mask::stretched_over;
use super::predictor::Predictor;
use super::stage::{Stage, sample_stage, whole_schedule};
use crate::error::Result;
use crate::sampling::ModelSampling;
use crate::sampling::sub_schedule::schedule_steps;

/// The model that takes over.
#[derive(Debug)]
pub struct Refiner<'a, P> {
    /// The model under its own prompts.
    pub predictor: P,
    /// Its noise levels.
    pub sampling: &'a ModelSampling,
    /// Share of the steps it runs; 0 to 1.
    pub ratio: f64,
}

/// [`ksample`](super::ksample) with a hand-over: the first steps by `base`, the rest by `refiner`.
///
/// In between, what the noise mask keeps is put back without noise, so there the refiner starts from
/// the clean original. If `base` has no step to run, the refiner starts from a latent without noise.
pub async fn ksample_refined<B: Predictor, R: Predictor>(
    base: B,
    sampling: &ModelSampling,
    refiner: Refiner<'_, R>,
    latent: Latent,
    settings: &KSampleSettings,
    noise: Option<Tensor<4>>,
    watch: Watch<'_>,
) -> Result<Latent> {
    let steps = schedule_steps(settings.steps, settings.denoise)?;
    let start = steps - settings.steps;
    // In this order of operations: 20 steps at 0.8 leave the base 3, not 4.
    let by_base = (settings.steps as f64 * (1.0 - refiner.ratio)).floor() as usize;
    let middle = start + by_base;
    let total = whole_schedule(sampling, settings, steps)?;
    let stage = Stage { start, end: middle, add_noise: true, leftover_noise: true };
    let given = latent.clone();
    let noisy = sample_stage(base, sampling, given, settings, &total, stage, noise, watch).await?;
    let latent = with_kept_part(noisy, &latent);

    let Refiner { predictor, sampling, .. } = refiner;
    let settings = &KSampleSettings { differential: false, ..settings.clone() };
    let total = whole_schedule(sampling, settings, steps)?;
    let stage = Stage { start: middle, end: steps + 1, add_noise: false, leftover_noise: false };
    sample_stage(predictor, sampling, latent, settings, &total, stage, None, watch).await
}

/// `latent` where the noise mask lets it change, `original` elsewhere.
fn with_kept_part(latent: Latent, original: &Latent) -> Latent {
    let Some(mask) = stretched_over(&latent.noise_mask, &latent.samples) else { return latent };
    let kept = original.samples.clone() * (mask.clone().neg() + 1.0);
    Latent { samples: latent.samples * mask + kept, ..latent }
}
