//! Any number of hooks as one: the reference's DetailerHookCombine.

use std::fmt;

use burn::tensor::Tensor;

use super::{Cycle, DetailerHook, Pending};
use crate::diffusion::{KSampleSettings, Latent};
use crate::geometry::{Rect, Size};
use crate::image::Frames;
use crate::segs::Segs;

/// Hooks that see each other's results, first to last; empty it changes nothing.
#[derive(Default)]
pub struct HookChain<'h>(
    /// In the order they are asked.
    pub Vec<Box<dyn DetailerHook + 'h>>,
);

impl fmt::Debug for HookChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HookChain({} hooks)", self.0.len())
    }
}

/// Hands a value from hook to hook.
macro_rules! fold {
    ($chain:ident, $value:ident, $hook:ident => $ask:expr) => {
        Box::pin(async move {
            let mut $value = $value;
            for $hook in &mut $chain.0 {
                $value = $ask.await?;
            }
            Ok($value)
        })
    };
}

impl DetailerHook for HookChain<'_> {
    fn post_crop_region(
        &mut self,
        image: Size,
        bbox: Rect,
        crop_region: Rect,
    ) -> Pending<'_, Rect> {
        fold!(self, crop_region, hook => hook.post_crop_region(image, bbox, crop_region))
    }

    fn post_detection(&mut self, segs: Segs) -> Pending<'_, Segs> {
        fold!(self, segs, hook => hook.post_detection(segs))
    }

    fn touch_scaled_size(&mut self, size: Size) -> Pending<'_, Size> {
        fold!(self, size, hook => hook.touch_scaled_size(size))
    }

    fn post_encode(&mut self, latent: Latent) -> Pending<'_, Latent> {
        fold!(self, latent, hook => hook.post_encode(latent))
    }

    fn get_custom_sampler(&mut self) -> Pending<'_, Option<String>> {
        Box::pin(async move {
            let mut sampler = None;
            for hook in &mut self.0 {
                sampler = hook.get_custom_sampler().await?.or(sampler);
            }
            Ok(sampler)
        })
    }

    fn cycle_latent(&mut self, latent: Latent, cycle: Cycle) -> Pending<'_, Latent> {
        fold!(self, latent, hook => hook.cycle_latent(latent, cycle))
    }

    fn pre_ksample(
        &mut self,
        settings: KSampleSettings,
        cycle: Cycle,
    ) -> Pending<'_, KSampleSettings> {
        fold!(self, settings, hook => hook.pre_ksample(settings, cycle))
    }

    /// As the reference combines: as soon as there are two hooks, noise that any of them makes is
    /// lost, and the cycle starts from no noise at all.
    fn get_custom_noise<'a>(
        &'a mut self,
        seed: u64,
        latent: &'a Latent,
        previous: Option<Tensor<4>>,
    ) -> Pending<'a, Option<Tensor<4>>> {
        Box::pin(async move {
            let mut noise = previous.clone();
            for hook in &mut self.0 {
                noise = hook.get_custom_noise(seed, latent, noise).await?;
            }
            if self.0.len() < 2 || noise.is_none() {
                return Ok(noise);
            }
            Ok(Some(previous.unwrap_or_else(|| latent.samples.zeros_like())))
        })
    }

    fn pre_decode(&mut self, latent: Latent) -> Pending<'_, Latent> {
        fold!(self, latent, hook => hook.pre_decode(latent))
    }

    fn post_decode(&mut self, frames: Frames) -> Pending<'_, Frames> {
        fold!(self, frames, hook => hook.post_decode(frames))
    }

    /// All of them are asked, as each may count for itself.
    fn should_retry_patch<'a>(
        &'a mut self,
        patch: &'a Frames,
        attempt: usize,
    ) -> Pending<'a, bool> {
        Box::pin(async move {
            let mut retry = false;
            for hook in &mut self.0 {
                retry |= hook.should_retry_patch(patch, attempt).await?;
            }
            Ok(retry)
        })
    }

    fn post_paste(&mut self, frames: Frames) -> Pending<'_, Frames> {
        fold!(self, frames, hook => hook.post_paste(frames))
    }
}
