//! Sigmas and steps: how a noisy latent becomes a clean one.
//!
//! Sees a [`Denoiser`], never a model. Schedules say at which noise levels the denoiser is
//! asked, samplers what is done with its answers; both are rows of a table.

mod beta_schedules;
pub mod context;
mod denoiser;
mod latent_format;
pub mod math;
pub mod model_sampling;
pub mod noise;
pub mod preview;
mod run;
pub mod samplers;
pub mod schedules;
mod step_noise;
pub mod sub_schedule;

pub use beta_schedules::{
    AUTOSELECT, BETA_SCHEDULES, BetaScheduleRow, HOTSHOT_XL, LCM, MotionBase, SD15_MOTION,
    SDXL_MOTION, USE_EXISTING, beta_schedule,
};
pub use denoiser::{Denoiser, Guess, Guessing};
pub use latent_format::LatentFormat;
pub use model_sampling::ModelSampling;
pub use run::{Place, Run};
pub use samplers::{SAMPLERS, SamplerRow};
pub use schedules::{SCHEDULERS, SchedulerRow};
pub use step_noise::{NoiseMode, StepNoise};
