//! Recorded inputs and outputs of the networks, replayed on this device: whether it computes what
//! it should.
//!
//! The file holds, each part as far as present: `text.ids` and `text.last_hidden_state`;
//! `unet.latent` with `unet.eps_t*` and `unet.odd_latent` with `unet.odd_eps_t*`, under the context
//! `text.last_hidden_state`; `vae.image`, `vae.crop` in -1..1 with `vae.mean`, `vae.crop_mean`;
//! `vae.z` with `vae.decoded`. Pictures are `[batch, 3, height, width]`, latents unscaled.

use burn::tensor::{Tensor, TensorData};
use serde::Serialize;

use super::Pipe;
use crate::error::{Error, Result};
use crate::models::clip::CHUNK;
use crate::weights::Safetensors;

/// How far one output is off.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// Name of the recording.
    pub name: String,
    /// Largest difference over the largest absolute value recorded.
    pub relative_error: f32,
}

/// Replays every recording `recorded` holds, in the order of their names.
///
/// # Errors
/// [`Error::TensorShape`] and its kin when the file does not fit the model.
pub async fn verify(pipe: &Pipe, recorded: &Safetensors) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    for name in recorded.tensors().keys() {
        if let Some(output) = output(pipe, recorded, name)? {
            let mut expected = recorded.read_f32(name)?;
            if name == "vae.decoded" {
                // Recorded before the clamp that ends our decoding.
                expected.iter_mut().for_each(|value| *value = value.clamp(-1.0, 1.0));
            }
            let relative_error = relative_error(output, &expected).await?;
            checks.push(Check { name: name.clone(), relative_error });
        }
    }
    Ok(checks)
}

/// What the networks make of the inputs that belong to `name`; `None` for the inputs themselves.
fn output(pipe: &Pipe, recorded: &Safetensors, name: &str) -> Result<Option<Tensor<1>>> {
    let read = |name: &str| tensor::<4>(pipe, recorded, name);
    let eps = |latent: &str, timestep: &str| -> Result<Tensor<1>> {
        let timestep: f32 = timestep.parse().map_err(|_| Error::BadRequest {
            reason: format!("the recording {name:?} names no timestep"),
        })?;
        let latent = read(latent)?;
        let batch = latent.dims()[0];
        let context = tensor::<3>(pipe, recorded, "text.last_hidden_state")?.slice([0..batch]);
        let context = pipe.unet.context(context);
        Ok(flat(pipe.unet.forward(latent, &vec![timestep; batch], &context)))
    };
    let mean = |picture: &str| -> Result<Tensor<1>> {
        let pixels = (read(picture)? + 1.0) / 2.0;
        Ok(flat(pipe.vae.encode(pixels.permute([0, 2, 3, 1]))))
    };
    let output = match name {
        "text.last_hidden_state" => text(pipe, recorded)?,
        "vae.mean" => mean("vae.image")?,
        "vae.crop_mean" => mean("vae.crop")?,
        "vae.decoded" => {
            let pixels = pipe.vae.decode(read("vae.z")?).permute([0, 3, 1, 2]);
            flat(pixels * 2.0 - 1.0)
        }
        _ => match (name.strip_prefix("unet.eps_t"), name.strip_prefix("unet.odd_eps_t")) {
            (Some(timestep), _) => eps("unet.latent", timestep)?,
            (_, Some(timestep)) => eps("unet.odd_latent", timestep)?,
            _ => return Ok(None),
        },
    };
    Ok(Some(output))
}

fn text(pipe: &Pipe, recorded: &Safetensors) -> Result<Tensor<1>> {
    let ids: Vec<[u32; CHUNK]> = recorded
        .read_bytes("text.ids")?
        .chunks_exact(4 * CHUNK)
        .map(|row| {
            let mut words = row.chunks_exact(4);
            std::array::from_fn(|_| match words.next() {
                Some(&[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]),
                _ => 0,
            })
        })
        .collect();
    let model = pipe.clip.text_model();
    Ok(flat(model.forward(model.embed(&ids)?, 0).hidden))
}

fn tensor<const D: usize>(pipe: &Pipe, recorded: &Safetensors, name: &str) -> Result<Tensor<D>> {
    let shape: [usize; D] =
        recorded.info(name)?.shape.clone().try_into().map_err(|found: Vec<usize>| {
            Error::BadRequest {
                reason: format!("the recording {name:?} has {} axes, {D} are needed", found.len()),
            }
        })?;
    Ok(Tensor::from_data(TensorData::new(recorded.read_f32(name)?, shape), &pipe.device))
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    tensor.flatten(0, D - 1)
}

async fn relative_error(output: Tensor<1>, expected: &[f32]) -> Result<f32> {
    let found = crate::sampling::math::read_back(output).await?;
    if found.len() != expected.len() {
        return Err(Error::BadRequest {
            reason: format!("{} values were recorded, {} come out", expected.len(), found.len()),
        });
    }
    let scale = expected.iter().fold(f32::MIN_POSITIVE, |top, value| top.max(value.abs()));
    let worst = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    Ok(worst / scale)
}
