//! The noise levels a motion module may be sampled over, by the names AnimateDiff-Evolved gives them.

use super::ModelSampling;
use super::model_sampling::BetaSchedule::{Cosine, Linear, LinearSdxlMotion, Sqrt, SqrtLinear};
use crate::error::{Error, Result};

/// What a schedule may depend on.
#[derive(Debug, Clone, Copy)]
pub struct MotionBase<'a> {
    /// The checkpoint's own noise levels.
    pub own: &'a ModelSampling,
    /// The row that `autoselect` stands for: what the motion module was trained with.
    pub trained: &'static str,
}

/// One choice.
#[derive(Debug, Clone, Copy)]
pub struct BetaScheduleRow {
    /// Its name.
    pub name: &'static str,
    /// Noise levels, over latents of any kind; `None` leaves the checkpoint's.
    levels: fn() -> Option<ModelSampling>,
}

/// Stands for the schedule a module was trained with.
pub const AUTOSELECT: &str = "autoselect";
/// The checkpoint's own.
pub const USE_EXISTING: &str = "use existing";
/// What modules for Stable Diffusion 1.5 were trained with.
pub const SD15_MOTION: &str = "sqrt_linear (AnimateDiff)";
/// What AnimateDiff's modules for Stable Diffusion XL were trained with.
pub const SDXL_MOTION: &str = "linear (AnimateDiff-SDXL)";
/// What HotshotXL was trained with.
pub const HOTSHOT_XL: &str = "linear (HotshotXL/default)";
/// What AnimateLCM was trained with.
pub const LCM: &str = "lcm";

/// Every choice, in the order to list them.
pub static BETA_SCHEDULES: &[BetaScheduleRow] = &[
    BetaScheduleRow { name: AUTOSELECT, levels: || None },
    BetaScheduleRow { name: USE_EXISTING, levels: || None },
    BetaScheduleRow { name: SD15_MOTION, levels: || Some(ModelSampling::new(SqrtLinear)) },
    BetaScheduleRow { name: SDXL_MOTION, levels: || Some(ModelSampling::new(LinearSdxlMotion)) },
    BetaScheduleRow { name: HOTSHOT_XL, levels: || Some(ModelSampling::new(Linear)) },
    BetaScheduleRow { name: "avg(sqrt_linear,linear)", levels: || Some(mean()) },
    BetaScheduleRow { name: LCM, levels: || Some(ModelSampling::new(Linear).consistency(50)) },
    BetaScheduleRow {
        name: "lcm[100_ots]",
        levels: || Some(ModelSampling::new(Linear).consistency(100)),
    },
    BetaScheduleRow {
        name: "lcm >> sqrt_linear",
        levels: || Some(ModelSampling::new(SqrtLinear).consistency(50)),
    },
    BetaScheduleRow {
        name: "lcm avg(sqrt_linear,linear)",
        levels: || Some(mean().consistency(50)),
    },
    BetaScheduleRow { name: "sqrt", levels: || Some(ModelSampling::new(Sqrt)) },
    BetaScheduleRow { name: "cosine", levels: || Some(ModelSampling::new(Cosine)) },
    BetaScheduleRow { name: "squaredcos_cap_v2", levels: || Some(ModelSampling::new(Cosine)) },
];

/// Noise levels by the name of a choice, over latents of the kind `base` has.
pub fn beta_schedule(name: &str, base: MotionBase<'_>) -> Result<ModelSampling> {
    let name = if name == AUTOSELECT { base.trained } else { name };
    let row = BETA_SCHEDULES.iter().find(|row| row.name == name);
    let row = row.ok_or_else(|| Error::UnknownChoice {
        what: "beta schedule",
        name: name.to_owned(),
        known: BETA_SCHEDULES.iter().map(|row| row.name).collect(),
    })?;
    let own = || base.own.clone();
    Ok((row.levels)().map_or_else(own, |levels| levels.over(base.own.latent_format())))
}

fn mean() -> ModelSampling {
    ModelSampling::new(SqrtLinear).mean(&ModelSampling::new(Linear))
}
