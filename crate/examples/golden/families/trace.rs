//! What a node did, call by call.

use super::replay::Array;
use burn::tensor::Tensor;
use burnish::detailer::hooks::{Cycle, DetailerHook, HookChain, Pending};
use burnish::diffusion::{KSampleSettings, Latent};
use burnish::geometry::Size;
use burnish::image::Frames;
use burnish::sampling::math::latent_tensor;

/// Remembers every sampling call and gives each the recorded start, so that one flipped level in
/// an earlier paste does not spread to later segments.
#[derive(Default)]
pub struct Trace<'h> {
    /// The hooks of the case itself.
    pub hooks: HookChain<'h>,
    pub recorded: Vec<Array>,
    pub seeds: Vec<String>,
    pub latents_in: Vec<Tensor<4>>,
    pub latents_out: Vec<Tensor<4>>,
    pub decoded: Vec<Frames>,
}

impl DetailerHook for Trace<'_> {
    fn touch_scaled_size(&mut self, size: Size) -> Pending<'_, Size> {
        self.hooks.touch_scaled_size(size)
    }

    fn post_encode(&mut self, latent: Latent) -> Pending<'_, Latent> {
        self.hooks.post_encode(latent)
    }

    fn cycle_latent(&mut self, latent: Latent, cycle: Cycle) -> Pending<'_, Latent> {
        if cycle.index > 0 {
            self.latents_out.push(latent.samples.clone());
        }
        Box::pin(async move {
            let latent = self.hooks.cycle_latent(latent, cycle).await?;
            let samples = latent.samples;
            let recorded = self.recorded.get(self.latents_in.len());
            self.latents_in.push(samples.clone());
            let samples = match recorded {
                Some(Array { shape, data }) if shape[..] == samples.dims() => {
                    latent_tensor(data.clone(), samples.dims(), &samples.device())
                }
                _ => samples,
            };
            Ok(Latent { samples, noise_mask: latent.noise_mask })
        })
    }

    fn pre_ksample(
        &mut self,
        settings: KSampleSettings,
        cycle: Cycle,
    ) -> Pending<'_, KSampleSettings> {
        Box::pin(async move {
            let settings = self.hooks.pre_ksample(settings, cycle).await?;
            self.seeds.push(settings.seed.to_string());
            Ok(settings)
        })
    }

    fn get_custom_noise<'a>(
        &'a mut self,
        seed: u64,
        latent: &'a Latent,
        previous: Option<Tensor<4>>,
    ) -> Pending<'a, Option<Tensor<4>>> {
        self.hooks.get_custom_noise(seed, latent, previous)
    }

    fn pre_decode(&mut self, latent: Latent) -> Pending<'_, Latent> {
        self.latents_out.push(latent.samples.clone());
        self.hooks.pre_decode(latent)
    }

    fn post_decode(&mut self, frames: Frames) -> Pending<'_, Frames> {
        self.decoded.push(frames.clone());
        self.hooks.post_decode(frames)
    }

    fn post_paste(&mut self, frames: Frames) -> Pending<'_, Frames> {
        self.hooks.post_paste(frames)
    }
}
