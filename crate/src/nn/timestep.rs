//! How the UNet is told the time.

use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor, TensorData};

use super::Linear;
use crate::{Result, ops::Activation, weights::Weights};

/// Longest wavelength of the sinusoids, in timesteps over 2 pi.
const MAX_PERIOD: f32 = 10_000.0;

/// Cosines, then sines, of every timestep at `channels / 2` frequencies.
///
/// # Shapes
/// - output: `[timesteps.len(), channels]`
pub fn timestep_embedding(timesteps: &[f32], channels: usize, device: &Device) -> Tensor<2> {
    let half = channels / 2;
    let mut values = Vec::with_capacity(timesteps.len() * channels);
    for &t in timesteps {
        let angle = |k: usize| t * (-MAX_PERIOD.ln() * k as f32 / half as f32).exp();
        values.extend((0..half).map(|k| angle(k).cos()));
        values.extend((0..half).map(|k| angle(k).sin()));
    }
    Tensor::from_data(TensorData::new(values, [timesteps.len(), 2 * half]), device)
}

/// Two linear layers with a SiLU between, lifting the sinusoids to the width every residual block
/// reads its timestep from.
#[derive(Debug)]
pub struct TimestepEmbedding {
    linear_1: Linear,
    linear_2: Linear,
}

impl TimestepEmbedding {
    /// Reads `0` and `2`, the layers on both sides of the SiLU.
    pub fn load(w: &Weights, inputs: Option<usize>, outputs: Option<usize>) -> Result<Self> {
        let linear_1 = Linear::load(&w.pp("0"), inputs, None)?;
        let linear_2 = Linear::load(&w.pp("2"), Some(linear_1.outputs()), outputs)?;
        Ok(Self { linear_1, linear_2 })
    }

    /// Followed by the SiLU every residual block begins with, so that it is computed once.
    ///
    /// # Shapes
    /// - `embedding`: `[batch, channels]`; output: `[batch, time_embed_dim]`
    pub fn forward_silu(&self, embedding: Tensor<2>) -> Tensor<2> {
        let x = self.linear_1.forward_activated(embedding, Activation::Silu);
        self.linear_2.forward_activated(x, Activation::Silu)
    }

    /// Both layers, with nothing behind them.
    ///
    /// # Shapes
    /// - `embedding`: `[batch, channels]`; output: `[batch, time_embed_dim]`
    pub fn forward(&self, embedding: Tensor<2>) -> Tensor<2> {
        let x = self.linear_1.forward_activated(embedding, Activation::Silu);
        self.linear_2.forward(x)
    }

    /// [`Self::forward_silu`] of the sum with `other`, of the output's shape.
    pub fn forward_sum_silu(&self, embedding: Tensor<2>, other: Tensor<2>) -> Tensor<2> {
        let x = self.linear_1.forward_activated(embedding, Activation::Silu);
        silu(self.linear_2.forward_residual(x, other))
    }

    /// Width of the output, `time_embed_dim`.
    pub fn outputs(&self) -> usize {
        self.linear_2.outputs()
    }

    /// Width of the input.
    pub fn inputs(&self) -> usize {
        self.linear_1.inputs()
    }
}
