mod conditioning;
pub mod control;
mod families;
mod guider;
pub mod lora;
mod pipe;
mod stage;
