//! Burnish: detail a masked region of a picture with Stable Diffusion.
//!
//! The layers, each knowing only those above it in this list: [`error`], [`geometry`] and
//! [`monitor`] serve everyone; [`image`] and [`segs`] turn a painted mask into segments on the CPU;
//! [`weights`] reads checkpoints by byte range; [`ops`] are the tensor operations the networks are
//! built from, [`nn`] the layers, [`models`] the networks; [`sampling`] knows noise levels and
//! steps; [`wildcards`] fills in prompts; [`diffusion`] brings networks and sampling together for
//! one latent; [`detailer`] does so for the segments of a picture.

pub mod detailer;
pub mod device;
pub mod diffusion;
pub mod error;
pub mod geometry;
pub mod image;
pub mod models;
pub mod monitor;
pub mod nn;
pub mod ops;
pub mod sampling;
pub mod segs;
#[cfg(target_arch = "wasm32")]
mod wasm;
pub mod weights;
pub mod wildcards;

pub use error::{Error, Result};
