//! Networks meet sampling: a loaded checkpoint, prompts, latents and one sampling run.
//!
//! Knows nothing of segments or pictures larger than what it is given.

mod area;
mod basic_pipe;
mod branch;
pub mod conditioning;
mod control;
mod family;
pub mod guider;
mod inpaint;
pub mod ksampler;
pub mod latent;
mod lora;
mod manifest;
mod motion;
mod multival;
mod noise_mask;
mod pipe;
mod predictor;
pub mod refiner;
mod scheduler_func;
mod size_cond;
pub mod stage;
mod verify;
mod window;

pub use crate::weights::lora::{Lora, LoraStrength};
pub use basic_pipe::BasicPipe;
pub use conditioning::{Area, CondMask, CondText, Conditioning};
pub use control::{Control, ControlNets, load_control_net};
pub use guider::CfgDenoiser;
pub use inpaint::{InpaintImage, inpaint_conditioning};
pub use ksampler::KSampleSettings;
pub use latent::Latent;
pub use lora::LoraFiles;
pub use manifest::{Layout, ModelManifest, MotionManifest, PredictionType};
pub use motion::{Motion, MotionFile, MotionFiles, MotionSettings};
pub use multival::Multival;
pub use noise_mask::{NoiseMask, Thresholds, stretched_over};
pub use pipe::{Painter, Pipe, load_taesd};
pub use predictor::{Branches, Predicted, Predictor, UnetPredictor};
pub use refiner::{Refiner, ksample_refined};
pub use scheduler_func::SchedulerFunc;
pub use size_cond::Told;
pub use stage::{Stage, ksample, ksample_advanced, sample_stage};
pub use verify::{Check, verify};
