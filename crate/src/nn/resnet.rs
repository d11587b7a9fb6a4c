//! The residual block of UNet and VAE.

use burn::tensor::Tensor;

use super::{Conv2d, GroupNorm, Linear};
use crate::{Result, ops::Added, weights::Weights};

/// Two normalised convolutions around the timestep's contribution, plus the input.
#[derive(Debug)]
pub struct ResnetBlock {
    norm1: GroupNorm,
    conv1: Conv2d,
    time_emb_proj: Option<Linear>,
    norm2: GroupNorm,
    conv2: Conv2d,
    conv_shortcut: Option<Conv2d>,
}

/// What a checkpoint calls the layers of a residual block.
#[derive(Debug)]
pub struct ResnetKeys {
    norm1: &'static str,
    conv1: &'static str,
    time_emb_proj: Option<&'static str>,
    norm2: &'static str,
    conv2: &'static str,
    conv_shortcut: &'static str,
    eps: f32,
}

impl ResnetKeys {
    /// Names in the UNet of a single-file checkpoint.
    pub const UNET: Self = Self {
        norm1: "in_layers.0",
        conv1: "in_layers.2",
        time_emb_proj: Some("emb_layers.1"),
        norm2: "out_layers.0",
        conv2: "out_layers.3",
        conv_shortcut: "skip_connection",
        eps: 1e-5,
    };

    /// Names in the VAE of a single-file checkpoint.
    pub const VAE: Self = Self {
        norm1: "norm1",
        conv1: "conv1",
        time_emb_proj: None,
        norm2: "norm2",
        conv2: "conv2",
        conv_shortcut: "nin_shortcut",
        eps: 1e-6,
    };
}

impl ResnetBlock {
    /// Reads the block for pictures of `inputs` channels, and a timestep of `time` values; the
    /// shortcut is there where the channels change.
    pub fn load(
        w: &Weights,
        keys: &ResnetKeys,
        inputs: usize,
        time: Option<usize>,
    ) -> Result<Self> {
        let conv1 = Conv2d::load(&w.pp(keys.conv1), Some(inputs), None)?;
        let inner = conv1.outputs();
        let conv2 = Conv2d::load(&w.pp(keys.conv2), Some(inner), None)?;
        let outputs = conv2.outputs();
        let shortcut = w.pp(keys.conv_shortcut);
        let needs_shortcut = inputs != outputs || shortcut.has("weight");
        let shortcut = || Conv2d::load(&shortcut, Some(inputs), Some(outputs));
        let time_emb_proj = |key: &str| Linear::load(&w.pp(key), time, Some(inner));
        Ok(Self {
            norm1: GroupNorm::load(&w.pp(keys.norm1), inputs, keys.eps)?,
            conv1,
            time_emb_proj: keys.time_emb_proj.map(time_emb_proj).transpose()?,
            norm2: GroupNorm::load(&w.pp(keys.norm2), inner, keys.eps)?,
            conv2,
            conv_shortcut: needs_shortcut.then(shortcut).transpose()?,
        })
    }

    /// Channels of the output.
    pub fn outputs(&self) -> usize {
        self.conv2.outputs()
    }

    /// `emb` is the timestep's embedding after its SiLU; a VAE has none.
    ///
    /// # Shapes
    /// - `x`: `[batch, height, width, in]`; `emb`: `[batch, time_embed_dim]`
    /// - output: `[batch, height, width, out]`
    pub fn forward(&self, x: Tensor<4>, emb: Option<&Tensor<2>>) -> Tensor<4> {
        self.forward_over(x, emb, 1)
    }

    /// [`Self::forward`] with normalisations over `span` items of the batch at a time.
    pub fn forward_over(&self, x: Tensor<4>, emb: Option<&Tensor<2>>, span: usize) -> Tensor<4> {
        let shift =
            self.time_emb_proj.as_ref().zip(emb).map(|(proj, emb)| proj.forward(emb.clone()));
        let h = self.norm1.forward_silu_over(x.clone(), span);
        let h = self.conv1.forward_added(h, Added { shift, residual: None });
        let skip = match &self.conv_shortcut {
            Some(shortcut) => shortcut.forward(x),
            None => x,
        };
        self.conv2.forward_residual(self.norm2.forward_silu_over(h, span), skip)
    }
}
