//! Prompts as the UNet reads them.

use burn::tensor::Tensor;

/// An encoded prompt.
#[derive(Debug, Clone)]
pub struct Conditioning {
    /// `[1, tokens, channels]`; tokens are a multiple of 77.
    pub cross_attn: Tensor<3>,
}
