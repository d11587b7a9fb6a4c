//! What a sampler knows of a model: something that guesses the clean latent.

use std::future::Future;
use std::pin::Pin;

use burn::tensor::Tensor;

use crate::error::Result;

/// A guess on its way: long ones let the event loop breathe, and may be cancelled.
pub type Guessing<'a> = Pin<Box<dyn Future<Output = Result<Guess>> + 'a>>;

/// Predicts the clean latent from a noisy one; guidance and the noise mask are already inside.
pub trait Denoiser {
    /// `x` is at noise level `sigma`, in model space (scaled by the latent factor).
    ///
    /// # Shapes
    /// - `x`, output: `[batch, 4, height / 8, width / 8]`
    fn denoise<'a>(&'a mut self, x: &'a Tensor<4>, sigma: f32) -> Guessing<'a>;

    /// The same with the guess without the prompt, which CFG++ samplers take their slope from.
    fn denoise_with_uncond<'a>(&'a mut self, x: &'a Tensor<4>, sigma: f32) -> Guessing<'a>;

    /// A picture of a clean latent for whoever watches, where there is something to paint it with.
    ///
    /// # Shapes
    /// - `latent`: `[1, 4, height / 8, width / 8]`, model space
    /// - output: `[1, height, width, 3]`, about 0..1
    fn paint(&self, _latent: Tensor<4>) -> Option<Tensor<4>> {
        None
    }
}

/// What a model thinks of a noisy latent.
#[derive(Debug)]
pub struct Guess {
    /// The clean latent.
    pub denoised: Tensor<4>,
    /// The clean latent without the prompt and without the noise mask's blending, if asked for.
    pub uncond: Option<Tensor<4>>,
}
