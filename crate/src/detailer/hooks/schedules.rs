//! Settings that change from cycle to cycle.
//!
//! Only the first is a detailer hook in the reference; the other two are the arithmetic of its hooks
//! for iterative upscalers.

use serde::{Deserialize, Serialize};

use super::{Cycle, DetailerHook, Pending, at_once};
use crate::diffusion::KSampleSettings;

/// `denoise` goes to a target in the last cycle; with one cycle it stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DenoiseSchedule {
    /// In the last cycle; above 0, at most 1.
    pub target_denoise: f64,
}

impl Default for DenoiseSchedule {
    fn default() -> Self {
        Self { target_denoise: 0.3 }
    }
}

impl DetailerHook for DenoiseSchedule {
    fn pre_ksample(
        &mut self,
        settings: KSampleSettings,
        cycle: Cycle,
    ) -> Pending<'_, KSampleSettings> {
        let denoise = cycle.through(settings.denoise, self.target_denoise);
        at_once(Ok(KSampleSettings { denoise, ..settings }))
    }
}

/// `cfg` goes to a target in the last cycle, cut off to whole numbers on the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CfgSchedule {
    /// In the last cycle.
    pub target_cfg: f64,
}

impl Default for CfgSchedule {
    fn default() -> Self {
        Self { target_cfg: 3.0 }
    }
}

impl DetailerHook for CfgSchedule {
    fn pre_ksample(
        &mut self,
        settings: KSampleSettings,
        cycle: Cycle,
    ) -> Pending<'_, KSampleSettings> {
        let cfg = cycle.through(settings.cfg.into(), self.target_cfg).trunc() as f32;
        let cfg = if cycle.count > 1 { cfg } else { settings.cfg };
        at_once(Ok(KSampleSettings { cfg, ..settings }))
    }
}

/// `steps` go to a target in the last cycle, cut off to whole numbers on the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StepsSchedule {
    /// In the last cycle; at least 1.
    pub target_steps: usize,
}

impl Default for StepsSchedule {
    fn default() -> Self {
        Self { target_steps: 20 }
    }
}

impl DetailerHook for StepsSchedule {
    fn pre_ksample(
        &mut self,
        settings: KSampleSettings,
        cycle: Cycle,
    ) -> Pending<'_, KSampleSettings> {
        let steps = cycle.through(settings.steps as f64, self.target_steps as f64) as usize;
        at_once(Ok(KSampleSettings { steps, ..settings }))
    }
}
