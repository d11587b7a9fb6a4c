//! What a ControlNet adds to a UNet.

use burn::tensor::Tensor;

/// Additions to a UNet's skip connections, in the order of its blocks on the way down, and to its
/// middle; `[batch, height, width, channels]` each.
#[derive(Clone, Debug)]
pub struct Residuals {
    /// One for each skip connection.
    pub skips: Vec<Tensor<4>>,
    /// After the middle block.
    pub middle: Tensor<4>,
}

impl Residuals {
    /// Every addition times `strength`.
    #[must_use]
    pub fn scaled(self, strength: f32) -> Self {
        if strength == 1.0 {
            return self;
        }
        let skips = self.skips.into_iter().map(|skip| skip * strength).collect();
        Self { skips, middle: self.middle * strength }
    }

    /// Every addition replaced by its mean over the picture.
    #[must_use]
    pub fn averaged(self) -> Self {
        let averaged = |x: Tensor<4>| {
            let shape = x.dims();
            x.mean_dim(1).mean_dim(2).expand(shape)
        };
        let skips = self.skips.into_iter().map(averaged).collect();
        Self { skips, middle: averaged(self.middle) }
    }

    /// The sums of both; they are for the same UNet.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let skips = self.skips.into_iter().zip(other.skips).map(|(a, b)| a + b).collect();
        Self { skips, middle: self.middle + other.middle }
    }
}
