//! The `GITS` schedules: levels found by dynamic programming (Chen et al. 2024, "On the Trajectory
//! Regularity of ODE-based Diffusion Sampling"). The larger the coefficient, the less noise.

use super::SchedulerRow;
use super::gits_levels::{GITS_080, GITS_095, GITS_100, GITS_120, GITS_135, GITS_150, Levels};
use super::log_linear::log_linear;
use crate::error::{Error, Result};

macro_rules! rows {
    ($($name:literal: $levels:ident),* $(,)?) => {
        &[$(SchedulerRow { name: $name, sigmas: |_, steps| sigmas($levels, steps) }),*]
    };
}

/// A schedule for every coefficient there are levels of. The nodes list only that of 1.2; the
/// others come in by way of a scheduler function.
pub static GITS: &[SchedulerRow] = rows! {
    "GITS[coeff=0.8]": GITS_080,
    "GITS[coeff=0.95]": GITS_095,
    "GITS[coeff=1.0]": GITS_100,
    "GITS[coeff=1.2]": GITS_120,
    "GITS[coeff=1.35]": GITS_135,
    "GITS[coeff=1.5]": GITS_150,
};

/// The schedule of a coefficient.
pub fn gits(coefficient: f64) -> Result<&'static SchedulerRow> {
    let name = format!("GITS[coeff={coefficient:?}]");
    GITS.iter().find(|row| row.name == name).ok_or_else(|| Error::UnknownScheduler {
        name,
        known: GITS.iter().map(|row| row.name).collect(),
    })
}

/// The row for `steps`, or else the next longer one, or the longest there is, stretched. The model
/// plays no part.
///
/// A single step gets the end of the longest row, as in the reference: hardly any noise.
fn sigmas(levels: Levels, steps: usize) -> Vec<f32> {
    let longest = levels[levels.len() - 1];
    if steps < 2 {
        return log_linear(&longest[longest.len() - 2..], 2);
    }
    let row = levels.iter().find(|row| row.len() > steps).unwrap_or(&longest);
    log_linear(row, steps + 1)
}
