//! One run of a sampler: its model, its noise, and the way out to whoever watches.

use burn::tensor::Tensor;

use super::math::{computed, latent_tensor};
use super::preview::{painted, preview};
use super::step_noise::StepNoise;
use super::{Denoiser, Guess, ModelSampling};
use crate::error::Result;
use crate::monitor::{Event, Monitor, go_on};

/// Where in the whole job a run stands; only passed on in its reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Index of the segment.
    pub segment: usize,
    /// Index of the cycle over this segment.
    pub cycle: usize,
}

/// What a sampler gets besides the latent and the sigmas.
pub struct Run<'a> {
    denoiser: &'a mut dyn Denoiser,
    sampling: &'a ModelSampling,
    noise: StepNoise,
    monitor: &'a dyn Monitor,
    place: Place,
    denoised: Option<Tensor<4>>,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("place", &self.place).finish_non_exhaustive()
    }
}

impl<'a> Run<'a> {
    /// A run of nothing yet.
    pub fn new(
        denoiser: &'a mut dyn Denoiser,
        sampling: &'a ModelSampling,
        noise: StepNoise,
        monitor: &'a dyn Monitor,
        place: Place,
    ) -> Self {
        Self { denoiser, sampling, noise, monitor, place, denoised: None }
    }

    /// One evaluation of the model, see [`Denoiser::denoise`].
    pub async fn denoise(&mut self, x: &Tensor<4>, sigma: f32) -> Result<Tensor<4>> {
        Ok(self.denoiser.denoise(x, sigma).await?.denoised)
    }

    /// One evaluation, with the guess without the prompt if `with_uncond`.
    pub async fn guess(&mut self, x: &Tensor<4>, sigma: f32, with_uncond: bool) -> Result<Guess> {
        if with_uncond {
            self.denoiser.denoise_with_uncond(x, sigma).await
        } else {
            Ok(Guess { uncond: None, ..self.denoiser.denoise(x, sigma).await? })
        }
    }

    /// The noise levels of the model at hand.
    pub fn sampling(&self) -> &ModelSampling {
        self.sampling
    }

    /// The next standard normal draw of this run, shaped like `x`.
    pub fn noise_like(&mut self, x: &Tensor<4>) -> Tensor<4> {
        let shape = x.dims();
        latent_tensor(self.noise.draw(shape.iter().product()), shape, &x.device())
    }

    /// Standard normal noise for a step from sigma `a` to sigma `b`, shaped like `x`; see
    /// [`StepNoise::between`].
    pub fn brownian_like(&mut self, x: &Tensor<4>, a: f32, b: f32) -> Tensor<4> {
        let shape = x.dims();
        latent_tensor(self.noise.between(a, b, shape.iter().product()), shape, &x.device())
    }

    /// Ends step `index` of `steps`, whose model evaluation gave `denoised`.
    ///
    /// Waits for the device, so that reports and cancelling keep up with it; shows a preview if
    /// one is wanted, lets the event loop breathe, and stops with [`crate::Error::Cancelled`] when the
    /// run is no longer wanted.
    pub async fn finish_step(
        &mut self,
        denoised: Tensor<4>,
        index: usize,
        steps: usize,
    ) -> Result<()> {
        let Place { segment, cycle } = self.place;
        if self.monitor.wants_preview() {
            let [_, channels, height, width] = denoised.dims();
            let first = denoised.clone().slice([0..1, 0..channels, 0..height, 0..width]);
            let event = match self.denoiser.paint(first.clone()) {
                Some(picture) => painted(picture).await?,
                None => preview(first, self.sampling.latent_format()).await?,
            };
            self.monitor.report(event);
        } else {
            computed(&denoised).await?;
        }
        self.denoised = Some(denoised);
        self.monitor.report(Event::Step { segment, cycle, step: index, steps });
        go_on(self.monitor).await
    }

    /// The prediction of the last finished step, `None` before the first.
    pub fn into_denoised(self) -> Option<Tensor<4>> {
        self.denoised
    }
}
