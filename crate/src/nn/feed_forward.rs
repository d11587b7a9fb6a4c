//! The gated feed-forward layer of a transformer block.

use burn::tensor::Tensor;

use super::Linear;
use crate::{Result, weights::Weights};

/// Most numbers a layer that can be worked on in slices has at once beside its input and output:
/// 128 MiB in single precision, what every WebGPU adapter binds in one piece.
pub const SLICE_NUMBERS: usize = 1 << 25;

/// GEGLU: a linear layer to values and gates, their product, a linear layer back.
#[derive(Debug)]
pub struct FeedForward {
    proj: Linear,
    out: Linear,
}

impl FeedForward {
    /// Reads `net.0.proj` and `net.2`.
    pub fn load(w: &Weights, channels: usize) -> Result<Self> {
        let proj = Linear::load(&w.pp("net.0.proj"), Some(channels), None)?;
        let outputs = proj.outputs();
        if outputs % 2 != 0 {
            let found = [outputs, channels];
            return Err(w.wrong_shape("net.0.proj.weight", "a value for every gate", &found));
        }
        let out = Linear::load(&w.pp("net.2"), Some(outputs / 2), Some(channels))?;
        Ok(Self { proj, out })
    }

    /// The layer plus `residual`, in slices of rows where what lies between its two halves would
    /// take more than [`SLICE_NUMBERS`].
    ///
    /// # Shapes
    /// - `x`, `residual`, output: `[rows, channels]`
    pub fn forward_residual(&self, x: Tensor<2>, residual: Tensor<2>) -> Tensor<2> {
        let [rows, _] = x.dims();
        let slice = (SLICE_NUMBERS / self.proj.outputs().max(1)).max(1);
        if rows <= slice {
            return self.out.forward_residual(self.proj.forward_geglu(x), residual);
        }
        let slices = x.split(slice, 0).into_iter().zip(residual.split(slice, 0));
        let done = slices
            .map(|(x, residual)| self.out.forward_residual(self.proj.forward_geglu(x), residual));
        Tensor::cat(done.collect(), 0)
    }
}
