//! Text encoder, UNet and VAE on their own.

use super::replay::{Array, Case, Context, Later, Outcome, Replay, Result, Row};
use burn::tensor::{Device, Tensor, TensorData};
use burnish::models::clip::{Clip, chunks};
use burnish::models::unet::Unet;
use burnish::models::vae::{Tiling, Vae};
use burnish::sampling::math::read_back;
use burnish::sampling::model_sampling::ModelSampling;
use burnish::weights::{MemorySource, Safetensors, keys};
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// Heads of the tiny text encoder; the UNet has the usual eight.
const CLIP_HEADS: usize = 4;
/// Absolute limits of the recorded set's own table.
pub const TEXT: f64 = 1e-5;
pub const EPS: f64 = 2e-5;
const DECODE: f64 = 2e-5;
const ENCODE: f64 = 5e-4;

/// Kinds replayed here.
pub const ROWS: &[Row] = &[
    ("clip", Replay::Later(|context, case| Box::pin(clip(context, case)) as Later<'_>)),
    ("unet", Replay::Later(|context, case| Box::pin(unet(context, case)))),
    ("unet_inpaint", Replay::Later(|context, case| Box::pin(unet(context, case)))),
    ("unet_refiner", Replay::Later(|context, case| Box::pin(unet(context, case)))),
    ("unet_denoised", Replay::Later(|context, case| Box::pin(unet_denoised(context, case)))),
    ("vae_encode", Replay::Later(|context, case| Box::pin(vae_encode(context, case)))),
    ("vae_encode_tiled", Replay::Later(|context, case| Box::pin(vae_encode(context, case)))),
    ("vae_decode", Replay::Later(|context, case| Box::pin(vae_decode(context, case)))),
    ("vae_decode_tiled", Replay::Later(|context, case| Box::pin(vae_decode(context, case)))),
];

/// The checkpoint of a name: `tiny-sd15`, or the overlay of that name on top of it.
pub fn checkpoint(context: &Context, name: &str) -> Result<Rc<Safetensors>> {
    let base = context.file("models/tiny-sd15.safetensors")?;
    if name == "tiny-sd15" {
        return Ok(base);
    }
    context.shared(name, || {
        let overlay = context.file(&format!("models/{name}.overlay.safetensors"))?;
        overlaid(&base, &overlay)
    })
}

/// The text encoder all tiny checkpoints share.
pub fn load_clip(context: &Context) -> Result<Rc<Clip>> {
    context.shared("clip", || {
        let file = checkpoint(context, "tiny-sd15")?;
        Ok(Clip::load(&keys::CLIP.of(&file, &context.device)?, CLIP_HEADS)?)
    })
}

/// The autoencoder all tiny checkpoints share.
pub fn load_vae(context: &Context) -> Result<Rc<Vae>> {
    context.shared("vae", || {
        let file = checkpoint(context, "tiny-sd15")?;
        Ok(Vae::load(&keys::VAE.of(&file, &context.device)?)?)
    })
}

/// The UNet of a checkpoint.
pub fn load_unet(context: &Context, name: &str) -> Result<Rc<Unet>> {
    context.shared(name, || {
        let file = checkpoint(context, name)?;
        Ok(Unet::load(&keys::UNET.of(&file, &context.device)?)?)
    })
}

async fn clip(context: &Context, case: &Case) -> Result<Outcome> {
    let clip = load_clip(context)?;
    let chunks = chunks(clip.tokenizer(), &case.get::<String>("text")?);
    let skip = usize::try_from(-1 - case.get::<i64>("clip_skip")?)?;
    let encoded = clip.encode_chunks(&chunks, skip)?;
    let cond = compare(context, case, "cond", encoded.cross_attn, TEXT).await?;
    Ok(cond.and(compare(context, case, "pooled", encoded.pooled, TEXT).await?))
}

async fn unet(context: &Context, case: &Case) -> Result<Outcome> {
    let unet = load_unet(context, &case.get::<String>("model")?)?;
    let device = context.device.clone();
    let text = unet.context(tensor(case.input(context, "context")?, &device)?);
    let x = tensor(case.input(context, "x")?, &device)?;
    let eps = unet.forward(x, &case.get::<Vec<f32>>("timesteps")?, &text);
    compare(context, case, "eps", eps, EPS).await
}

/// `x - sigma * eps`, so the limit of eps grows with sigma.
async fn unet_denoised(context: &Context, case: &Case) -> Result<Outcome> {
    let unet = load_unet(context, &case.get::<String>("model")?)?;
    let device = context.device.clone();
    let text = unet.context(tensor(case.input(context, "context")?, &device)?);
    let x: Tensor<4> = tensor(case.input(context, "x")?, &device)?;
    let sigma: f32 = case.get("sigma")?;
    let timesteps = vec![ModelSampling::default().timestep(sigma) as f32; x.dims()[0]];
    let scaled = x.clone() / (sigma * sigma + 1.0).sqrt();
    let denoised = x - unet.forward(scaled, &timesteps, &text) * sigma;
    compare(context, case, "denoised", denoised, EPS * f64::from(sigma.max(1.0))).await
}

async fn vae_encode(context: &Context, case: &Case) -> Result<Outcome> {
    let vae = load_vae(context)?;
    let image = tensor(case.input(context, "image")?, &context.device)?;
    let latent = match tiling(case)? {
        Some(tiling) => vae.encode_tiled(image, &tiling),
        None => vae.encode(image),
    };
    compare(context, case, "latent", latent, ENCODE).await
}

async fn vae_decode(context: &Context, case: &Case) -> Result<Outcome> {
    let vae = load_vae(context)?;
    let latent = tensor(case.input(context, "latent")?, &context.device)?;
    let image = match tiling(case)? {
        Some(tiling) => vae.decode_tiled(latent, &tiling),
        None => vae.decode(latent),
    };
    compare(context, case, "image", image, DECODE).await
}

fn tiling(case: &Case) -> Result<Option<Tiling>> {
    if case.params.get("tile_x").is_none() {
        return Ok(None);
    }
    let (width, height) = (case.get("tile_x")?, case.get("tile_y")?);
    Ok(Some(Tiling { width, height, overlap: case.get("overlap")? }))
}

/// Against an output, within the limit or twenty times the recorded noise.
pub async fn compare<const N: usize>(
    context: &Context,
    case: &Case,
    name: &str,
    found: Tensor<N>,
    limit: f64,
) -> Result<Outcome> {
    let noise = case.noise.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    let expected = case.output(context, name)?;
    if expected.shape != found.dims() {
        return Ok(Outcome::equal(found.dims().to_vec(), expected.shape));
    }
    Ok(Outcome::absolute(&read_back(found).await?, &expected.data, limit.max(20.0 * noise)))
}

/// A checkpoint with the tensors of another put over its own.
fn overlaid(base: &Safetensors, overlay: &Safetensors) -> Result<Safetensors> {
    let mut header = Map::new();
    let mut data = Vec::new();
    for path in base.tensors().keys() {
        let file = if overlay.tensors().contains_key(path) { overlay } else { base };
        let info = file.info(path)?;
        let begin = data.len();
        data.extend(file.read_bytes(path)?);
        let dtype = format!("{:?}", info.dtype);
        let offsets = [begin, data.len()];
        let entry = json!({ "dtype": dtype, "shape": info.shape, "data_offsets": offsets });
        header.insert(path.clone(), entry);
    }
    let header = Value::Object(header).to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.into_bytes());
    bytes.extend(data);
    let source = MemorySource::new(overlay.name(), bytes);
    Ok(Safetensors::open(Box::new(source))?)
}

/// A recorded array on the device.
pub fn tensor<const N: usize>(array: Array, device: &Device) -> Result<Tensor<N>> {
    if array.shape.len() != N {
        return Err(format!("{:?} has not {N} axes", array.shape).into());
    }
    Ok(Tensor::from_data(TensorData::new(array.data, array.shape), device))
}
