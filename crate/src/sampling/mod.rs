//! Noise levels and steps. Knows no model, prompt or mask.

pub mod model_sampling;
pub mod noise;
pub mod schedules;
pub mod sub_schedule;
