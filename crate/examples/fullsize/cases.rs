//! What is compared, a row for each kind of case.

use burn::tensor::Tensor;
use burnish::diffusion::load_control_net;
use burnish::models::clip::layout::{CLIP_L, OPEN_CLIP_G, XL_CLIP_L};
use burnish::models::clip::{CHUNK, END_OF_TEXT};
use burnish::models::motion::{Gain, MotionModule};
use burnish::models::taesd::Taesd;
use burnish::models::unet::label;
use burnish::models::vae::{Decoder, Encoder};
use burnish::monitor::Silent;
use burnish::sampling::math::read_back;
use burnish::weights::{Weights, keys};
use std::{fmt, rc::Rc};

use super::Result;
use super::networks::Networks;
use super::recorded::{Case, Limit, Recorded};

/// What a case computes: outputs by name, in the order of the recording.
type Compute = fn(&Networks, &Recorded, &Case) -> Result<Vec<(String, Flat)>>;

/// Kinds that are compared.
pub static CASES: &[(&str, Compute)] = &[
    ("clip", clip),
    ("clip_lora", clip),
    ("unet", unet),
    ("lora", unet),
    ("unet_inpaint", unet),
    ("unet_sdxl", unet_sdxl),
    ("controlnet", controlnet),
    ("vae_encode", vae_encode),
    ("vae_decode", vae_decode),
    ("taesd_decode", taesd_decode),
    ("motion", motion),
];

/// Kinds that are not, and why.
pub static LEFT_OUT: &[(&str, &str)] = &[("taesd_encode", "nothing encodes with TAESD")];

/// An output, whatever its axes were.
type Flat = Tensor<1>;

/// The worst output of a case.
#[derive(Debug, Clone, Copy)]
pub struct Worst {
    rel_rms: f64,
    rel_max: f64,
    limit: Limit,
}

impl Worst {
    /// Whether the errors are accepted; not a number is not.
    pub fn passed(&self) -> bool {
        self.rel_rms <= self.limit.rel_rms && self.rel_max <= self.limit.rel_max
    }

    /// How much of its limit it uses.
    fn share(&self) -> f64 {
        (self.rel_rms / self.limit.rel_rms).max(self.rel_max / self.limit.rel_max)
    }
}

impl fmt::Display for Worst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rel_rms, rel_max, limit } = self;
        write!(
            f,
            "rms {rel_rms:.1e} of {:.0e}, max {rel_max:.1e} of {:.0e}",
            limit.rel_rms, limit.rel_max
        )
    }
}

/// Runs a case and compares every output.
pub async fn compare(
    compute: Compute,
    networks: &Networks,
    recorded: &Recorded,
    case: &Case,
    limits: &str,
) -> Result<Worst> {
    let mut worst: Option<Worst> = None;
    for (name, found) in compute(networks, recorded, case)? {
        let (wanted, limit) = recorded.output(case, &name, limits)?;
        let found = read_back(found).await?;
        if found.len() != wanted.len() {
            return Err(
                format!("{name}: {} values instead of {}", found.len(), wanted.len()).into()
            );
        }
        let this = distance(&found, &wanted, limit);
        // A maximum that lets "not a number" through.
        worst = worst.filter(|worst| this.share() <= worst.share()).or(Some(this));
    }
    Ok(worst.ok_or("it has no outputs")?)
}

fn distance(found: &[f32], wanted: &[f32], limit: Limit) -> Worst {
    let count = wanted.len() as f64;
    let mean = wanted.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
    let spread = wanted.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>();
    let deviation = (spread / count).sqrt();
    let errors = found.iter().zip(wanted).map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs());
    let (mut squares, mut most) = (0.0, 0.0);
    for error in errors {
        squares += error * error;
        most = if error <= most { most } else { error };
    }
    Worst { rel_rms: (squares / count).sqrt() / deviation, rel_max: most / deviation, limit }
}

