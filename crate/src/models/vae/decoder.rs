//! Latents to pictures.

use burn::tensor::Tensor;

use super::{
    attention::{EPS, Middle},
    encoder::{levels, resnets},
};
use crate::{
    Result,
    nn::{Conv2d, GroupNorm, LATENT_CHANNELS, Linear, RGB, ResnetBlock},
    weights::Weights,
};

/// Doubles the latent three times.
#[derive(Debug)]
pub struct Decoder {
    post_quant_conv: Linear,
    conv_in: Conv2d,
    mid: Middle,
    /// From the smallest picture to the largest: the file's last level first.
    up: Vec<Level>,
    norm_out: GroupNorm,
    conv_out: Conv2d,
}

/// Residual blocks of one size, then a doubling on all levels but the last.
#[derive(Debug)]
struct Level {
    block: Vec<ResnetBlock>,
    upsample: Option<Conv2d>,
}

impl Decoder {
    /// Reads `decoder` and `post_quant_conv`.
    pub fn load(w: &Weights) -> Result<Self> {
        let decoder = w.pp("decoder");
        let latent = Some(LATENT_CHANNELS);
        let conv_in = Conv2d::load(&decoder.pp("conv_in"), latent, None)?;
        let mut channels = conv_in.outputs();
        let mid = Middle::load(&decoder.pp("mid"), &mut channels)?;
        let up = levels(&decoder.pp("up")).into_iter().rev().map(|w| {
            let block = resnets(&w.pp("block"), &mut channels)?;
            let upsample = w.pp("upsample.conv");
            let load = || Conv2d::load(&upsample, Some(channels), Some(channels));
            Ok(Level { block, upsample: upsample.has("weight").then(load).transpose()? })
        });
        Ok(Self {
            post_quant_conv: Linear::load(&w.pp("post_quant_conv"), latent, latent)?,
            conv_in,
            mid,
            up: up.collect::<Result<_>>()?,
            norm_out: GroupNorm::load(&decoder.pp("norm_out"), channels, EPS)?,
            conv_out: Conv2d::load(&decoder.pp("conv_out"), Some(channels), Some(RGB))?,
        })
    }

    /// # Shapes
    /// - `latent`: `[batch, 4, height / 8, width / 8]`
    /// - output: `[batch, height, width, 3]`, about -1..1
    pub fn forward(&self, latent: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = latent.dims();
        let rows = latent.permute([0, 2, 3, 1]).reshape([batch * height * width, channels]);
        let h = self.post_quant_conv.forward(rows).reshape([batch, height, width, channels]);
        let mut h = self.mid.forward(self.conv_in.forward(h));
        for level in &self.up {
            h = level.block.iter().fold(h, |h, block| block.forward(h, None));
            if let Some(conv) = &level.upsample {
                h = conv.forward_doubled(h);
            }
        }
        self.conv_out.forward(self.norm_out.forward_silu(h))
    }
}
