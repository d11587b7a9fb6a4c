//! Sampling under a mask: the kept part is shown to the model, but never changed by it.

use burn::tensor::{DType, Tensor};

use crate::geometry::Size;
use crate::image::Mask;
use crate::image::resize::bilinear;
use crate::sampling::ModelSampling;
use crate::sampling::math::latent_tensor;

/// What a masked run keeps, and how.
#[derive(Debug)]
pub struct NoiseMask {
    /// 1 where the latent is to be made anew; `[1 or batch, 1, height, width]`.
    mask: Tensor<4>,
    /// The latent the run started from, in model space.
    latent: Tensor<4>,
    /// Unit noise added to the kept part for the model's eyes.
    noise: Tensor<4>,
    /// Differential diffusion, if the mask's grey values say when rather than how much.
    thresholds: Option<Thresholds>,
}

/// Differential diffusion (Levin and Fried 2023): a cell joins in once the run, as a fraction
/// of its timesteps, has come down to the mask's value.
#[derive(Debug, Clone)]
pub struct Thresholds {
    sampling: ModelSampling,
    from: f32,
    to: f32,
}

impl Thresholds {
    /// For a run over `sigmas`, which fall to 0.
    pub fn new(sampling: &ModelSampling, sigmas: &[f32]) -> Self {
        let first = sigmas.first().copied().unwrap_or_default();
        let last = sigmas.last().copied().unwrap_or_default().max(sampling.sigma_min());
        Self {
            from: sampling.timestep(first) as f32,
            to: sampling.timestep(last) as f32,
            sampling: sampling.clone(),
        }
    }

    fn at(&self, sigma: f32) -> f32 {
        (self.sampling.timestep(sigma) as f32 - self.to) / (self.from - self.to)
    }
}

/// Masks of any size over the cells of a latent, without rounding; `None` if there is no mask.
///
/// One mask serves the whole batch; several are repeated or cut off to its length.
///
/// # Shapes
/// - `samples`: `[batch, channels, height, width]`
/// - output: `[1 or batch, 1, height, width]`
pub fn stretched_over(masks: &[Mask], samples: &Tensor<4>) -> Option<Tensor<4>> {
    let [batch, _, height, width] = samples.dims();
    let count = if masks.len() > 1 { batch } else { masks.len() };
    if count == 0 {
        return None;
    }
    let size = Size::new(width as u32, height as u32);
    let data = masks.iter().cycle().take(count).flat_map(|mask| bilinear(mask, size).data);
    Some(latent_tensor(data.collect(), [count, 1, height, width], &samples.device()))
}

impl NoiseMask {
    /// `mask` as [`stretched_over`] the latent gives it.
    ///
    /// # Shapes
    /// - `latent`, `noise`: `[batch, 4, height, width]`, model space
    pub fn new(
        mask: Tensor<4>,
        latent: Tensor<4>,
        noise: Tensor<4>,
        thresholds: Option<Thresholds>,
    ) -> Self {
        Self { mask, latent, noise, thresholds }
    }

    /// The mask in force at `sigma`.
    pub fn at(&self, sigma: f32) -> Tensor<4> {
        match &self.thresholds {
            None => self.mask.clone(),
            Some(thresholds) => {
                self.mask.clone().greater_equal_elem(thresholds.at(sigma)).float().cast(DType::F32)
            }
        }
    }

    /// `x` inside the mask, the noised original outside: `x m + (latent + sigma noise) (1 - m)`.
    pub fn noised(&self, x: &Tensor<4>, sigma: f32, mask: &Tensor<4>) -> Tensor<4> {
        let kept = self.latent.clone() + self.noise.clone() * sigma;
        x.clone() * mask.clone() + kept * (mask.clone().neg() + 1.0)
    }

    /// `denoised` inside the mask, the original outside.
    pub fn restored(&self, denoised: Tensor<4>, mask: &Tensor<4>) -> Tensor<4> {
        denoised * mask.clone() + self.latent.clone() * (mask.clone().neg() + 1.0)
    }
}
