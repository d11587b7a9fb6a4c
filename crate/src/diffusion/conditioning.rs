//! Prompts as the UNet reads them.

use burn::tensor::Tensor;

/// An encoded prompt.
#[derive(Debug, Clone)]
pub struct Conditioning {
    /// `[1, tokens, channels]`; tokens are a multiple of 77.
    pub cross_attn: Tensor<3>,
}

impl Conditioning {
    /// The tokens of this prompt followed by those of `next`.
    #[must_use]
    pub fn concat(&self, next: &Self) -> Self {
        Self { cross_attn: Tensor::cat(vec![self.cross_attn.clone(), next.cross_attn.clone()], 1) }
    }
}
