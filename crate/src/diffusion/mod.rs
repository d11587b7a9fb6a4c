//! Networks meet sampling: a loaded checkpoint, prompts, latents and one sampling run.
//!
//! Knows nothing of segments or pictures larger than what it is given.

pub mod conditioning;
pub mod guider;
pub mod ksampler;
pub mod latent;
mod manifest;
mod noise_mask;
mod pipe;
mod predictor;
pub mod stage;
mod verify;

pub use conditioning::Conditioning;
pub use guider::CfgDenoiser;
pub use ksampler::KSampleSettings;
pub use latent::Latent;
pub use manifest::{Layout, ModelManifest, PredictionType};
pub use noise_mask::{NoiseMask, Thresholds};
pub use pipe::Pipe;
pub use predictor::{Branches, Predicted, Predictor, UnetPredictor};
pub use stage::{Stage, ksample, ksample_advanced, sample_stage};
pub use verify::{Check, verify};
