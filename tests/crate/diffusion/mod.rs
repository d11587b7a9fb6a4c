mod conditioning;
pub mod control;
mod families;
mod guider;
pub mod lora;
pub mod motion;
mod pipe;
mod stage;
