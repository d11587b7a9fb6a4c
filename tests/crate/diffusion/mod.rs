mod guider;
mod pipe;
mod stage;