fn named<const N: usize>(name: &str, tensor: Tensor<N>) -> (String, Flat) {
    let count: usize = tensor.dims().iter().product();
    (name.to_owned(), tensor.reshape([count]))
}

/// `[batch, height, width, channels]` as the recording has it.
fn picture(tensor: Tensor<4>) -> Tensor<4> {
    tensor.permute([0, 3, 1, 2])
}

fn checkpoint(case: &Case) -> Result<&str> {
    Ok(case.params["checkpoint"].as_str().ok_or("no checkpoint is named")?)
}

fn strength(case: &Case) -> f32 {
    case.params["strength"].as_f64().unwrap_or(1.0) as f32
}

fn lora(case: &Case) -> Option<(&str, f32)> {
    Some((case.params["lora"].as_str()?, strength(case)))
}

fn clip(networks: &Networks, recorded: &Recorded, case: &Case) -> Result<Vec<(String, Flat)>> {
    let (_, ids) = recorded.numbers(case, "ids")?;
    let ids: Vec<u32> = ids.iter().map(|&id| id as u32).collect();
    let chunks = ids.as_chunks::<CHUNK>().0;
    let checkpoint = checkpoint(case)?;
    let outputs = |part, spec, skip| -> Result<_> {
        let model = networks.text_model(checkpoint, part, spec, lora(case))?;
        let output = model.forward(model.embed(chunks)?, skip);
        let ends = chunks.iter().enumerate().map(|(row, chunk)| {
            let end = chunk.iter().position(|&id| id == END_OF_TEXT).unwrap_or(CHUNK - 1);
            output.last.clone().slice([row..row + 1, end..end + 1]).reshape([1, model.width()])
        });
        let pooled = model.pooled(Tensor::cat(ends.collect(), 0));
        Ok((output, pooled))
    };
    Ok(match case.id.as_str() {
        "sdxl_clip_l" => {
            let (output, _) = outputs(&keys::XL_CLIP_L, &XL_CLIP_L, 1)?;
            vec![named("penultimate", output.hidden)]
        }
        "sdxl_clip_g" => {
            let (output, pooled) = outputs(&keys::XL_CLIP_G, &OPEN_CLIP_G, 1)?;
            vec![named("penultimate", output.hidden), named("pooled", pooled)]
        }
        _ => {
            let (normalised, _) = outputs(&keys::CLIP, &CLIP_L, 1)?;
            let (raw, _) = outputs(&keys::CLIP, &XL_CLIP_L, 1)?;
            vec![
                named("last", normalised.last),
                named("penultimate_norm", normalised.hidden),
                named("penultimate", raw.hidden),
            ]
        }
    })
}

fn unet(networks: &Networks, recorded: &Recorded, case: &Case) -> Result<Vec<(String, Flat)>> {
    let unet = networks.unet(checkpoint(case)?, lora(case))?;
    let device = &networks.device;
    let context = unet.context(recorded.input(case, "context", device)?);
    let (_, timesteps) = recorded.numbers(case, "timesteps")?;
    let eps = unet.forward(recorded.input(case, "x", device)?, &timesteps, &context);
    Ok(vec![named("eps", eps)])
}

/// The frames of every text follow one another.
fn motion(networks: &Networks, recorded: &Recorded, case: &Case) -> Result<Vec<(String, Flat)>> {
    let unet = networks.unet(checkpoint(case)?, None)?;
    let device = &networks.device;
    let kind = case.params["motion"].as_str().ok_or("no motion module is named")?;
    let frames = case.params["frames"].as_u64().ok_or("it says no number of frames")? as usize;
    let file = Rc::new(networks.file(kind)?);
    let weights = Weights::new(file, device.clone()).stored(networks.precision);
    let module = MotionModule::load(&weights)?;
    let gain = Gain::Same(1.0);
    let x: Tensor<4> = recorded.input(case, "x", device)?;
    let (_, timesteps) = recorded.numbers(case, "timesteps")?;
    let timesteps: Vec<f32> = timesteps.into_iter().cycle().take(x.dims()[0]).collect();
    let context = unet.context(recorded.input(case, "context", device)?);
    let pass = module.pass(frames, &gain, &gain);
    let eps = unet.forward_clip(x, &timesteps, &context, None, Some(&pass));
    Ok(vec![named("eps", eps)])
}

