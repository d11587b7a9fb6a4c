//! Samplers: on the toy model of the recordings, and with the tiny UNet.

use super::pipes::{limit, pipe};
use super::replay::{Array, Case, Context, NotYet, Outcome, Replay, Result, Row};
use burn::tensor::{Device, Tensor};
use burnish::diffusion::ksampler::{Plan, Watch, sample_sigmas};
use burnish::diffusion::{
    Branches, KSampleSettings, Latent, Predicted, Predictor, Refiner, ksample, ksample_refined,
};
use burnish::monitor::Silent;
use burnish::sampling::math::{latent_tensor, read_back};
use burnish::sampling::samplers::sampler;
use burnish::sampling::schedules::scheduler;
use burnish::sampling::{LatentFormat, ModelSampling, Place};

/// Sampled latents, whose values go up to about 20.
pub const SAMPLED: f64 = 2e-3;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[
    ("sampler_core", Replay::Later(|context, case| Box::pin(sampler_core(context, case)))),
    ("sampler_impact", Replay::Later(|context, case| Box::pin(sampler_impact(context, case)))),
    (
        "differential_diffusion",
        Replay::Later(|context, case| Box::pin(sampler_impact(context, case))),
    ),
    ("sampler_refiner", Replay::Later(|context, case| Box::pin(sampler_refiner(context, case)))),
    ("sample_unet", Replay::Later(|context, case| Box::pin(sample_unet(context, case)))),
];

/// `scale x / (1 + sigma²) + bend tanh(x + mu + shift)`, `mu` 0.4 with the prompt and -0.2 without.
struct Toy {
    scale: f32,
    bend: f32,
    shift: f32,
}

const TOY: Toy = Toy { scale: 0.9, bend: 0.3, shift: 0.0 };
const REFINING_TOY: Toy = Toy { scale: 0.7, bend: 0.5, shift: 0.3 };

impl Predictor for Toy {
    async fn predict(
        &mut self,
        x: &Tensor<4>,
        sigma: f32,
        _branches: Branches,
    ) -> burnish::Result<Predicted> {
        let guess = |mu: f32| {
            x.clone() * self.scale / (1.0 + sigma * sigma)
                + (x.clone() + (mu + self.shift)).tanh() * self.bend
        };
        Ok(Predicted { cond: guess(0.4), uncond: Some(guess(-0.2)) })
    }
}

/// Nobody watches.
pub const WATCH: Watch<'_> = Watch { monitor: &Silent, place: Place { segment: 0, cycle: 0 } };

/// A sampler over given sigmas.
async fn sampler_core(context: &Context, case: &Case) -> Result<Outcome> {
    let settings = settings(case)?;
    let sampler = sampler(&settings.sampler_name).map_err(|_| NotYet)?;
    let sigmas = case.input(context, "sigmas")?.data;
    let sampling = &ModelSampling::default();
    let latent = latent(context, case, &context.device)?;
    let (sigmas, settings) = (&sigmas, &settings);
    let plan = Plan { sampling, sampler, brownian_span: sigmas, sigmas, settings, noise: None };
    let sampled = sample_sigmas(TOY, &latent, plan, WATCH).await?;
    let expected = scaled(&case.output(context, "samples")?.data);
    let name = sampler.name;
    let found = read_back(sampled.x).await?;
    let mut outcome = Outcome::absolute(&found, &expected, toy_limit(name, &expected));
    if let (Some(denoised), Some(all)) =
        (sampled.denoised, case.outputs(context, "denoised_all")?.pop())
    {
        let last = &all.data[all.data.len() - expected.len()..];
        let found = read_back(denoised).await?;
        outcome = outcome.and(Outcome::absolute(&found, last, toy_limit(name, last)));
    }
    Ok(outcome)
}

/// The tail of a schedule.
async fn sampler_impact(context: &Context, case: &Case) -> Result<Outcome> {
    let settings = known(settings(case)?)?;
    let latent = latent(context, case, &context.device)?;
    let sampling = ModelSampling::default();
    let latent = ksample(TOY, &sampling, latent, &settings, None, WATCH).await?;
    let expected = scaled(&case.output(context, "samples")?.data);
    let found = scaled(&read_back(latent.samples).await?);
    Ok(Outcome::absolute(&found, &expected, toy_limit(&settings.sampler_name, &expected)))
}

/// The tail of a schedule with a hand-over.
async fn sampler_refiner(context: &Context, case: &Case) -> Result<Outcome> {
    let settings = known(settings(case)?)?;
    let latent = latent(context, case, &context.device)?;
    let sampling = &ModelSampling::default();
    let refiner = Refiner { predictor: REFINING_TOY, sampling, ratio: case.get("refiner_ratio")? };
    let run = ksample_refined(TOY, sampling, refiner, latent, &settings, None, WATCH);
    let expected = scaled(&case.output(context, "samples")?.data);
    let found = scaled(&read_back(run.await?.samples).await?);
    Ok(Outcome::absolute(&found, &expected, toy_limit(&settings.sampler_name, &expected)))
}

/// The tail of a schedule with the tiny UNet under two prompts.
async fn sample_unet(context: &Context, case: &Case) -> Result<Outcome> {
    let settings = known(settings(case)?)?;
    let pipe = pipe(context, &case.get::<String>("model")?)?;
    let positive = pipe.encode_prompt(&case.get::<String>("positive")?)?;
    let negative = pipe.encode_prompt(&case.get::<String>("negative")?)?;
    let latent = latent(context, case, &pipe.device)?;
    let predictor = pipe.predictor(&positive, &negative);
    let latent = ksample(predictor, &pipe.sampling, latent, &settings, None, WATCH).await?;
    let found = read_back(latent.samples).await?;
    let expected = case.output(context, "samples")?.data;
    Ok(Outcome::absolute(&found, &expected, limit(&case.noise, "samples", SAMPLED)))
}

/// The settings, if their sampler and scheduler exist.
pub fn known(settings: KSampleSettings) -> Result<KSampleSettings> {
    sampler(&settings.sampler_name).map_err(|_| NotYet)?;
    scheduler(&settings.scheduler).map_err(|_| NotYet)?;
    Ok(settings)
}

/// The settings of a case.
pub fn settings(case: &Case) -> Result<KSampleSettings> {
    Ok(KSampleSettings {
        seed: case.seed()?,
        steps: case.get("steps").unwrap_or(1),
        cfg: case.get("cfg")?,
        sampler_name: case.get("sampler")?,
        scheduler: case.get("scheduler").unwrap_or_default(),
        denoise: case.get("denoise").unwrap_or(1.0),
        differential: case.kind == "differential_diffusion",
        ..KSampleSettings::default()
    })
}

/// The latent a case starts from, with its mask.
pub fn latent(context: &Context, case: &Case, device: &Device) -> Result<Latent> {
    let Array { shape, data } = case.input(context, "latent")?;
    let noise_mask = match case.inputs(context, "noise_mask")?.pop() {
        Some(mask) => mask.masks()?,
        None => Vec::new(),
    };
    Ok(Latent { samples: latent_tensor(data, shape.as_slice().try_into()?, device), noise_mask })
}

fn scaled(values: &[f32]) -> Vec<f32> {
    values.iter().map(|value| value * LatentFormat::SD.scale).collect()
}

fn toy_limit(sampler: &str, expected: &[f32]) -> f64 {
    let base = match sampler {
        "uni_pc" | "uni_pc_bh2" => 3e-4,
        "dpm_adaptive" => 2e-3,
        _ => 2e-5,
    };
    let largest = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    base * f64::from(largest).max(1.0)
}
