//! What a setting of a node or a hook may be.

use serde::Serialize;
use serde_json::Value;

use super::hooks::CoreMl;
use crate::error::{Error, Result};
use crate::sampling::context::{ContextSchedule, FuseMethod};
use crate::sampling::noise::NoiseLayout;
use crate::sampling::{BETA_SCHEDULES, SAMPLERS, SCHEDULERS};
use crate::segs::filter::MEASURES;

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Domain {
    /// A number from `min` to `max`, both included.
    Number {
        /// Least value.
        min: f64,
        /// Largest value.
        max: f64,
        /// What one click of a spinner adds.
        step: f64,
    },
    /// Yes or no.
    Flag,
    /// A whole number below 2^64, as a decimal string.
    Seed,
    /// Any text.
    Text,
    /// One of a list.
    Choice(Choice),
    /// A [`SchedulerFunc`](crate::diffusion::SchedulerFunc), or nothing.
    SchedulerFunc,
    /// A list of hooks, each `{ type, ... }` as [`HOOKS`](super::hooks::HOOKS) describes it.
    Hooks,
}

/// The lists a setting may be chosen from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Choice {
    /// Names in [`SAMPLERS`].
    Sampler,
    /// Names in [`SCHEDULERS`].
    Scheduler,
    /// Variants of [`GuideSizeFor`](super::GuideSizeFor).
    GuideSizeFor,
    /// Variants of [`NoiseMode`](crate::sampling::NoiseMode).
    NoiseMode,
    /// Variants of [`CycleSchedule`](super::hooks::CycleSchedule).
    CycleSchedule,
    /// Whether a result is normalised.
    Normalize,
    /// What filters measure, names in [`MEASURES`].
    Measure,
    /// Sizes in [`CoreMl::MODES`].
    CoreMlMode,
    /// Names in [`BETA_SCHEDULES`].
    BetaSchedule,
    /// Variants of [`NoiseLayout`].
    NoiseType,
    /// Variants of [`ContextSchedule`].
    ContextSchedule,
    /// Variants of [`FuseMethod`].
    FuseMethod,
}

impl Choice {
    /// Every name that may be chosen, in the order to list them.
    pub fn names(self) -> Vec<&'static str> {
        match self {
            Self::Sampler => SAMPLERS.iter().map(|row| row.name).collect(),
            Self::Scheduler => SCHEDULERS.iter().map(|row| row.name).collect(),
            Self::GuideSizeFor => vec!["bbox", "crop_region"],
            Self::NoiseMode => vec!["current", "same_seed", "mid2024"],
            Self::CycleSchedule => vec!["skip_start", "from_start"],
            Self::Normalize => vec!["disable", "enable"],
            Self::Measure => MEASURES.iter().map(|row| row.0).collect(),
            Self::CoreMlMode => CoreMl::MODES.to_vec(),
            Self::BetaSchedule => BETA_SCHEDULES.iter().map(|row| row.name).collect(),
            Self::NoiseType => NoiseLayout::NAMES.to_vec(),
            Self::ContextSchedule => ContextSchedule::NAMES.to_vec(),
            Self::FuseMethod => FuseMethod::NAMES.to_vec(),
        }
    }
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct SettingRow {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub domain: Domain,
}

/// A row.
pub const fn setting(name: &'static str, domain: Domain) -> SettingRow {
    SettingRow { name, domain }
}

/// A range of numbers.
pub const fn number(min: f64, max: f64, step: f64) -> Domain {
    Domain::Number { min, max, step }
}

/// Largest side of a picture the reference accepts.
pub const MAX_RESOLUTION: f64 = 16384.0;
/// Sampling steps.
pub const STEPS: Domain = number(1.0, 10000.0, 1.0);
/// Guidance strength.
pub const CFG: Domain = number(0.0, 100.0, 0.1);
/// Share of a schedule that is run.
pub const DENOISE: Domain = number(0.0001, 1.0, 0.01);

impl SettingRow {
    /// Whether its number among `settings` lies in its range; what is left out does.
    pub fn check(&self, settings: &Value) -> Result<()> {
        let Domain::Number { min, max, .. } = self.domain else { return Ok(()) };
        let Some(value) = settings.get(self.name).and_then(Value::as_f64) else { return Ok(()) };
        if (min..=max).contains(&value) {
            return Ok(());
        }
        Err(Error::SettingRange {
            name: self.name,
            value: value.to_string(),
            range: format!("between {min} and {max}"),
        })
    }
}
