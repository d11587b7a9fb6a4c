//! Which stretch of a schedule a run takes, and what it hands on: the detailer's rule, and that of a
//! sampler with first and last step.

use burn::tensor::Tensor;

use super::ksampler::{KSampleSettings, Plan, Sampled, Watch, sample_sigmas};
use super::latent::Latent;
use super::predictor::Predictor;
use crate::error::Result;
use crate::sampling::samplers::BrownianSpan;
use crate::sampling::sub_schedule::{brownian_span, schedule_steps, stretch, total_sigmas};
use crate::sampling::{ModelSampling, schedules};

/// A stretch of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Step the run begins at. At or beyond the end of the schedule nothing is sampled.
    pub start: usize,
    /// Step it ends before; may lie beyond the schedule.
    pub end: usize,
    /// Whether the run begins with noise on the latent, rather than with the latent as it is.
    pub add_noise: bool,
    /// Whether what noise is left at `end` stays, for another run to go on from.
    pub leftover_noise: bool,
}

/// Runs the tail of the schedule that `settings` ask for and returns the prediction of its last
/// step. A schedule without a step left leaves the latent as it is.
///
/// `noise` replaces the seed's, in the latent's shape; unit variance.
pub async fn ksample(
    predictor: impl Predictor,
    sampling: &ModelSampling,
    latent: Latent,
    settings: &KSampleSettings,
    noise: Option<Tensor<4>>,
    watch: Watch<'_>,
) -> Result<Latent> {
    let end = schedule_steps(settings.steps, settings.denoise)?;
    let start = end - settings.steps;
    let total = whole_schedule(sampling, settings, end)?;
    let stage = Stage { start, end, add_noise: true, leftover_noise: false };
    sample_stage(predictor, sampling, latent, settings, &total, stage, noise, watch).await
}

/// The schedule of `steps` steps for the scheduler and the sampler in `settings`.
pub fn whole_schedule(
    sampling: &ModelSampling,
    settings: &KSampleSettings,
    steps: usize,
) -> Result<Vec<f32>> {
    if let Some(func) = &settings.scheduler_func_opt {
        return func.sigmas(sampling, steps);
    }
    let discard =
        settings.custom_sampler.is_none() && settings.sampler()?.discard_penultimate_sigma;
    Ok(total_sigmas(sampling, schedules::scheduler(&settings.scheduler)?, discard, steps))
}

/// Runs one stage of the schedule `total`, as the detailer does: Brownian noise is laid out over
/// all of it, and the result is the prediction of the last step, or the state if noise is left.
///
/// `noise` replaces the seed's where noise is added.
#[allow(clippy::too_many_arguments, reason = "a model, a latent, and how to run")]
pub async fn sample_stage(
    predictor: impl Predictor,
    sampling: &ModelSampling,
    latent: Latent,
    settings: &KSampleSettings,
    total: &[f32],
    stage: Stage,
    noise: Option<Tensor<4>>,
    watch: Watch<'_>,
) -> Result<Latent> {
    let sigmas = stretch(total, stage.start, stage.end, stage.leftover_noise);
    let sampler = settings.sampler()?;
    if sigmas.is_empty() {
        return Ok(latent);
    }
    let span = match sampler.brownian_span {
        BrownianSpan::Schedule if settings.custom_sampler.is_none() => {
            brownian_span(total, stage.end, stage.leftover_noise)
        }
        _ => sigmas.clone(),
    };
    let noise = if stage.add_noise { noise } else { Some(latent.samples.zeros_like()) };
    let (brownian_span, sigmas) = (span.as_slice(), sigmas.as_slice());
    let plan = Plan { sampling, sampler, brownian_span, sigmas, settings, noise };
    let Sampled { x, denoised } = sample_sigmas(predictor, &latent, plan, watch).await?;
    // Without a finished step there is no prediction, only the state the sampler left.
    let result = denoised.filter(|_| !stage.leftover_noise).unwrap_or(x);
    Ok(Latent { samples: result / sampling.latent_format().scale, noise_mask: latent.noise_mask })
}

/// Runs one stage of a schedule of `settings.steps` steps, as the sampler node with first and last
/// step does: Brownian noise is laid out over the stage alone, and the result is always the state.
/// `settings.denoise` plays no part.
pub async fn ksample_advanced(
    predictor: impl Predictor,
    sampling: &ModelSampling,
    latent: Latent,
    settings: &KSampleSettings,
    stage: Stage,
    watch: Watch<'_>,
) -> Result<Latent> {
    let total = whole_schedule(sampling, settings, schedule_steps(settings.steps, 1.0)?)?;
    let sampler = settings.sampler()?;
    let sigmas = stretch(&total, stage.start, stage.end, stage.leftover_noise);
    if sigmas.is_empty() {
        return Ok(latent);
    }
    let noise = (!stage.add_noise).then(|| latent.samples.zeros_like());
    let (brownian_span, sigmas) = (sigmas.as_slice(), sigmas.as_slice());
    let plan = Plan { sampling, sampler, brownian_span, sigmas, settings, noise };
    let Sampled { x, .. } = sample_sigmas(predictor, &latent, plan, watch).await?;
    Ok(Latent { samples: x / sampling.latent_format().scale, noise_mask: latent.noise_mask })
}
