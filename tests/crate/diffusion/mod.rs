mod conditioning;
mod families;
mod guider;
mod pipe;
mod stage;