fn unet_sdxl(networks: &Networks, recorded: &Recorded, case: &Case) -> Result<Vec<(String, Flat)>> {
    let unet = networks.unet(checkpoint(case)?, None)?;
    let device = &networks.device;
    let pooled: Tensor<2> = recorded.input(case, "pooled", device)?;
    let (shape, sizes) = recorded.numbers(case, "sizes")?;
    let numbers = shape.last().copied().ok_or("sizes have no axis")?;
    let rows = sizes.chunks_exact(numbers).enumerate();
    let labels = rows.map(|(row, sizes)| label(&pooled.clone().slice([row..row + 1]), sizes));
    let labels = Tensor::cat(labels.collect(), 0);
    let context = unet.context_with(recorded.input(case, "context", device)?, Some(labels));
    let (_, timesteps) = recorded.numbers(case, "timesteps")?;
    let eps = unet.forward(recorded.input(case, "x", device)?, &timesteps, &context);
    Ok(vec![named("eps", eps)])
}

/// The ControlNet in both layouts; they have the same numbers.
fn controlnet(
    networks: &Networks,
    recorded: &Recorded,
    case: &Case,
) -> Result<Vec<(String, Flat)>> {
    let unet = networks.unet(checkpoint(case)?, None)?;
    let device = &networks.device;
    let text: Tensor<3> = recorded.input(case, "context", device)?;
    let (_, timesteps) = recorded.numbers(case, "timesteps")?;
    let x: Tensor<4> = recorded.input(case, "x", device)?;
    let mut outputs = Vec::new();
    for kind in ["controlnet-sd15", "controlnet-diffusers"] {
        let net = load_control_net(networks.file(kind)?, device, networks.precision, &Silent)?;
        let hint = recorded.input::<4>(case, "hint", device)?.permute([0, 2, 3, 1]);
        let added = net.forward(x.clone(), &timesteps, &net.context(&text), net.hint(hint));
        let added = added.scaled(strength(case));
        for (index, skip) in added.skips.iter().enumerate() {
            outputs.push(named(&format!("residual_{index}"), picture(skip.clone())));
        }
        outputs.push(named("residual_middle", picture(added.middle.clone())));
        let context = unet.context(text.clone());
        let eps = unet.forward_controlled(x.clone(), &timesteps, &context, Some(added));
        outputs.push(named("eps", eps));
    }
    Ok(outputs)
}

fn vae_encode(
    networks: &Networks,
    recorded: &Recorded,
    case: &Case,
) -> Result<Vec<(String, Flat)>> {
    let encoder = Encoder::load(&networks.weights(checkpoint(case)?, &keys::VAE, None)?)?;
    let x = recorded.input::<4>(case, "x", &networks.device)?.permute([0, 2, 3, 1]);
    Ok(vec![named("mean", encoder.forward(x))])
}

fn vae_decode(
    networks: &Networks,
    recorded: &Recorded,
    case: &Case,
) -> Result<Vec<(String, Flat)>> {
    let decoder = Decoder::load(&networks.weights(checkpoint(case)?, &keys::VAE, None)?)?;
    let image = decoder.forward(recorded.input(case, "z", &networks.device)?);
    Ok(vec![named("image", picture(image))])
}

fn taesd_decode(
    networks: &Networks,
    recorded: &Recorded,
    case: &Case,
) -> Result<Vec<(String, Flat)>> {
    let file = Rc::new(networks.file(checkpoint(case)?)?);
    let taesd = Taesd::load(&Weights::new(file, networks.device.clone()))?;
    let image = taesd.decode(recorded.input(case, "latent", &networks.device)?);
    Ok(vec![named("image", picture(image))])
}
