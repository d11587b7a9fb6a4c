//! Any number of hooks as one.

use std::fmt;

use burn::tensor::Tensor;

use super::{Cycle, DetailerHook};
use crate::diffusion::{KSampleSettings, Latent};
use crate::geometry::{Rect, Size};
use crate::image::Frames;

/// Hooks that see each other's results, first to last; empty it changes nothing.
#[derive(Default)]
pub struct HookChain(
    /// In the order they are asked.
    pub Vec<Box<dyn DetailerHook>>,
);

impl fmt::Debug for HookChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HookChain({} hooks)", self.0.len())
    }
}

impl HookChain {
    fn fold<T>(&mut self, value: T, mut ask: impl FnMut(&mut dyn DetailerHook, T) -> T) -> T {
        self.0.iter_mut().fold(value, |value, hook| ask(hook.as_mut(), value))
    }
}

impl DetailerHook for HookChain {
    fn post_crop_region(&mut self, image: Size, bbox: Rect, crop_region: Rect) -> Rect {
        self.fold(crop_region, |hook, region| hook.post_crop_region(image, bbox, region))
    }

    fn touch_scaled_size(&mut self, size: Size) -> Size {
        self.fold(size, |hook, size| hook.touch_scaled_size(size))
    }

    fn post_encode(&mut self, latent: Latent) -> Latent {
        self.fold(latent, |hook, latent| hook.post_encode(latent))
    }

    fn cycle_latent(&mut self, latent: Latent, cycle: Cycle) -> Latent {
        self.fold(latent, |hook, latent| hook.cycle_latent(latent, cycle))
    }

    fn pre_ksample(&mut self, settings: KSampleSettings, cycle: Cycle) -> KSampleSettings {
        self.fold(settings, |hook, settings| hook.pre_ksample(settings, cycle))
    }

    fn custom_noise(&mut self, seed: u64, previous: Option<Tensor<4>>) -> Option<Tensor<4>> {
        self.fold(previous, |hook, previous| hook.custom_noise(seed, previous))
    }

    fn pre_decode(&mut self, latent: Latent) -> Latent {
        self.fold(latent, |hook, latent| hook.pre_decode(latent))
    }

    fn post_decode(&mut self, frames: Frames) -> Frames {
        self.fold(frames, |hook, frames| hook.post_decode(frames))
    }

    fn post_paste(&mut self, frames: Frames) -> Frames {
        self.fold(frames, |hook, frames| hook.post_paste(frames))
    }
}
