//! Pictures to latents and back, through the VAE.

use burn::tensor::{Device, Tensor};

use crate::error::Result;
use crate::geometry::Size;
use crate::image::{Frames, Mask};
use crate::models::vae::{SCALE, Vae};
use crate::monitor::{Monitor, go_on};
use crate::sampling::math::{computed, latent_tensor, read_back};

/// Pixels per latent cell, along each axis.
pub const CELL: u32 = SCALE as u32;

/// A picture as the VAE sees it, and the part of it that sampling may change.
#[derive(Debug, Clone)]
pub struct Latent {
    /// `[batch, 4, height / 8, width / 8]`, unscaled.
    pub samples: Tensor<4>,
    /// 1 = change; any size, stretched over the latent when it is sampled. One mask serves the whole
    /// batch, several go with its items one by one, none leaves everything to change.
    pub noise_mask: Vec<Mask>,
}

/// Encodes `pixels` (in `[0, 1]`) frame by frame. Sides lose what is over a multiple of 8, half of it
/// at each end.
pub fn encode(vae: &Vae, pixels: &Frames, device: &Device) -> Tensor<4> {
    let Size { width, height } = pixels.size;
    let shape = [1, height as usize, width as usize, pixels.channels];
    let frame = |index| vae.encode(latent_tensor(pixels.frame(index).to_vec(), shape, device));
    Tensor::cat((0..pixels.count).map(frame).collect(), 0)
}

/// [`encode`] of a clip: waits for the device after each frame, and stops with
/// [`crate::Error::Cancelled`] when the frames are no longer wanted.
pub async fn encode_clip(
    vae: &Vae,
    pixels: &Frames,
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<Tensor<4>> {
    let mut latents = Vec::with_capacity(pixels.count);
    for index in 0..pixels.count {
        let latent = encode(vae, &pixels.take_frame(index), device);
        computed(&latent).await?;
        latents.push(latent);
        go_on(monitor).await?;
    }
    Ok(Tensor::cat(latents, 0))
}

/// Decodes to pixels in `[0, 1]`, item by item; waits for the device after each, and stops with
/// [`crate::Error::Cancelled`] when they are no longer wanted.
pub async fn decode(vae: &Vae, samples: Tensor<4>, monitor: &dyn Monitor) -> Result<Frames> {
    let mut frames = Frames::zeros(Size::default(), 0, 0);
    for item in samples.split(1, 0) {
        go_on(monitor).await?;
        let pixels = vae.decode(item);
        let [_, height, width, channels] = pixels.dims();
        frames.size = Size::new(width as u32, height as u32);
        frames.channels = channels;
        frames.count += 1;
        frames.data.extend(read_back(pixels).await?);
    }
    Ok(frames)
}
