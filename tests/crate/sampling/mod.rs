mod model_sampling;
mod noise;
mod schedules;
mod sub_schedule;
