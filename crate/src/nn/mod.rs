//! Layers more than one network uses, built on `ops`.
//!
//! Fields carry the checkpoint's names, and sizes are read off the tensors, so there is no
//! configuration beside the file.

/// Channels of a latent.
pub const LATENT_CHANNELS: usize = 4;
/// Channels of a picture.
pub const RGB: usize = 3;

mod attention;
mod block;
mod context;
mod conv;
mod feed_forward;
mod footprint;
mod linear;
mod norm;
mod resample;
mod residuals;
mod resnet;
mod temporal;
mod timestep;
mod transformer;

pub use attention::{CrossAttention, KeyValue};
pub use block::{Before, UnetBlock};
pub use context::ContextCache;
pub use conv::Conv2d;
pub use feed_forward::{FeedForward, SLICE_NUMBERS};
pub use footprint::{PassSize, UnetShape};
pub use linear::Linear;
pub use norm::{GroupNorm, LayerNorm};
pub use resample::{downsample, upsample};
pub use residuals::Residuals;
pub use resnet::{ResnetBlock, ResnetKeys};
pub use temporal::{Slot, Temporal};
pub use timestep::{TimestepEmbedding, timestep_embedding};
pub use transformer::{BasicTransformerBlock, SpatialTransformer};
