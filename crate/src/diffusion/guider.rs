//! Classifier-free guidance and the noise mask around a predictor.

use burn::tensor::Tensor;

use super::noise_mask::NoiseMask;
use super::predictor::{Branches, Predicted, Predictor};
use crate::error::Result;
use crate::sampling::{Denoiser, Guess, Guessing};

/// Makes one [`Denoiser`] of a model, a guidance strength and a mask.
#[derive(Debug)]
pub struct CfgDenoiser<P> {
    /// The model.
    pub predictor: P,
    /// Guidance: 1 is none, and then the negative prompt is not evaluated.
    pub cfg: f32,
    /// What to keep; `None` makes everything anew.
    pub noise_mask: Option<NoiseMask>,
}

impl<P: Predictor> CfgDenoiser<P> {
    async fn guided(&mut self, x: &Tensor<4>, sigma: f32, branches: Branches) -> Result<Guess> {
        let Predicted { cond, uncond } = self.predictor.predict(x, sigma, branches).await?;
        let denoised = match &uncond {
            Some(uncond) => uncond.clone() + (cond - uncond.clone()) * self.cfg,
            None => cond,
        };
        Ok(Guess { denoised, uncond })
    }

    async fn masked(&mut self, x: &Tensor<4>, sigma: f32, branches: Branches) -> Result<Guess> {
        let Some(noise_mask) = self.noise_mask.take() else {
            return self.guided(x, sigma, branches).await;
        };
        let mask = noise_mask.at(sigma);
        let guess = self.guided(&noise_mask.noised(x, sigma, &mask), sigma, branches).await?;
        let denoised = noise_mask.restored(guess.denoised, &mask);
        self.noise_mask = Some(noise_mask);
        Ok(Guess { denoised, ..guess })
    }
}

impl<P: Predictor> Denoiser for CfgDenoiser<P> {
    fn denoise<'a>(&'a mut self, x: &'a Tensor<4>, sigma: f32) -> Guessing<'a> {
        let branches = if is_one(self.cfg) { Branches::Cond } else { Branches::Both };
        Box::pin(self.masked(x, sigma, branches))
    }

    fn denoise_with_uncond<'a>(&'a mut self, x: &'a Tensor<4>, sigma: f32) -> Guessing<'a> {
        Box::pin(self.masked(x, sigma, Branches::Both))
    }

    fn paint(&self, latent: Tensor<4>) -> Option<Tensor<4>> {
        self.predictor.paint(latent)
    }
}

fn is_one(cfg: f32) -> bool {
    (f64::from(cfg) - 1.0).abs() <= 1e-9
}
