//! The UNet of Stable Diffusion: predicts the noise in a latent, given a time and a text.

mod block;
mod context;
mod label;
mod network;

pub use context::ContextCache;
pub use label::label;
pub use network::Unet;
