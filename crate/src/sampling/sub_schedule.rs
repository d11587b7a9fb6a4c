//! From steps and denoise to the stretch of a schedule that is run.

use super::model_sampling::ModelSampling;
use super::schedules::SchedulerRow;
use crate::error::{Error, Result};

/// A stretch of a longer schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct SubSchedule {
    /// The whole schedule.
    pub total: Vec<f32>,
    /// The steps the whole schedule was asked for; `denoise` is `steps` of these.
    pub schedule_steps: usize,
    /// Step of the whole schedule the run begins at.
    pub start: usize,
    /// The sigmas that are run. Empty: nothing is sampled and the latent stays as it is.
    pub executed: Vec<f32>,
}

impl SubSchedule {
    /// The sigmas Brownian noise is laid out over, see [`brownian_span`].
    pub fn brownian_span(&self) -> Vec<f32> {
        brownian_span(&self.total, self.schedule_steps, false)
    }
}

/// The sigmas Brownian noise is laid out over: the whole schedule, with a 0 where it was cut.
pub fn brownian_span(total: &[f32], end: usize, leftover_noise: bool) -> Vec<f32> {
    let mut span = total.to_vec();
    if let Some(end) = span.get_mut(end).filter(|_| !leftover_noise) {
        *end = 0.0;
    }
    span
}

/// The last `steps` steps of a schedule of `floor(steps / denoise)`.
///
/// `denoise` above 0 and at most 1. `discard_penultimate_sigma` is the sampler's column: those
/// samplers get one step more and lose the last but one sigma.
pub fn sub_schedule(
    model: &ModelSampling,
    scheduler: &SchedulerRow,
    discard_penultimate_sigma: bool,
    steps: usize,
    denoise: f64,
) -> Result<SubSchedule> {
    let schedule_steps = schedule_steps(steps, denoise)?;
    let start = schedule_steps - steps;
    let total = total_sigmas(model, scheduler, discard_penultimate_sigma, schedule_steps);
    let executed = stretch(&total, start, start + steps, false);
    Ok(SubSchedule { total, schedule_steps, start, executed })
}

/// Steps of the schedule whose last `steps` are run: `floor(steps / denoise)`.
pub fn schedule_steps(steps: usize, denoise: f64) -> Result<usize> {
    let range = |name, value: String, range: &str| {
        Err(Error::SettingRange { name, value, range: range.to_owned() })
    };
    if steps == 0 || steps > 10_000 {
        return range("steps", steps.to_string(), "from 1 to 10000");
    }
    if !(1e-4..=1.0).contains(&denoise) {
        return range("denoise", denoise.to_string(), "from 0.0001 to 1");
    }
    Ok((steps as f64 / denoise).floor() as usize)
}

/// The whole schedule of `steps` steps.
pub fn total_sigmas(
    model: &ModelSampling,
    scheduler: &SchedulerRow,
    discard_penultimate_sigma: bool,
    steps: usize,
) -> Vec<f32> {
    let mut sigmas = (scheduler.sigmas)(model, steps + usize::from(discard_penultimate_sigma));
    if discard_penultimate_sigma && sigmas.len() >= 2 {
        sigmas.remove(sigmas.len() - 2);
    }
    sigmas
}

/// Steps `start..end` of a schedule; empty if `start` lies at or beyond its end.
///
/// A list cut short at `end` is made to end in 0 unless `leftover_noise` is to be handed on.
pub fn stretch(total: &[f32], start: usize, end: usize, leftover_noise: bool) -> Vec<f32> {
    let mut sigmas = total.to_vec();
    if end + 1 < total.len() {
        sigmas.truncate(end + 1);
        if !leftover_noise {
            sigmas[end] = 0.0;
        }
    }
    if start + 1 < sigmas.len() { sigmas.split_off(start) } else { Vec::new() }
}
