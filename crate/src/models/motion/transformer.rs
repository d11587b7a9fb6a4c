//! One motion module: a transformer over the frames of every pixel, added to the features.

use burn::tensor::Tensor;

use super::attention::TemporalAttention;
use super::gain::{Gain, PixelGain};
use crate::{
    Result,
    nn::{FeedForward, GroupNorm, LayerNorm, Linear, SLICE_NUMBERS},
    weights::Weights,
};

/// Attentions in a block.
const ATTENTIONS: usize = 2;
/// Numbers of the widest row inside a block for each channel: the feed-forward layer's.
const WIDEST: usize = 8;
/// Most pixels worked on at once: a kernel's grid ends at 65535.
const MOST_PIXELS: usize = 32_768;

/// `temporal_transformer`: normalisation, projection, attention blocks, projection.
#[derive(Debug)]
pub(super) struct TemporalTransformer {
    norm: GroupNorm,
    proj_in: Linear,
    blocks: Vec<TemporalBlock>,
    proj_out: Linear,
}

/// Two attentions and a feed-forward layer, each on normalised tokens.
#[derive(Debug)]
struct TemporalBlock {
    attentions: Vec<TemporalAttention>,
    ff_norm: LayerNorm,
    ff: FeedForward,
}

/// How a module counts, and over what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strength<'a> {
    pub(super) frames: usize,
    pub(super) norm_span: usize,
    /// Scale of the attention.
    pub(super) scale: &'a Gain<'a>,
    /// Share of the module in the result.
    pub(super) effect: &'a Gain<'a>,
}

impl TemporalTransformer {
    /// Added to the variance.
    const EPS: f32 = 1e-6;

    /// Reads the module below `w` for up to `frames` frames.
    pub(super) fn load(w: &Weights, frames: usize) -> Result<Self> {
        let proj_in = Linear::load(&w.pp("proj_in"), None, None)?;
        let blocks = w.pp("transformer_blocks");
        let blocks = (0..)
            .map(|index| blocks.pp(index))
            .take_while(|block| block.has("ff_norm.weight"))
            .map(|block| TemporalBlock::load(&block, proj_in.outputs(), frames))
            .collect::<Result<Vec<_>>>()?;
        if blocks.is_empty() {
            w.shape("transformer_blocks.0.ff_norm.weight")?;
        }
        Ok(Self {
            norm: GroupNorm::load(&w.pp("norm"), proj_in.inputs(), Self::EPS)?,
            proj_out: Linear::load(
                &w.pp("proj_out"),
                Some(proj_in.outputs()),
                Some(proj_in.inputs()),
            )?,
            proj_in,
            blocks,
        })
    }

    /// Channels of what goes in and comes out.
    pub(super) fn channels(&self) -> usize {
        self.proj_in.inputs()
    }

    /// Pixels are independent of one another, so they are worked on in slices that bound the memory.
    ///
    /// # Shapes
    /// - `x`, output: `[clips * frames, height, width, channels]`
    pub(super) fn forward(&self, x: Tensor<4>, strength: Strength<'_>) -> Tensor<4> {
        let Strength { frames, norm_span, scale, effect } = strength;
        if effect.is(0.0) {
            return x;
        }
        let shape @ [items, height, width, channels] = x.dims();
        let (clips, pixels) = (items / frames, height * width);
        let normed = self.norm.forward_over(x.clone(), norm_span);
        let by_frame = normed.reshape([clips, frames, pixels, channels]);
        let by_pixel = by_frame.swap_dims(1, 2).reshape([clips * pixels, frames, channels]);
        let scale = scale.by_pixel(clips, [height, width]);
        let row = WIDEST * channels * frames;
        let slice = (SLICE_NUMBERS / row.max(1)).clamp(1, MOST_PIXELS);
        let mut mixed = Vec::new();
        for first in (0..clips * pixels).step_by(slice) {
            let count = slice.min(clips * pixels - first);
            let part = by_pixel.clone().narrow(0, first, count);
            mixed.push(self.mix(part, &scale.narrow(first, count)));
        }
        let mixed = if mixed.len() == 1 { mixed.remove(0) } else { Tensor::cat(mixed, 0) };
        let mixed = mixed.reshape([clips, pixels, frames, channels]).swap_dims(1, 2).reshape(shape);
        x + effect.scale_maps(mixed)
    }

    /// # Shapes
    /// - `x`, output: `[pixels, frames, channels]`
    fn mix(&self, x: Tensor<3>, scale: &PixelGain) -> Tensor<3> {
        let shape @ [pixels, frames, channels] = x.dims();
        let x = self.proj_in.forward(x.reshape([pixels * frames, channels]));
        let width = self.proj_in.outputs();
        let x = self
            .blocks
            .iter()
            .fold(x.reshape([pixels, frames, width]), |x, block| block.forward(x, scale));
        self.proj_out.forward(x.reshape([pixels * frames, width])).reshape(shape)
    }
}

impl TemporalBlock {
    fn load(w: &Weights, channels: usize, frames: usize) -> Result<Self> {
        let attention = |index| TemporalAttention::load(w, index, channels, frames);
        Ok(Self {
            attentions: (0..ATTENTIONS).map(attention).collect::<Result<_>>()?,
            ff_norm: LayerNorm::load(&w.pp("ff_norm"), channels)?,
            ff: FeedForward::load(&w.pp("ff"), channels)?,
        })
    }

    /// # Shapes
    /// - `x`, output: `[pixels, frames, channels]`
    fn forward(&self, x: Tensor<3>, scale: &PixelGain) -> Tensor<3> {
        let shape @ [pixels, frames, channels] = x.dims();
        let x = self.attentions.iter().fold(x, |x, attention| attention.forward(x, scale));
        let rows = x.reshape([pixels * frames, channels]);
        let normed = self.ff_norm.forward(rows.clone());
        self.ff.forward_residual(normed, rows).reshape(shape)
    }
}
