//! Schedules: which noise levels a run passes through.
//!
//! Each gives `steps + 1` sigmas from most noise down to 0, unless its own docs say otherwise.

use super::model_sampling::ModelSampling;
use crate::error::{Error, Result};

mod align_your_steps;
mod beta;
mod ddim_uniform;
mod exponential;
mod gits;
mod gits_levels;
mod karras;
mod kl_optimal;
mod linear_quadratic;
mod log_linear;
mod normal;
mod optimal_steps;
mod sgm_uniform;
mod simple;

pub use align_your_steps::{AYS_SD1, AYS_SDXL, AYS_SVD, align_your_steps};
pub use beta::beta;
pub use ddim_uniform::ddim_uniform;
pub use exponential::exponential;
pub use gits::{GITS, gits};
pub use karras::karras;
pub use kl_optimal::kl_optimal;
pub use linear_quadratic::linear_quadratic;
pub use normal::normal;
pub use optimal_steps::{OSS_CHROMA, OSS_FLUX, OSS_WAN, optimal_steps};
pub use sgm_uniform::sgm_uniform;
pub use simple::simple;

/// A schedule under the name the nodes know it by.
#[derive(Debug, Clone, Copy)]
pub struct SchedulerRow {
    /// Name in the nodes' lists.
    pub name: &'static str,
    /// Sigmas for a model and a number of steps, which is at least 1.
    pub sigmas: fn(&ModelSampling, usize) -> Vec<f32>,
}

/// Every schedule, in the order the page lists them.
pub static SCHEDULERS: &[SchedulerRow] = &[
    SchedulerRow { name: "normal", sigmas: normal },
    SchedulerRow {
        name: "karras",
        sigmas: |model, steps| karras(steps, model.sigma_min(), model.sigma_max()),
    },
    SchedulerRow {
        name: "exponential",
        sigmas: |model, steps| exponential(steps, model.sigma_min(), model.sigma_max()),
    },
    SchedulerRow { name: "sgm_uniform", sigmas: sgm_uniform },
    SchedulerRow { name: "simple", sigmas: simple },
    SchedulerRow { name: "ddim_uniform", sigmas: ddim_uniform },
    SchedulerRow { name: "beta", sigmas: beta },
    SchedulerRow {
        name: "linear_quadratic",
        sigmas: |model, steps| linear_quadratic(steps, model.sigma_max()),
    },
    SchedulerRow {
        name: "kl_optimal",
        sigmas: |model, steps| kl_optimal(steps, model.sigma_min(), model.sigma_max()),
    },
    SchedulerRow { name: "AYS SDXL", sigmas: |_, steps| align_your_steps(&AYS_SDXL, steps) },
    SchedulerRow { name: "AYS SD1", sigmas: |_, steps| align_your_steps(&AYS_SD1, steps) },
    SchedulerRow { name: "AYS SVD", sigmas: |_, steps| align_your_steps(&AYS_SVD, steps) },
    GITS[3],
    SchedulerRow { name: "OSS FLUX", sigmas: |_, steps| optimal_steps(&OSS_FLUX, steps) },
    SchedulerRow { name: "OSS Wan", sigmas: |_, steps| optimal_steps(&OSS_WAN, steps) },
    SchedulerRow { name: "OSS Chroma", sigmas: |_, steps| optimal_steps(&OSS_CHROMA, steps) },
];

/// The row of a name; that of any GITS coefficient, listed or not.
pub fn scheduler(name: &str) -> Result<&'static SchedulerRow> {
    SCHEDULERS.iter().chain(GITS).find(|row| row.name == name).ok_or_else(|| {
        Error::UnknownScheduler {
            name: name.to_owned(),
            known: SCHEDULERS.iter().map(|row| row.name).collect(),
        }
    })
}

/// `count` equally spaced values from `start` to `end`, counted from the nearer end as torch does.
fn linspace(start: f32, end: f32, count: usize) -> Vec<f32> {
    if count < 2 {
        return vec![start; count];
    }
    let step = (end - start) / (count - 1) as f32;
    (0..count)
        .map(|index| {
            if index < count / 2 {
                step.mul_add(index as f32, start)
            } else {
                (-step).mul_add((count - 1 - index) as f32, end)
            }
        })
        .collect()
}

/// The sigmas with a 0 after the last.
fn ending_in_zero(sigmas: impl IntoIterator<Item = f32>) -> Vec<f32> {
    sigmas.into_iter().chain([0.0]).collect()
}
