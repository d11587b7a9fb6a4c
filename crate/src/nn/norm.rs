//! Normalisation layers.

use burn::tensor::Tensor;

use crate::{Result, ops, weights::Weights};

/// Groups in every group normalisation of Stable Diffusion.
const GROUPS: usize = 32;

/// Normalisation over 32 groups of channels.
#[derive(Debug)]
pub struct GroupNorm {
    weight: Tensor<1>,
    bias: Tensor<1>,
    eps: f32,
}

impl GroupNorm {
    /// Reads `weight` and `bias`; `eps` is added to the variance and is in no file.
    pub fn load(w: &Weights, channels: usize, eps: f32) -> Result<Self> {
        let shape = w.shape("weight")?;
        if channels == 0 || !channels.is_multiple_of(GROUPS) {
            return Err(w.wrong_shape("weight", "a multiple of 32", &shape));
        }
        let [weight, bias] = [w.tensor1("weight", [channels])?, w.tensor1("bias", [channels])?];
        Ok(Self { weight, bias, eps })
    }

    /// # Shapes
    /// - `x`, output: `[batch, height, width, channels]`
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        ops::group_norm(x, GROUPS, &self.weight, &self.bias, self.eps, false)
    }

    /// Followed by SiLU. Shapes as [`Self::forward`].
    pub fn forward_silu(&self, x: Tensor<4>) -> Tensor<4> {
        ops::group_norm(x, GROUPS, &self.weight, &self.bias, self.eps, true)
    }

    /// [`Self::forward`] over `span` items of the batch at a time: they share mean and deviation, as
    /// if they were one picture.
    pub fn forward_over(&self, x: Tensor<4>, span: usize) -> Tensor<4> {
        over(x, span, |x| self.forward(x))
    }

    /// [`Self::forward_over`], followed by SiLU.
    pub fn forward_silu_over(&self, x: Tensor<4>, span: usize) -> Tensor<4> {
        over(x, span, |x| self.forward_silu(x))
    }
}

/// What `norm` makes of `x` with `span` items put below one another.
fn over(x: Tensor<4>, span: usize, norm: impl FnOnce(Tensor<4>) -> Tensor<4>) -> Tensor<4> {
    let shape @ [batch, height, width, channels] = x.dims();
    if span == 1 {
        return norm(x);
    }
    norm(x.reshape([batch / span, span * height, width, channels])).reshape(shape)
}

/// Normalisation of every token.
#[derive(Debug)]
pub struct LayerNorm {
    weight: Tensor<1>,
    bias: Tensor<1>,
}

impl LayerNorm {
    /// Added to the variance.
    const EPS: f32 = 1e-5;

    /// Reads `weight` and `bias` of `channels` values.
    pub fn load(w: &Weights, channels: usize) -> Result<Self> {
        let [weight, bias] = [w.tensor1("weight", [channels])?, w.tensor1("bias", [channels])?];
        Ok(Self { weight, bias })
    }

    /// # Shapes
    /// - `x`, output: `[rows, channels]`
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        ops::layer_norm(x, &self.weight, &self.bias, Self::EPS)
    }
}
