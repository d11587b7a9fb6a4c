//! Attention of every pixel to itself in the other frames.

use burn::tensor::{Device, Tensor, TensorData};

use super::gain::PixelGain;
use crate::{
    Result,
    nn::{CrossAttention, KeyValue, LayerNorm},
    weights::Weights,
};

/// Heads of every attention.
const HEADS: usize = 8;
/// Longest wavelength of the positional sinusoids, in frames over 2 pi.
const MAX_PERIOD: f64 = 10_000.0;

/// A normalisation, positions and an attention.
#[derive(Debug)]
pub(super) struct TemporalAttention {
    norm: LayerNorm,
    attention: CrossAttention,
    /// `[frames, channels]`
    pe: Tensor<2>,
}

impl TemporalAttention {
    /// Reads attention `index` of the block `w` for up to `frames` frames.
    pub(super) fn load(w: &Weights, index: usize, channels: usize, frames: usize) -> Result<Self> {
        let attention = w.pp("attention_blocks").pp(index);
        let pe = match table(w) {
            Some(_) if attention.has("pos_encoder.pe") => {
                attention.table("pos_encoder.pe", [frames, channels])?
            }
            Some(table) => w.table(table, [frames, channels])?,
            None => sinusoids(frames, channels, w.device()),
        };
        Ok(Self {
            norm: LayerNorm::load(&w.pp("norms").pp(index), channels)?,
            attention: CrossAttention::load(&attention, channels, Some(channels), HEADS)?,
            pe,
        })
    }

    /// `x` plus what each pixel finds in the other frames; keys are scaled by `gain`.
    ///
    /// # Shapes
    /// - `x`, output: `[pixels, frames, channels]`
    pub(super) fn forward(&self, x: Tensor<3>, gain: &PixelGain) -> Tensor<3> {
        let shape @ [pixels, frames, channels] = x.dims();
        let rows = x.reshape([pixels * frames, channels]);
        let pe = self.pe.clone().narrow(0, 0, frames).reshape([1, frames, channels]);
        let tokens = self.norm.forward(rows.clone()).reshape(shape) + pe;
        let KeyValue { key, value } = self.attention.key_value(tokens.clone());
        let own = KeyValue { key: gain.scale(key), value };
        self.attention.forward_residual(tokens, own, rows).reshape(shape)
    }
}

/// Where the positions of the block `w` are: with the attention, with the block, or not stored.
pub(super) fn table(w: &Weights) -> Option<&'static str> {
    const PLACES: [&str; 2] = ["attention_blocks.0.pos_encoder.pe", "pos_embed.pe"];
    PLACES.into_iter().find(|place| w.has(place))
}

/// Sines in even columns, cosines in odd ones (Vaswani et al. 2017, section 3.5).
fn sinusoids(frames: usize, channels: usize, device: &Device) -> Tensor<2> {
    let value = |place: usize| {
        let (frame, column) = (place / channels, place % channels);
        let even = (column / 2 * 2) as f64;
        let angle = frame as f64 * (-even * MAX_PERIOD.ln() / channels as f64).exp();
        (if column % 2 == 0 { angle.sin() } else { angle.cos() }) as f32
    };
    let values: Vec<f32> = (0..frames * channels).map(value).collect();
    Tensor::from_data(TensorData::new(values, [frames, channels]), device)
}
