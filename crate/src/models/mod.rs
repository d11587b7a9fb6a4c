//! The networks of Stable Diffusion, one folder each; they do not know each other.

pub mod clip;
pub mod controlnet;
pub mod motion;
pub mod unet;
pub mod vae;
