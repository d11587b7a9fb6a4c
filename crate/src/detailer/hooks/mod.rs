//! Looking in on a detailing run, and changing it, from outside the pipeline.

mod chain;

use burn::tensor::Tensor;

pub use chain::HookChain;

use crate::diffusion::{KSampleSettings, Latent};
use crate::geometry::{Rect, Size};
use crate::image::Frames;

/// Which round over a segment this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// From 0.
    pub index: usize,
    /// How many there are.
    pub count: usize,
}

/// Looks in on a detailing run. Every method returns what it was given unless it overrides it.
///
/// Listed in the order they are called; those from [`cycle_latent`](Self::cycle_latent) to
/// [`custom_noise`](Self::custom_noise) once per cycle, the others once per segment.
pub trait DetailerHook {
    /// The region cut out around `bbox`, both in pixels of the image.
    fn post_crop_region(&mut self, _image: Size, _bbox: Rect, crop_region: Rect) -> Rect {
        crop_region
    }

    /// The size the crop is sampled at, in pixels.
    fn touch_scaled_size(&mut self, size: Size) -> Size {
        size
    }

    /// The encoded crop.
    fn post_encode(&mut self, latent: Latent) -> Latent {
        latent
    }

    /// What this cycle starts from.
    fn cycle_latent(&mut self, latent: Latent, _cycle: Cycle) -> Latent {
        latent
    }

    /// How this cycle is sampled.
    fn pre_ksample(&mut self, settings: KSampleSettings, _cycle: Cycle) -> KSampleSettings {
        settings
    }

    /// Noise to start this cycle from instead of the seed's; `None` leaves it to the seed.
    ///
    /// # Shapes
    /// - `previous`, output: as the latent's `samples`
    fn custom_noise(&mut self, _seed: u64, previous: Option<Tensor<4>>) -> Option<Tensor<4>> {
        previous
    }

    /// The latent about to be decoded.
    fn pre_decode(&mut self, latent: Latent) -> Latent {
        latent
    }

    /// The decoded crop, before it is brought back to its size in the image.
    fn post_decode(&mut self, frames: Frames) -> Frames {
        frames
    }

    /// The whole image after a segment went back into it.
    fn post_paste(&mut self, frames: Frames) -> Frames {
        frames
    }
}
