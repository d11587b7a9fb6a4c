//! Sampling backwards: the latent is walked up in noise along the model's own predictions.

use std::fmt;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::{Cycle, CycleSchedule, DetailerHook, Pending};
use crate::detailer::Detailer;
use crate::diffusion::ksampler::{Plan, Watch, sample_sigmas};
use crate::diffusion::stage::whole_schedule;
use crate::diffusion::{BasicPipe, Conditioning, KSampleSettings, Latent, Motion, Pipe};
use crate::error::Result;
use crate::monitor::Monitor;
use crate::sampling::Place;

/// Added to every noise level, so that the run does not begin at none.
const RAISED: f32 = 0.0001;

/// How far the latent is walked up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UnsamplerSettings {
    /// Steps of the whole way.
    pub steps: usize,
    /// Step to end at, counted from the noisy end, in the first cycle.
    pub start_end_at_step: usize,
    /// The same, as it would be one cycle after the last.
    pub end_end_at_step: usize,
    /// Guidance strength.
    pub cfg: f32,
    /// A name in [`crate::sampling::SAMPLERS`].
    pub sampler_name: String,
    /// A name in [`crate::sampling::SCHEDULERS`].
    pub scheduler: String,
    /// Whether the result is brought to mean 0 and deviation 1.
    pub normalize: Normalize,
    /// Prompt to go towards; that of the node if it is left out.
    pub positive: Option<String>,
    /// Prompt to go away from; that of the node if it is left out.
    pub negative: Option<String>,
    /// At which cycle it begins.
    pub schedule_for_cycle: CycleSchedule,
}

/// A switch with the names the reference gives it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalize {
    /// Off.
    #[default]
    Disable,
    /// On.
    Enable,
}

impl Default for UnsamplerSettings {
    fn default() -> Self {
        Self {
            steps: 25,
            start_end_at_step: 21,
            end_end_at_step: 24,
            cfg: 1.0,
            sampler_name: "euler".to_owned(),
            scheduler: "normal".to_owned(),
            normalize: Normalize::Disable,
            positive: None,
            negative: None,
            schedule_for_cycle: CycleSchedule::SkipStart,
        }
    }
}

/// The hook: the settings with a model and its prompts.
pub struct Unsampler<'a> {
    settings: UnsamplerSettings,
    pipe: &'a Pipe,
    motion: Option<&'a Motion>,
    positive: Conditioning,
    negative: Conditioning,
    monitor: &'a dyn Monitor,
}

impl fmt::Debug for Unsampler<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsampler").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<'a> Unsampler<'a> {
    /// With the model of `detailer`.
    pub fn new(settings: UnsamplerSettings, detailer: &Detailer<'a>) -> Result<Self> {
        let base = detailer.base;
        let encode = |text: &Option<String>, usual: &Conditioning| match text {
            Some(text) => base.pipe.encode_prompt(text),
            None => Ok(usual.clone()),
        };
        Ok(Self {
            positive: encode(&settings.positive, base.positive)?,
            negative: encode(&settings.negative, base.negative)?,
            pipe: base.pipe,
            motion: base.motion,
            monitor: detailer.monitor,
            settings,
        })
    }

    async fn unsample(&self, latent: Latent, cycle: Cycle) -> Result<Latent> {
        let UnsamplerSettings { steps, start_end_at_step, end_end_at_step, .. } = self.settings;
        let Some(place) = self.settings.schedule_for_cycle.place(cycle) else { return Ok(latent) };
        let end = place.towards(start_end_at_step as f64, end_end_at_step as f64) as usize;
        let up = steps - end.min(steps.saturating_sub(1));

        let settings = KSampleSettings {
            steps,
            cfg: self.settings.cfg,
            sampler_name: self.settings.sampler_name.clone(),
            scheduler: self.settings.scheduler.clone(),
            denoise: 1.0,
            ..KSampleSettings::default()
        };
        let Self { pipe, motion, positive, negative, .. } = self;
        let base = BasicPipe { pipe, motion: *motion, positive, negative };
        let sampling = base.sampling();
        let mut sigmas = whole_schedule(sampling, &settings, steps)?;
        sigmas.reverse();
        sigmas.truncate(up + 1);
        sigmas.iter_mut().for_each(|sigma| *sigma += RAISED);
        if sigmas.len() < 2 {
            return Ok(latent);
        }
        let plan = Plan {
            sampling,
            sampler: settings.sampler()?,
            brownian_span: &sigmas,
            sigmas: &sigmas,
            settings: &settings,
            noise: Some(latent.samples.zeros_like()),
        };
        let predictor = base.predictor();
        let place = Place { cycle: cycle.index, ..Place::default() };
        let watch = Watch { monitor: self.monitor, place };
        let x = sample_sigmas(predictor, &latent, plan, watch).await?.x;
        let samples = x / sampling.latent_format().scale;
        let samples = match self.settings.normalize {
            Normalize::Enable => normalized(samples),
            Normalize::Disable => samples,
        };
        Ok(Latent { samples, ..latent })
    }
}

impl DetailerHook for Unsampler<'_> {
    fn cycle_latent(&mut self, latent: Latent, cycle: Cycle) -> Pending<'_, Latent> {
        Box::pin(self.unsample(latent, cycle))
    }
}

/// Mean 0 and deviation 1 over the whole tensor.
fn normalized(samples: Tensor<4>) -> Tensor<4> {
    let shape = samples.dims();
    let values: Tensor<1> = samples.reshape([shape.iter().product::<usize>()]);
    let deviation = values.clone().var(0).sqrt();
    ((values.clone() - values.mean()) / deviation).reshape(shape)
}
