//! The initial noise mixed with that of another seed.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::{DetailerHook, Pending, at_once};
use crate::detailer::decimal;
use crate::diffusion::Latent;
use crate::sampling::math::latent_tensor;
use crate::sampling::noise::prepare_noise;

/// Mixes in a variation and keeps the variance: `((1 - s) a + s b) / sqrt((1 - s)² + s²)`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VariationNoise {
    /// Seed of the variation.
    #[serde(with = "decimal")]
    pub seed: u64,
    /// Its share, 0 to 1.
    pub strength: f64,
}

impl DetailerHook for VariationNoise {
    fn get_custom_noise<'a>(
        &'a mut self,
        seed: u64,
        latent: &'a Latent,
        previous: Option<Tensor<4>>,
    ) -> Pending<'a, Option<Tensor<4>>> {
        let (shape, device) = (latent.samples.dims(), latent.samples.device());
        let draw = |seed| latent_tensor(prepare_noise(seed, shape, None), shape, &device);
        let noise = previous.unwrap_or_else(|| draw(seed));
        let (kept, mixed) = (1.0 - self.strength, self.strength);
        let scale = (kept * kept + mixed * mixed).sqrt() as f32;
        let noise = (noise * kept as f32 + draw(self.seed) * mixed as f32) / scale;
        at_once(Ok(Some(noise)))
    }
}
