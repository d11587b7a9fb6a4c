//! The middle of both halves: two residual blocks around attention of every cell to every other.

use burn::tensor::Tensor;

use super::encoder::resnet;
use crate::{
    Result,
    nn::{GroupNorm, Linear, ResnetBlock, SLICE_NUMBERS},
    ops,
    weights::Weights,
};

/// Added to every variance of the VAE.
pub(super) const EPS: f32 = 1e-6;

/// `mid`: residual block, attention, residual block.
#[derive(Debug)]
pub(super) struct Middle {
    block_1: ResnetBlock,
    attn_1: AttnBlock,
    block_2: ResnetBlock,
}

impl Middle {
    /// From `channels` on to what it gives.
    pub(super) fn load(w: &Weights, channels: &mut usize) -> Result<Self> {
        Ok(Self {
            block_1: resnet(&w.pp("block_1"), channels)?,
            attn_1: AttnBlock::load(&w.pp("attn_1"), *channels)?,
            block_2: resnet(&w.pp("block_2"), channels)?,
        })
    }

    /// # Shapes
    /// - `x`, output: `[batch, height, width, channels]`
    pub(super) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.block_1.forward(x, None);
        self.block_2.forward(self.attn_1.forward(x), None)
    }
}

/// Attention with one head over all cells.
#[derive(Debug)]
struct AttnBlock {
    norm: GroupNorm,
    q: Linear,
    k: Linear,
    v: Linear,
    proj_out: Linear,
}

impl AttnBlock {
    fn load(w: &Weights, channels: usize) -> Result<Self> {
        let square = |name| Linear::load(&w.pp(name), Some(channels), Some(channels));
        Ok(Self {
            norm: GroupNorm::load(&w.pp("norm"), channels, EPS)?,
            q: square("q")?,
            k: square("k")?,
            v: square("v")?,
            proj_out: square("proj_out")?,
        })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, height, width, channels] = x.dims();
        let rows = [batch * height * width, channels];
        let tokens = |x: Tensor<2>| x.reshape([batch, height * width, channels]);
        let h = self.norm.forward(x.clone()).reshape(rows);
        let [q, k, v] = [&self.q, &self.k, &self.v].map(|layer| tokens(layer.forward(h.clone())));
        // Every cell is compared with every other, so large pictures go in slices.
        let slice = (SLICE_NUMBERS / (height * width)).max(1);
        let slices = q.split(slice, 1).into_iter();
        let slices = slices.map(|q| ops::attention(q, k.clone(), v.clone(), 1, false));
        let h = Tensor::cat(slices.collect(), 1).reshape(rows);
        self.proj_out.forward_residual(h, x.reshape(rows)).reshape([batch, height, width, channels])
    }
}
