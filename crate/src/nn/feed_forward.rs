//! The gated feed-forward layer of a transformer block.

use burn::tensor::Tensor;

use super::Linear;
use crate::{Result, weights::Weights};

/// GEGLU: a linear layer to values and gates, their product, a linear layer back.
#[derive(Debug)]
pub struct FeedForward {
    proj: Linear,
    out: Linear,
}

impl FeedForward {
    /// Reads `net.0.proj` and `net.2`.
    pub fn load(w: &Weights) -> Result<Self> {
        Ok(Self { proj: Linear::load(&w.pp("net.0.proj"))?, out: Linear::load(&w.pp("net.2"))? })
    }

    /// The layer plus `residual`.
    ///
    /// # Shapes
    /// - `x`, `residual`, output: `[rows, channels]`
    pub fn forward_residual(&self, x: Tensor<2>, residual: Tensor<2>) -> Tensor<2> {
        self.out.forward_residual(self.proj.forward_geglu(x), residual)
    }
}
