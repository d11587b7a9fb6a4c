//! Noise added to what a cycle starts from, before the sampler adds its own.

use serde::{Deserialize, Serialize};

use super::{Cycle, CycleSchedule, DetailerHook, Pending, at_once};
use crate::detailer::decimal;
use crate::diffusion::{Latent, stretched_over};
use crate::sampling::math::latent_tensor;
use crate::sampling::noise::prepare_noise;

/// Adds noise whose strength changes from cycle to cycle, inside the noise mask only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoiseInjection {
    /// At which cycle it begins.
    pub schedule_for_cycle: CycleSchedule,
    /// Seed of the noise; each cycle adds 2.
    #[serde(with = "decimal")]
    pub seed: u64,
    /// Strength in the first cycle, in the latent's own units.
    pub start_strength: f64,
    /// Strength that would be reached one cycle after the last.
    pub end_strength: f64,
}

impl Default for NoiseInjection {
    fn default() -> Self {
        Self {
            schedule_for_cycle: CycleSchedule::SkipStart,
            seed: 0,
            start_strength: 2.0,
            end_strength: 1.0,
        }
    }
}

impl NoiseInjection {
    fn inject(&self, latent: Latent, cycle: Cycle) -> Latent {
        let Some(place) = self.schedule_for_cycle.place(cycle) else { return latent };
        let samples = latent.samples;
        let dims = samples.dims();
        let noise = prepare_noise(self.seed.wrapping_add(2 * place.index as u64), dims, None);
        let strength = place.towards(self.start_strength, self.end_strength) as f32;
        let noised = samples.clone() + latent_tensor(noise, dims, &samples.device()) * strength;
        let samples = match stretched_over(&latent.noise_mask, &samples) {
            Some(mask) => noised * mask.clone() + samples * (mask.neg() + 1.0),
            None => noised,
        };
        Latent { samples, noise_mask: latent.noise_mask }
    }
}

impl DetailerHook for NoiseInjection {
    fn cycle_latent(&mut self, latent: Latent, cycle: Cycle) -> Pending<'_, Latent> {
        let latent = self.inject(latent, cycle);
        at_once(Ok(latent))
    }
}
