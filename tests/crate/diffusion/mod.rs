mod conditioning;
mod guider;
mod pipe;
mod stage;
