//! The UNet of Stable Diffusion 1.x: predicts the noise in a latent, given a time and a text.

mod network;

pub use crate::nn::ContextCache;
pub use network::Unet;
