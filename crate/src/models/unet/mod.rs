//! The UNet of Stable Diffusion: predicts the noise in a latent, given a time and a text.

mod label;
mod network;

pub use crate::nn::{ContextCache, PassSize, Temporal};
pub use label::label;
pub use network::Unet;
