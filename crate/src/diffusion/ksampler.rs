//! One sampling run over given sigmas.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::guider::CfgDenoiser;
use super::latent::Latent;
use super::noise_mask::{NoiseMask, Thresholds, stretched_over};
use super::predictor::Predictor;
use super::scheduler_func::SchedulerFunc;
use crate::error::Result;
use crate::monitor::{Event, Monitor, go_on};
use crate::sampling::math::{computed, latent_tensor};
use crate::sampling::noise::Generator;
use crate::sampling::samplers::{InpaintNoise, SamplerRow, sampler};
use crate::sampling::{ModelSampling, NoiseMode, Place, Run, StepNoise};

/// How a latent is sampled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KSampleSettings {
    /// Seed of the initial noise; only its low 32 bits matter.
    pub seed: u64,
    /// Steps that are run.
    pub steps: usize,
    /// Guidance strength; 1 is none.
    pub cfg: f32,
    /// A name in [`crate::sampling::SAMPLERS`].
    pub sampler_name: String,
    /// A name in [`crate::sampling::SCHEDULERS`].
    pub scheduler: String,
    /// Share of a longer schedule that is run, from its end; above 0, at most 1.
    pub denoise: f64,
    /// Whether the mask's grey values say when a cell joins in (differential diffusion).
    pub differential: bool,
    /// Where ancestral samplers take their noise from.
    pub noise_mode: NoiseMode,
    /// Makes the noise levels instead of `scheduler`.
    pub scheduler_func_opt: Option<SchedulerFunc>,
    /// A sampler that was handed over as an object: it takes the place of `sampler_name`, gets no
    /// step more than others and lays out its noise over its own run.
    pub custom_sampler: Option<String>,
}

impl Default for KSampleSettings {
    /// What the nodes begin with.
    fn default() -> Self {
        Self {
            seed: 0,
            steps: 20,
            cfg: 8.0,
            sampler_name: "euler".to_owned(),
            scheduler: "normal".to_owned(),
            denoise: 0.5,
            differential: false,
            noise_mode: NoiseMode::default(),
            scheduler_func_opt: None,
            custom_sampler: None,
        }
    }
}

impl KSampleSettings {
    /// The loop, whether named or handed over.
    pub fn sampler(&self) -> Result<&'static SamplerRow> {
        sampler(self.custom_sampler.as_ref().unwrap_or(&self.sampler_name))
    }
}

/// A run's two results, in model space.
#[derive(Debug)]
pub struct Sampled {
    /// The state after the last step.
    pub x: Tensor<4>,
    /// The prediction of the last step; `None` if there was none.
    pub denoised: Option<Tensor<4>>,
}

/// Everything about a run but its model and its latent.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The model's noise levels.
    pub sampling: &'a ModelSampling,
    /// The loop.
    pub sampler: &'a SamplerRow,
    /// Noise levels that Brownian noise is laid out over.
    pub brownian_span: &'a [f32],
    /// Noise levels to go through: two or more, falling; to 0 unless noise is to be left.
    pub sigmas: &'a [f32],
    /// Seed, guidance and the meaning of the noise mask; the rest is not looked at.
    pub settings: &'a KSampleSettings,
    /// Noise to start from instead of the seed's.
    pub noise: Option<Tensor<4>>,
}

/// Where a run reports to, and under which name.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Whoever watches.
    pub monitor: &'a dyn Monitor,
    /// Where in the whole job the run stands.
    pub place: Place,
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Watch<'_> {
    /// Ends window `index` of `count` of a step, whose answer is `cond`: waits for the device and lets
    /// the event loop breathe, as at the end of a step. A step of one window is left to its end.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] when the run is no longer wanted.
    pub(super) async fn finish_window(
        &self,
        cond: &Tensor<4>,
        index: usize,
        count: usize,
    ) -> Result<()> {
        if count == 1 {
            return Ok(());
        }
        computed(cond).await?;
        let Place { segment, cycle } = self.place;
        self.monitor.report(Event::Window { segment, cycle, index, count });
        go_on(self.monitor).await
    }
}

/// Runs a plan from `latent` plus noise.
pub async fn sample_sigmas(
    mut predictor: impl Predictor,
    latent: &Latent,
    plan: Plan<'_>,
    watch: Watch<'_>,
) -> Result<Sampled> {
    let Plan { sampling, sampler, brownian_span, sigmas, settings, noise } = plan;
    let shape = latent.samples.dims();
    let device = latent.samples.device();
    let mut generator = Generator::new(settings.seed);
    let draw = |generator: &mut Generator| {
        latent_tensor(generator.normal(shape.iter().product()), shape, &device)
    };
    let noise = noise.unwrap_or_else(|| draw(&mut generator));
    let start = latent.samples.clone() * sampling.latent_format().scale;
    let noise_mask = stretched_over(&latent.noise_mask, &start);
    predictor.begin(&start, noise_mask.as_ref(), sigmas);
    let noise_mask = noise_mask.map(|mask| {
        let inpaint_noise = match sampler.inpaint_noise {
            InpaintNoise::Initial => noise.clone(),
            InpaintNoise::NextSeed => draw(&mut Generator::new(settings.seed.wrapping_add(1))),
        };
        let thresholds = settings.differential.then(|| Thresholds::new(sampling, sigmas));
        NoiseMask::new(mask, start.clone(), inpaint_noise, thresholds)
    });
    let x = start + noise * initial_noise_level(sampling, sigmas[0]);
    let mut denoiser = CfgDenoiser { predictor, cfg: settings.cfg, noise_mask };
    let step_noise = StepNoise::after(generator, settings.noise_mode, settings.seed, brownian_span);
    let mut run = Run::new(&mut denoiser, sampling, step_noise, watch.monitor, watch.place);
    let x = (sampler.sample)(&mut run, x, sigmas).await?;
    Ok(Sampled { x, denoised: run.into_denoised() })
}

/// `sigma`, or `sqrt(1 + sigma²)` for a run from pure noise, where the signal is gone.
fn initial_noise_level(sampling: &ModelSampling, sigma: f32) -> f32 {
    if sampling.is_max_denoise(sigma) { (1.0 + sigma * sigma).sqrt() } else { sigma }
}
