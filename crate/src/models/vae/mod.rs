//! The autoencoder between pictures and latents, eight pixels to a latent cell.
//!
//! Latents are unscaled here; the factor of the model space belongs to sampling.

mod attention;
mod decoder;
mod encoder;
mod tiling;

pub use decoder::Decoder;
pub use encoder::Encoder;
pub use tiling::Tiling;

use burn::tensor::Tensor;

pub use crate::nn::LATENT_CHANNELS;
use crate::{Result, weights::Weights};

/// Pixels per latent cell.
pub const SCALE: usize = 8;

/// Encoder and decoder.
#[derive(Debug)]
pub struct Vae {
    encoder: Encoder,
    decoder: Decoder,
}

impl Vae {
    /// Reads both halves below `w`, whose path ends in `first_stage_model`.
    pub fn load(w: &Weights) -> Result<Self> {
        Ok(Self { encoder: Encoder::load(w)?, decoder: Decoder::load(w)? })
    }

    /// The mean of the latent's distribution. Pictures are cut around their centre to multiples of
    /// eight; channels after the third are dropped.
    ///
    /// # Shapes
    /// - `pixels`: `[batch, height, width, 3]` in 0..1
    /// - output: `[batch, 4, height / 8, width / 8]`
    pub fn encode(&self, pixels: Tensor<4>) -> Tensor<4> {
        self.encoder.forward(network_from_pixels(pixels))
    }

    /// # Shapes
    /// - `latent`: `[batch, 4, height / 8, width / 8]`
    /// - output: `[batch, height, width, 3]` in 0..1
    pub fn decode(&self, latent: Tensor<4>) -> Tensor<4> {
        pixels_from_network(self.decoder.forward(latent))
    }

    /// [`Self::encode`] in overlapping tiles, for pictures too large for the device. `tiling` is in
    /// pixels.
    pub fn encode_tiled(&self, pixels: Tensor<4>, tiling: &Tiling) -> Tensor<4> {
        let pixels = network_from_pixels(pixels);
        tiling.encode(pixels, |tile| self.encoder.forward(tile))
    }

    /// [`Self::decode`] in overlapping tiles. `tiling` is in latent cells.
    pub fn decode_tiled(&self, latent: Tensor<4>, tiling: &Tiling) -> Tensor<4> {
        pixels_from_network(tiling.decode(latent, |tile| self.decoder.forward(tile)))
    }
}

/// Cut to multiples of eight, from 0..1 to -1..1.
fn network_from_pixels(pixels: Tensor<4>) -> Tensor<4> {
    let [batch, height, width, _] = pixels.dims();
    let middle = |size: usize| {
        let cut = size % SCALE;
        cut / 2..cut / 2 + size - cut
    };
    pixels.slice([0..batch, middle(height), middle(width), 0..3]) * 2.0 - 1.0
}

/// From -1..1 to 0..1, clamped.
fn pixels_from_network(x: Tensor<4>) -> Tensor<4> {
    ((x + 1.0) / 2.0).clamp(0.0, 1.0)
}
