//! The UNet of Stable Diffusion 1.x: predicts the noise in a latent, given a time and a text.

mod block;
mod context;
mod network;

pub use context::ContextCache;
pub use network::Unet;
