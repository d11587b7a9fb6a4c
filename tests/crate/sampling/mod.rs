mod model_sampling;
mod noise;
mod preview;
mod samplers;
mod schedules;
mod sub_schedule;
