//! Looking in on a detailing run, and changing it, from outside the pipeline.
//!
//! One file and one row of [`HOOKS`] per provider.

mod black_patch_retry;
mod chain;
mod coreml;
mod custom_sampler;
mod cycle;
mod cycle_settings;
mod filters;
mod noise_injection;
mod preview;
mod schedules;
mod table;
mod unsampler;
mod variation_noise;

use std::future::{Future, ready};
use std::pin::Pin;

use burn::tensor::Tensor;

pub use black_patch_retry::BlackPatchRetry;
pub use chain::HookChain;
pub use coreml::CoreMl;
pub use custom_sampler::CustomSampler;
pub use cycle::{Cycle, CycleSchedule};
pub use cycle_settings::CycleSettings;
pub use filters::{LabelFilter, OrderedFilter, RangeFilter};
pub use noise_injection::NoiseInjection;
pub use preview::Preview;
pub use schedules::{CfgSchedule, DenoiseSchedule, StepsSchedule};
pub use table::{HOOKS, HookRow, hook_chain};
pub use unsampler::{Unsampler, UnsamplerSettings};
pub use variation_noise::VariationNoise;

use crate::diffusion::{KSampleSettings, Latent};
use crate::error::Result;
use crate::geometry::{Rect, Size};
use crate::image::Frames;
use crate::segs::Segs;

/// What a hook gives once it has waited for the device, or for whoever wrote it.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

/// An answer nobody has to wait for.
pub fn at_once<'a, T: 'a>(answer: Result<T>) -> Pending<'a, T> {
    Box::pin(ready(answer))
}

/// Looks in on a detailing run. Every method returns what it was given unless it overrides it; an
/// error ends the run.
///
/// Listed in the order they are called, under the names of the reference. The first two see a
/// painted mask become segments. Those from [`cycle_latent`](Self::cycle_latent) to
/// [`get_custom_noise`](Self::get_custom_noise) are called once per cycle, the others once per
/// segment.
pub trait DetailerHook {
    /// The region cut out around `bbox`, both in pixels of the image.
    fn post_crop_region(
        &mut self,
        _image: Size,
        _bbox: Rect,
        crop_region: Rect,
    ) -> Pending<'_, Rect> {
        at_once(Ok(crop_region))
    }

    /// The segments that were found.
    fn post_detection(&mut self, segs: Segs) -> Pending<'_, Segs> {
        at_once(Ok(segs))
    }

    /// The size the crop is sampled at, in pixels.
    fn touch_scaled_size(&mut self, size: Size) -> Pending<'_, Size> {
        at_once(Ok(size))
    }

    /// The encoded crop.
    fn post_encode(&mut self, latent: Latent) -> Pending<'_, Latent> {
        at_once(Ok(latent))
    }

    /// The name of a sampler to use as an object instead of the named one, see
    /// [`KSampleSettings::custom_sampler`].
    fn get_custom_sampler(&mut self) -> Pending<'_, Option<String>> {
        at_once(Ok(None))
    }

    /// What this cycle starts from.
    fn cycle_latent(&mut self, latent: Latent, _cycle: Cycle) -> Pending<'_, Latent> {
        at_once(Ok(latent))
    }

    /// How this cycle is sampled.
    fn pre_ksample(
        &mut self,
        settings: KSampleSettings,
        _cycle: Cycle,
    ) -> Pending<'_, KSampleSettings> {
        at_once(Ok(settings))
    }

    /// Noise to start this cycle from instead of that of `seed`, which is given for `latent`;
    /// `None` leaves it to the seed.
    ///
    /// # Shapes
    /// - `previous`, output: as `latent.samples`
    fn get_custom_noise<'a>(
        &'a mut self,
        _seed: u64,
        _latent: &'a Latent,
        previous: Option<Tensor<4>>,
    ) -> Pending<'a, Option<Tensor<4>>> {
        at_once(Ok(previous))
    }

    /// The latent about to be decoded.
    fn pre_decode(&mut self, latent: Latent) -> Pending<'_, Latent> {
        at_once(Ok(latent))
    }

    /// The decoded crop, before it is brought back to its size in the image.
    fn post_decode(&mut self, frames: Frames) -> Pending<'_, Frames> {
        at_once(Ok(frames))
    }

    /// Whether the new crop is to be made once more with the next seed; `attempt` counts from 0.
    fn should_retry_patch<'a>(
        &'a mut self,
        _patch: &'a Frames,
        _attempt: usize,
    ) -> Pending<'a, bool> {
        at_once(Ok(false))
    }

    /// The whole image after a segment went back into it.
    fn post_paste(&mut self, frames: Frames) -> Pending<'_, Frames> {
        at_once(Ok(frames))
    }
}
