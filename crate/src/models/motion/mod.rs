//! AnimateDiff: attention between the frames of a clip, put into the UNet's blocks.
//!
//! A motion module is a file of its own. The UNet asks for its layers through
//! [`Temporal`](crate::nn::Temporal), so that neither network knows the other.

mod attention;
mod config;
mod gain;
mod network;
mod transformer;

pub use config::{MotionConfig, MotionVersion};
pub use gain::Gain;
pub use network::{MotionModule, MotionPass};
