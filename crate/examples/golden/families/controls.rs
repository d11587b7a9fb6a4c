//! Networks under ControlNets, on their own and while sampling.

use super::networks::{EPS, compare, tensor};
use super::nodes::LEVEL;
use super::pipes::{limit, pipe};
use super::replay::{Case, Context, Outcome, Replay, Result, Row};
use super::samplers::{SAMPLED, WATCH, known, latent, settings};
use burn::tensor::Tensor;
use burnish::detailer::Detailed;
use burnish::diffusion::{Conditioning, Control, ksample, load_control_net};
use burnish::models::controlnet::ControlNet;
use burnish::monitor::Silent;
use burnish::sampling::math::read_back;
use burnish::segs::{ControlMode, SegControl, Segs, with_control};
use burnish::weights::{MemorySource, Precision, Safetensors};
use serde_json::Value;
use std::rc::Rc;

/// The ControlNet of all cases.
pub const CONTROL_NET: &str = "tiny-controlnet";
/// The middle of the tiny network has a single cell, so its normalisation is over two values.
const MIDDLE: f64 = 2e-3;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[
    ("controlnet", Replay::Later(|context, case| Box::pin(network(context, case)))),
    ("controlnet_sampling", Replay::Later(|context, case| Box::pin(sampling(context, case)))),
];

/// The ControlNet of a name.
pub fn control_net(context: &Context, name: &str) -> Result<Rc<ControlNet>> {
    context.shared(name, || {
        let bytes = context.read(&format!("models/{name}.safetensors"))?;
        let file = Safetensors::open(Box::new(MemorySource::new(name, bytes)))?;
        Ok(load_control_net(file, &context.device, Precision::Auto, &Silent)?)
    })
}

async fn network(context: &Context, case: &Case) -> Result<Outcome> {
    let pipe = pipe(context, &case.get::<String>("model")?)?;
    let net = control_net(context, &case.get::<String>("controlnet")?)?;
    let device = &pipe.device;
    let text: Tensor<3> = tensor(case.input(context, "context")?, device)?;
    let timesteps = case.get::<Vec<f32>>("timesteps")?;
    let x: Tensor<4> = tensor(case.input(context, "x")?, device)?;
    let hint = net.hint(tensor(case.input(context, "hint_image")?, device)?);
    let added = net.forward(x.clone(), &timesteps, &net.context(&text), hint);
    let added = added.scaled(case.get("strength")?);
    let text = pipe.unet.context(text);
    let eps = pipe.unet.forward_controlled(x.clone(), &timesteps, &text, Some(added.clone()));
    let without = pipe.unet.forward(x, &timesteps, &text);
    let picture = |values: &Tensor<4>| values.clone().permute([0, 3, 1, 2]);
    let mut outcome = compare(context, case, "eps", eps, EPS).await?;
    for (name, found, limit) in [
        ("eps_without", without, EPS),
        ("middle", picture(&added.middle), MIDDLE),
        ("output_0", picture(&added.skips[0]), EPS),
        ("output_11", picture(&added.skips[11]), EPS),
    ] {
        outcome = outcome.and(compare(context, case, name, found, limit).await?);
    }
    Ok(outcome)
}

async fn sampling(context: &Context, case: &Case) -> Result<Outcome> {
    let settings = known(settings(case)?)?;
    let pipe = pipe(context, &case.get::<String>("model")?)?;
    let net = control_net(context, &case.get::<String>("controlnet")?)?;
    let side = |name: &str| -> Result<Conditioning> {
        Ok(pipe.encode_prompt(&case.get::<String>(name)?)?)
    };
    let (mut positive, mut negative) = (side("positive")?, side("negative")?);
    let apply = case.get::<String>("apply")?;
    let control = |hint: &str, strength: f32| -> Result<Rc<Control>> {
        let share = |name: &str, usual| case.get(name).unwrap_or(usual);
        let range = [share("start_percent", 0.0), share("end_percent", 1.0)];
        let hint = Rc::new(case.input(context, hint)?.frames()?);
        Ok(Rc::new(Control { net: net.clone(), hint, strength, range }))
    };
    let first = control("hint_image", case.get("strength")?)?;
    if apply == "ControlNetApplyAdvanced" {
        positive = positive.with_control_of_this_side(&first);
        negative = negative.with_control_of_this_side(&first);
    } else {
        positive = positive.with_control(&first);
    }
    if let Some((_, strength)) = apply.split_once("then hint_image_2 strength ") {
        positive = positive.with_control(&control("hint_image_2", strength.parse()?)?);
    }
    let latent = latent(context, case, &pipe.device)?;
    let predictor = pipe.predictor(&positive, &negative);
    let latent = ksample(predictor, &pipe.sampling, latent, &settings, None, WATCH).await?;
    let expected = case.output(context, "samples")?.data;
    let limit = limit(&case.noise, "samples", SAMPLED);
    Ok(Outcome::absolute(&read_back(latent.samples).await?, &expected, limit))
}

/// The segments with the ControlNets of the case.
pub fn controlled(context: &Context, case: &Case, mut segs: Segs) -> Result<Segs> {
    for control in case.params["control_net"].as_array().into_iter().flatten() {
        let number = |name: &str| control[name].as_f64().unwrap_or_default();
        let mode = match control["type"].as_str() {
            Some("plain") => ControlMode::Plain,
            _ => ControlMode::Advanced {
                start_percent: number("start_percent"),
                end_percent: number("end_percent"),
            },
        };
        let image = match &control["control_image"] {
            Value::Null => None,
            _ => Some(case.input(context, "control_image")?.frames()?),
        };
        let control = SegControl {
            control_net: CONTROL_NET.to_owned(),
            strength: number("strength") as f32,
            mode,
            preprocessor: None,
            control_image: None,
        };
        segs = with_control(segs, &control, image.as_ref());
    }
    Ok(segs)
}

/// What ControlNets followed.
pub fn compare_hints(context: &Context, case: &Case, detailed: &Detailed) -> Result<Outcome> {
    if !case.has_output("cnet_images") || case.params["control_net"].is_null() {
        return Ok(Outcome::start());
    }
    let recorded = case.outputs(context, "cnet_images")?;
    let mut outcome = Outcome::equal(detailed.cnet_images.len(), recorded.len());
    for (hint, recorded) in detailed.cnet_images.iter().zip(recorded) {
        let limit = limit(&case.noise, "cnet_images", LEVEL);
        outcome = outcome.and(Outcome::absolute(&hint.data, &recorded.data, limit));
    }
    Ok(outcome)
}
