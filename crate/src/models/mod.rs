//! The networks of Stable Diffusion, one folder or file each; they do not know each other.

pub mod clip;
pub mod controlnet;
pub mod motion;
pub mod taesd;
pub mod unet;
pub mod vae;
