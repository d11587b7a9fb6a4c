//! Pictures to latents and back, through the VAE.

use burn::tensor::{Device, Tensor};

use crate::error::Result;
use crate::geometry::Size;
use crate::image::{Frames, Mask};
use crate::models::vae::{SCALE, Vae};
use crate::sampling::math::{latent_tensor, read_back};

/// Model space is this times what the VAE encodes to; SD 1.x.
pub const SCALE_FACTOR: f32 = 0.18215;

/// Pixels per latent cell, along each axis.
pub const CELL: u32 = SCALE as u32;

/// A picture as the VAE sees it, and the part of it that sampling may change.
#[derive(Debug, Clone)]
pub struct Latent {
    /// `[batch, 4, height / 8, width / 8]`, unscaled.
    pub samples: Tensor<4>,
    /// 1 = change; any size, stretched over the latent when it is sampled.
    pub noise_mask: Option<Mask>,
}

/// Encodes `pixels` (in `[0, 1]`). Sides lose what is over a multiple of 8, half of it at each end.
pub fn encode(vae: &Vae, pixels: &Frames, device: &Device) -> Tensor<4> {
    let Size { width, height } = pixels.size;
    let shape = [pixels.count, height as usize, width as usize, pixels.channels];
    vae.encode(latent_tensor(pixels.data.clone(), shape, device))
}

/// Decodes to pixels in `[0, 1]`; waits for the device.
pub async fn decode(vae: &Vae, samples: Tensor<4>) -> Result<Frames> {
    let pixels = vae.decode(samples);
    let [count, height, width, channels] = pixels.dims();
    let size = Size::new(width as u32, height as u32);
    Ok(Frames { size, count, channels, data: read_back(pixels).await? })
}
