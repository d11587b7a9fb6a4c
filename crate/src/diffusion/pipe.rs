//! A checkpoint with everything it takes to sample from it.

use std::rc::Rc;

use burn::tensor::Device;

use super::conditioning::Conditioning;
use super::manifest::{ModelManifest, PredictionType};
use super::predictor::UnetPredictor;
use crate::error::Result;
use crate::models::clip::Clip;
use crate::models::unet::Unet;
use crate::models::vae::Vae;
use crate::monitor::Monitor;
use crate::sampling::ModelSampling;
use crate::weights::{Safetensors, keys};

/// Text encoder, UNet and VAE of one checkpoint, on one device.
#[derive(Debug)]
pub struct Pipe {
    /// Text encoder.
    pub clip: Clip,
    /// Denoising network.
    pub unet: Unet,
    /// Between pixels and latents.
    pub vae: Vae,
    /// The UNet's noise levels.
    pub sampling: ModelSampling,
    /// What the UNet's output means.
    pub prediction: PredictionType,
    /// Where the networks live.
    pub device: Device,
}

impl Pipe {
    /// Reads the networks tensor by tensor, reporting [`Event::Loading`] on the way.
    ///
    /// [`Event::Loading`]: crate::monitor::Event::Loading
    pub fn load(
        source: Rc<Safetensors>,
        manifest: &ModelManifest,
        device: &Device,
        monitor: &dyn Monitor,
    ) -> Result<Self> {
        Ok(Self {
            clip: Clip::load(&keys::CLIP.of(&source, device)?, manifest.clip_heads)?,
            unet: Unet::load(&keys::UNET.of(&source, device)?)?,
            vae: Vae::load(&keys::VAE.of(&source, device)?)?,
            sampling: ModelSampling::default(),
            prediction: manifest.prediction,
            device: device.clone(),
        })
    }

    /// Encodes a prompt, weights in brackets and all.
    pub fn encode_prompt(&self, text: &str) -> Result<Conditioning> {
        Ok(Conditioning { cross_attn: self.clip.encode(text)? })
    }

    /// The UNet under two prompts.
    pub fn predictor<'a>(
        &'a self,
        positive: &'a Conditioning,
        negative: &'a Conditioning,
    ) -> UnetPredictor<'a> {
        UnetPredictor::new(&self.unet, &self.sampling, self.prediction, positive, negative)
    }
}
