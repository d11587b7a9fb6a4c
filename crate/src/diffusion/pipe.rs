//! A checkpoint with everything it takes to sample from it.

use std::rc::Rc;

use burn::tensor::Device;

use super::conditioning::Conditioning;
use super::inpaint::EXTRA_CHANNELS;
use super::manifest::{ModelManifest, PredictionType};
use super::predictor::UnetPredictor;
use crate::error::{Error, Result};
use crate::models::clip::Clip;
use crate::models::unet::Unet;
use crate::models::vae::{LATENT_CHANNELS, Vae};
use crate::monitor::Monitor;
use crate::sampling::ModelSampling;
use crate::weights::keys::{self, Part};
use crate::weights::lora::LoraStrength;
use crate::weights::{KeptTensors, LoadProgress, Patch, Safetensors, Weights};

/// What an inpainting UNet is shown: the latent, a mask and a picture.
const INPAINT_CHANNELS: usize = LATENT_CHANNELS + EXTRA_CHANNELS;

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
    pub(super) origin: Rc<Origin>,
    /// What the networks were changed by, in this order.
    pub(super) loras: Vec<LoraStrength>,
}

/// What the networks were read from, for reading them again.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) source: Rc<Safetensors>,
    manifest: ModelManifest,
    kept: Rc<KeptTensors>,
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
        keys::check(&source)?;
        let (manifest, kept) = (manifest.clone(), Rc::default());
        Self::read(Rc::new(Origin { source, manifest, kept }), device, monitor, None)
    }

    /// The networks of `origin`, changed by `patch`; what it leaves as it is is shared with those
    /// that were read before.
    pub(super) fn read(
        origin: Rc<Origin>,
        device: &Device,
        monitor: &dyn Monitor,
        patch: Option<Rc<dyn Patch>>,
    ) -> Result<Self> {
        let Origin { source, manifest, kept } = &*origin;
        let parts = [&keys::CLIP, &keys::UNET, &keys::VAE];
        let total_bytes = parts.iter().map(|part| part.byte_len(source)).sum();
        let progress = LoadProgress::new(monitor, total_bytes);
        let weights = |part: &Part| -> Result<Weights<'_>> {
            let weights = part.of(source, device)?.watched(&progress).keeping(kept.clone());
            Ok(match &patch {
                Some(patch) => weights.patched(patch.clone()),
                None => weights,
            })
        };
        let clip = weights(&keys::CLIP)?;
        let heads = clip_heads(source, manifest, &clip)?;
        let pipe = Self {
            clip: Clip::load(&clip, heads)?,
            unet: Unet::load(&weights(&keys::UNET)?)?,
            vae: Vae::load(&weights(&keys::VAE)?)?,
            sampling: ModelSampling::default(),
            prediction: manifest.prediction,
            device: device.clone(),
            origin: origin.clone(),
            loras: Vec::new(),
        };
        progress.finish();
        match pipe.unet.in_channels() {
            LATENT_CHANNELS | INPAINT_CHANNELS => Ok(pipe),
            channels => Err(Error::UnsupportedCheckpoint {
                checkpoint: source.name().to_owned(),
                reason: format!(
                    "its UNet takes {channels} channels, {LATENT_CHANNELS} are needed, or \
                     {INPAINT_CHANNELS} to inpaint"
                ),
            }),
        }
    }

    /// Encodes a prompt, weights in brackets and all; clip skip and embeddings are [`Clip`]'s.
    pub fn encode_prompt(&self, text: &str) -> Result<Conditioning> {
        Ok(Conditioning::of(self.clip.encode(text)?))
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

/// Attention heads of the text encoder, which no shape tells.
fn clip_heads(file: &Safetensors, manifest: &ModelManifest, clip: &Weights) -> Result<usize> {
    /// Values of a head in every text encoder OpenAI and OpenCLIP trained.
    const HEAD_DIM: usize = 64;
    let stated = || file.metadata().get("clip_heads")?.parse().ok();
    match manifest.clip_heads.or_else(stated) {
        Some(heads) => Ok(heads),
        None => {
            let shape = clip.shape("embeddings.token_embedding.weight")?;
            Ok((shape.last().copied().unwrap_or_default() / HEAD_DIM).max(1))
        }
    }
}
