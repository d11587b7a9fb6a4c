//! The settings of one cycle as data, for hooks that are not written in Rust.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::detailer::decimal;
use crate::detailer::setting::{CFG, DENOISE, STEPS, SettingRow, setting};
use crate::diffusion::KSampleSettings;
use crate::error::{Error, Result};
use crate::sampling::samplers::sampler;
use crate::sampling::schedules::scheduler;

/// What [`pre_ksample`](super::DetailerHook::pre_ksample) may change in the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CycleSettings {
    /// Seed of the cycle's noise; a decimal string in JSON.
    #[serde(with = "decimal")]
    pub seed: u64,
    /// Steps that are run, 1 to 10000.
    pub steps: usize,
    /// Guidance strength, 0 to 100.
    pub cfg: f32,
    /// A name in [`SAMPLERS`](crate::sampling::SAMPLERS).
    pub sampler_name: String,
    /// A name in [`SCHEDULERS`](crate::sampling::SCHEDULERS).
    pub scheduler: String,
    /// Share of a longer schedule that is run, 0.0001 to 1.
    pub denoise: f64,
}

const RANGES: &[SettingRow] =
    &[setting("steps", STEPS), setting("cfg", CFG), setting("denoise", DENOISE)];

impl CycleSettings {
    /// Those of a cycle.
    pub fn of(settings: &KSampleSettings) -> Self {
        let KSampleSettings { seed, steps, cfg, denoise, .. } = *settings;
        let KSampleSettings { sampler_name, scheduler, .. } = settings.clone();
        Self { seed, steps, cfg, sampler_name, scheduler, denoise }
    }

    /// The same with the fields of `given` in place of its own.
    ///
    /// # Errors
    /// For a field that is none of these, for an unknown name and for a number out of its range.
    pub fn with(&self, given: &Value) -> Result<Self> {
        let malformed = |error: serde_json::Error| Error::BadRequest { reason: error.to_string() };
        let mut fields = serde_json::to_value(self).map_err(malformed)?;
        if let (Some(fields), Some(given)) = (fields.as_object_mut(), given.as_object()) {
            fields.extend(given.clone());
        }
        RANGES.iter().try_for_each(|row| row.check(&fields))?;
        let settings: Self = serde_json::from_value(fields).map_err(malformed)?;
        sampler(&settings.sampler_name)?;
        scheduler(&settings.scheduler)?;
        Ok(settings)
    }

    /// `settings` with these.
    pub fn put_into(self, settings: KSampleSettings) -> KSampleSettings {
        let Self { seed, steps, cfg, sampler_name, scheduler, denoise } = self;
        KSampleSettings { seed, steps, cfg, sampler_name, scheduler, denoise, ..settings }
    }
}
