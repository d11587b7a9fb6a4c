//! Schedules that come as a function instead of a name: the nodes' `scheduler_func_opt`.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::sampling::ModelSampling;
use crate::sampling::schedules::gits;

/// A function from a number of steps to noise levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum SchedulerFunc {
    /// The GITS provider.
    #[serde(rename = "GITS")]
    Gits {
        /// 0.80 to 1.50 in steps of 0.05; lower ones spend more steps on little noise.
        #[serde(default = "usual_coeff")]
        coeff: f64,
        /// Share of the levels to keep, from the end. A node picks its steps from the front all
        /// the same, so below 1 it runs fewer of them, or none.
        #[serde(default = "all")]
        denoise: f64,
    },
}

impl SchedulerFunc {
    /// Noise levels for `steps` steps, down to 0.
    pub fn sigmas(&self, sampling: &ModelSampling, steps: usize) -> Result<Vec<f32>> {
        let Self::Gits { coeff, denoise } = *self;
        let mut sigmas = (gits(coeff)?.sigmas)(sampling, steps);
        let kept = (steps as f64 * denoise).round_ties_even() as usize + 1;
        Ok(sigmas.split_off(sigmas.len().saturating_sub(kept)))
    }
}

fn usual_coeff() -> f64 {
    1.2
}

fn all() -> f64 {
    1.0
}
