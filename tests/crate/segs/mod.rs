mod combine;
mod condition;
mod from_mask;
mod scale;
