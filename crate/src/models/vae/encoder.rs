//! Pictures to latents.

use burn::tensor::Tensor;

use super::attention::{EPS, Middle};
use crate::{
    Result,
    nn::{Conv2d, GroupNorm, LATENT_CHANNELS, Linear, RGB, ResnetBlock, ResnetKeys},
    ops::Pad,
    weights::Weights,
};

/// Halves the picture three times, then predicts mean and variance of the latent.
#[derive(Debug)]
pub struct Encoder {
    conv_in: Conv2d,
    down: Vec<Level>,
    mid: Middle,
    norm_out: GroupNorm,
    conv_out: Conv2d,
    quant_conv: Linear,
}

/// Residual blocks of one size, then a halving on all levels but the last.
#[derive(Debug)]
struct Level {
    block: Vec<ResnetBlock>,
    downsample: Option<Conv2d>,
}

impl Encoder {
    /// Reads `encoder` and `quant_conv`.
    pub fn load(w: &Weights) -> Result<Self> {
        let encoder = w.pp("encoder");
        let conv_in = Conv2d::load(&encoder.pp("conv_in"), Some(RGB), None)?;
        let mut channels = conv_in.outputs();
        let down = levels(&encoder.pp("down")).into_iter().map(|w| {
            let block = resnets(&w.pp("block"), &mut channels)?;
            let downsample = w.pp("downsample.conv");
            let load = || Conv2d::load(&downsample, Some(channels), Some(channels));
            Ok(Level { block, downsample: downsample.has("weight").then(load).transpose()? })
        });
        let down = down.collect::<Result<_>>()?;
        let mid = Middle::load(&encoder.pp("mid"), &mut channels)?;
        let moments = Some(2 * LATENT_CHANNELS);
        Ok(Self {
            conv_in,
            down,
            mid,
            norm_out: GroupNorm::load(&encoder.pp("norm_out"), channels, EPS)?,
            conv_out: Conv2d::load(&encoder.pp("conv_out"), Some(channels), moments)?,
            quant_conv: Linear::load(&w.pp("quant_conv"), moments, moments)?,
        })
    }

    /// The mean; the variance is left.
    ///
    /// # Shapes
    /// - `x`: `[batch, height, width, 3]` in -1..1
    /// - output: `[batch, 4, height / 8, width / 8]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        /// Zeros on the right and below only.
        const PAD: Pad = Pad { top: 0, left: 0, bottom: 1, right: 1 };
        let mut h = self.conv_in.forward(x);
        for level in &self.down {
            h = level.block.iter().fold(h, |h, block| block.forward(h, None));
            if let Some(conv) = &level.downsample {
                h = conv.forward_halved(h, PAD);
            }
        }
        let h = self.norm_out.forward_silu(self.mid.forward(h));
        let h = self.conv_out.forward(h);
        let [batch, height, width, channels] = h.dims();
        self.quant_conv
            .forward(h.reshape([batch * height * width, channels]))
            .slice([0..batch * height * width, 0..LATENT_CHANNELS])
            .reshape([batch, height, width, LATENT_CHANNELS])
            .permute([0, 3, 1, 2])
    }
}

/// The levels the file has, from the largest picture to the smallest.
pub(super) fn levels<'a>(w: &Weights<'a>) -> Vec<Weights<'a>> {
    (0..).map(|i| w.pp(i)).take_while(|w| w.has("block.0.norm1.weight")).collect()
}

/// The residual blocks of one level, from `channels` on to what it gives.
pub(super) fn resnets(w: &Weights, channels: &mut usize) -> Result<Vec<ResnetBlock>> {
    (0..)
        .map(|i| w.pp(i))
        .take_while(|w| w.has("norm1.weight"))
        .map(|w| resnet(&w, channels))
        .collect()
}

/// A residual block from `channels` on to what it gives.
pub(super) fn resnet(w: &Weights, channels: &mut usize) -> Result<ResnetBlock> {
    let block = ResnetBlock::load(w, &ResnetKeys::VAE, *channels, None)?;
    *channels = block.outputs();
    Ok(block)
}
