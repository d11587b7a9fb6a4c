mod math;
mod model_sampling;
mod noise;
mod preview;
mod samplers;
mod schedules;
mod step_noise;
mod sub_schedule;
