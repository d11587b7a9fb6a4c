//! The tiny UNet under the tiny motion module: one prediction, and sampling with and without windows.

use super::pipes::{limit, pipe};
use super::replay::{Case, Context, Outcome, Replay, Result, Row};
use super::samplers::{SAMPLED, WATCH, known, latent, settings};
use burnish::diffusion::ksampler::{Plan, sample_sigmas};
use burnish::diffusion::{
    BasicPipe, Conditioning, KSampleSettings, Motion, MotionFile, MotionSettings, Pipe, ksample,
};
use burnish::monitor::Silent;
use burnish::sampling::math::read_back;
use burnish::weights::{MemorySource, Safetensors};
use serde_json::{Map, Value};
use std::rc::Rc;

/// Limit of the recorded set's own table.
const DENOISED: f64 = 2e-3;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[
    ("motion_denoised", Replay::Later(|context, case| Box::pin(denoised(context, case)))),
    ("motion_context", Replay::Later(|context, case| Box::pin(sampling(context, case)))),
    ("motion_sample", Replay::Later(|context, case| Box::pin(sampling(context, case)))),
];

/// The motion module that `params` names, if it does, on the UNet of `pipe`.
pub fn motion(context: &Context, pipe: &Pipe, params: &Value) -> Result<Option<Motion>> {
    let Some(name) = params["motion"].as_str() else { return Ok(None) };
    let file = context.shared(name, || {
        let bytes = context.read(&format!("models/{name}.safetensors"))?;
        let file = Safetensors::open(Box::new(MemorySource::new(name, bytes)))?;
        Ok(MotionFile::load(file, &context.device, &Silent)?)
    })?;
    Ok(Some(Motion::new(pipe, name, &file, &[], motion_settings(params)?)?))
}

/// The settings, whose names are other ones here.
fn motion_settings(params: &Value) -> Result<MotionSettings> {
    let mut fields = Map::new();
    if let Some(Value::String(name)) = params.get("beta_schedule") {
        let name = name.strip_suffix(" (sqrt_linear)").unwrap_or(name);
        fields.insert("beta_schedule".to_owned(), name.into());
    }
    if let Some(Value::Object(context)) = params.get("context") {
        let ours = |name: &String| match name.as_str() {
            "type" => "schedule".to_owned(),
            "fuse" => "fuse_method".to_owned(),
            other => other.to_owned(),
        };
        let renamed: Map<_, _> =
            context.iter().map(|(name, value)| (ours(name), value.clone())).collect();
        fields.insert("context".to_owned(), renamed.into());
    }
    Ok(serde_json::from_value(fields.into())?)
}

/// The prediction of a step from one noise level to none.
async fn denoised(context: &Context, case: &Case) -> Result<Outcome> {
    let (pipe, motion) = loaded(context, case)?;
    let (positive, negative) = prompts(&pipe, case)?;
    let base =
        BasicPipe { pipe: &pipe, motion: Some(&motion), positive: &positive, negative: &negative };
    let outcome =
        Outcome::relative(&[base.sampling().sigma_max()], &[case.get("sigma_max")?], 2e-6);
    let settings =
        KSampleSettings { seed: case.seed()?, cfg: case.get("cfg")?, ..KSampleSettings::default() };
    let latent = latent(context, case, &pipe.device)?;
    let sigmas = [case.get("sigma")?, 0.0];
    let plan = Plan {
        sampling: base.sampling(),
        sampler: settings.sampler()?,
        brownian_span: &sigmas,
        sigmas: &sigmas,
        settings: &settings,
        noise: None,
    };
    let sampled = sample_sigmas(base.predictor(), &latent, plan, WATCH).await?;
    let found = read_back(sampled.denoised.ok_or("no step was taken")?).await?;
    let expected = case.output(context, "denoised")?.data;
    let limit = limit(&case.noise, "denoised", DENOISED);
    Ok(outcome.and(Outcome::absolute(&found, &expected, limit)))
}

async fn sampling(context: &Context, case: &Case) -> Result<Outcome> {
    let settings = known(settings(case)?)?;
    let (pipe, motion) = loaded(context, case)?;
    let (positive, negative) = prompts(&pipe, case)?;
    let latent = latent(context, case, &pipe.device)?;
    motion.check(latent.samples.dims()[0])?;
    let base =
        BasicPipe { pipe: &pipe, motion: Some(&motion), positive: &positive, negative: &negative };
    let latent = ksample(base.predictor(), base.sampling(), latent, &settings, None, WATCH).await?;
    let expected = case.output(context, "samples")?.data;
    let limit = limit(&case.noise, "samples", SAMPLED);
    Ok(Outcome::absolute(&read_back(latent.samples).await?, &expected, limit))
}

fn loaded(context: &Context, case: &Case) -> Result<(Rc<Pipe>, Motion)> {
    let pipe = pipe(context, &case.get::<String>("model")?)?;
    let motion = motion(context, &pipe, &case.params)?.ok_or("no motion module is named")?;
    Ok((pipe, motion))
}

fn prompts(pipe: &Pipe, case: &Case) -> Result<(Conditioning, Conditioning)> {
    let side = |name: &str| -> Result<Conditioning> {
        Ok(pipe.encode_prompt(&case.get::<String>(name)?)?)
    };
    Ok((side("positive")?, side("negative")?))
}
