mod conditioning;
pub mod control;
mod guider;
pub mod lora;
mod pipe;
mod stage;
