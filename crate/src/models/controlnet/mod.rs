//! The ControlNet of Stable Diffusion 1.x, Zhang et al. 2023: a copy of the UNet's way down that
//! sees a picture as well, and says what to add to the UNet's skip connections.

mod hint;
mod network;

pub use crate::nn::Residuals;
pub use network::ControlNet;
