//! A checkpoint with everything it takes to sample from it.

use std::collections::VecDeque;
use std::rc::Rc;

use burn::tensor::Device;

use super::conditioning::Conditioning;
use super::family::family_row;
use super::inpaint::EXTRA_CHANNELS;
use super::manifest::{ModelManifest, PredictionType};
use super::predictor::UnetPredictor;
use crate::error::{Error, Result};
use crate::models::clip::{Clip, Encoded, TextEncoder, TextSpec};
use crate::models::taesd::Taesd;
use crate::models::unet::Unet;
use crate::models::vae::{LATENT_CHANNELS, Vae};
use crate::monitor::Monitor;
use crate::sampling::ModelSampling;
use crate::sampling::model_sampling::BetaSchedule;
use crate::weights::keys::{self, Part};
use crate::weights::lora::LoraStrength;
use crate::weights::recognise::Use;
use crate::weights::{
    Family, KeptTensors, LoadProgress, Patch, Precision, Recognised, Safetensors, Weights,
};

/// What an inpainting UNet is shown: the latent, a mask and a picture.
const INPAINT_CHANNELS: usize = LATENT_CHANNELS + EXTRA_CHANNELS;

/// Text encoders, UNet and VAE of one checkpoint, on one device.
#[derive(Debug)]
pub struct Pipe {
    /// Text encoders.
    pub clip: Clip,
    /// Denoising network.
    pub unet: Unet,
    /// Between pixels and latents.
    pub vae: Rc<Vae>,
    /// The UNet's noise levels, and the space of its latents.
    pub sampling: ModelSampling,
    /// What the UNet's output means.
    pub prediction: PredictionType,
    /// What paints previews, where there is something better than one colour per cell.
    pub painter: Option<Rc<Taesd>>,
    /// The line of models it belongs to.
    pub family: Family,
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
    pub(super) precision: Precision,
    /// Uploaded tensors of all networks but the VAE, which no LoRA changes.
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
        Self::load_stored(source, manifest, device, Precision::default(), monitor)
    }

    /// [`Self::load`] with weights kept as `precision` says, here and when they are read again.
    pub fn load_stored(
        source: Rc<Safetensors>,
        manifest: &ModelManifest,
        device: &Device,
        precision: Precision,
        monitor: &dyn Monitor,
    ) -> Result<Self> {
        Recognised::of(&source).checkpoint_family()?;
        let (manifest, kept) = (manifest.clone(), Rc::default());
        Self::read(Rc::new(Origin { source, manifest, precision, kept }), device, monitor, None)
    }

    /// The networks of `origin`, or those of `under` changed by a patch; what that leaves as it is is
    /// shared.
    pub(super) fn read(
        origin: Rc<Origin>,
        device: &Device,
        monitor: &dyn Monitor,
        under: Option<(&Self, Rc<dyn Patch>)>,
    ) -> Result<Self> {
        let Origin { source, manifest, precision, kept } = &*origin;
        let family = Recognised::of(source).checkpoint_family()?;
        let parts = keys::parts(Some(family));
        let total_bytes = parts.iter().map(|part| part.byte_len(source)).sum();
        let progress = LoadProgress::new(monitor, total_bytes);
        let weights = |part: &Part| -> Result<Weights<'_>> {
            let weights = part.of(source, device)?.watched(&progress).keeping(kept.clone());
            let weights = weights.stored(*precision);
            Ok(match &under {
                Some((_, patch)) => weights.patched(patch.clone()),
                None => weights,
            })
        };
        let row = family_row(family);
        let mut encoders = keys::text_encoders(family)
            .iter()
            .zip(row.texts)
            .map(|(part, spec)| {
                let w = weights(part)?;
                TextEncoder::load(&w, spec, clip_heads(source, manifest, &w, spec)?)
            })
            .collect::<Result<VecDeque<_>>>()?;
        let first = encoders.pop_front().ok_or_else(|| Error::UnsupportedCheckpoint {
            checkpoint: source.name().to_owned(),
            reason: "its family has no text encoder".to_owned(),
        })?;
        let w = weights(&keys::UNET)?;
        let pipe = Self {
            clip: Clip::new(first, encoders.into())?,
            unet: Unet::load(&w)?,
            vae: match under {
                Some((base, _)) => base.vae.clone(),
                None => Rc::new(read_vae(source, *precision, device, &progress)?),
            },
            sampling: noise_levels(source, manifest).over(row.latent),
            prediction: match manifest.prediction {
                Some(prediction) => prediction,
                None => prediction(source, family, &w)?,
            },
            painter: under.as_ref().and_then(|(base, _)| base.painter.clone()),
            family,
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

    /// Paints previews with `painter`, if it is for models like this one.
    pub fn paint_with(&mut self, painter: Option<&Painter>) {
        let latent = |family: Family| family_row(family).latent;
        let fits = |family: &Option<Family>| {
            family.is_none_or(|family| std::ptr::eq(latent(family), latent(self.family)))
        };
        let painter = painter.filter(|(_, family)| fits(family));
        self.painter = painter.map(|(taesd, _)| taesd.clone());
    }

    /// Puts the VAE of another file in place of the checkpoint's own: of a file that holds a VAE
    /// alone, or of another checkpoint.
    pub fn replace_vae(&mut self, source: Safetensors, monitor: &dyn Monitor) -> Result<()> {
        Recognised::of(&source).holds_vae()?;
        let source = &Rc::new(keys::vae_file(source));
        let progress = LoadProgress::new(monitor, keys::VAE.byte_len(source));
        self.vae = Rc::new(read_vae(source, self.origin.precision, &self.device, &progress)?);
        progress.finish();
        Ok(())
    }

    /// How precisely its weights are kept.
    pub fn precision(&self) -> Precision {
        self.origin.precision
    }

    /// Encodes a prompt, weights in brackets and all; clip skip and embeddings are [`Clip`]'s.
    pub fn encode_prompt(&self, text: &str) -> Result<Conditioning> {
        let Encoded { cross_attn, pooled } = self.clip.encode_pooled(text)?;
        Ok(Conditioning::of(cross_attn).with_pooled(&pooled))
    }

    /// The UNet under two prompts.
    pub fn predictor<'a>(
        &'a self,
        positive: &'a Conditioning,
        negative: &'a Conditioning,
    ) -> UnetPredictor<'a> {
        let told = family_row(self.family).told;
        UnetPredictor::new(&self.unet, &self.sampling, self.prediction, told, positive, negative)
            .painting(self.painter.as_deref())
    }
}

/// What paints previews, and the models it is for, as far as its file's name tells.
pub type Painter = (Rc<Taesd>, Option<Family>);

/// Reads a TAESD decoder.
///
/// # Errors
/// [`Error::UnsupportedCheckpoint`] for any other file.
pub fn load_taesd(file: Safetensors, device: &Device) -> Result<Painter> {
    let recognised = Recognised::of(&file);
    recognised.holds(Use::Taesd)?;
    let taesd = Taesd::load(&Weights::new(Rc::new(file), device.clone()))?;
    Ok((Rc::new(taesd), recognised.family))
}

fn read_vae(
    file: &Rc<Safetensors>,
    precision: Precision,
    device: &Device,
    progress: &LoadProgress<'_>,
) -> Result<Vae> {
    let weights = keys::VAE.of(file, device)?.watched(progress);
    Vae::load(&weights.stored(precision.for_pictures()))
}

/// The noise levels a checkpoint was trained on: those of its manifest, else those a marker in the
/// file stands for.
fn noise_levels(file: &Safetensors, manifest: &ModelManifest) -> ModelSampling {
    /// An empty tensor that some checkpoints carry as a mark.
    const MARK: &str = "ztsnr";
    if manifest.zero_terminal_snr.unwrap_or_else(|| file.tensors().contains_key(MARK)) {
        ModelSampling::zero_terminal_snr(BetaSchedule::Linear)
    } else {
        ModelSampling::default()
    }
}

/// What a UNet predicts, as far as its file tells.
///
/// Checkpoints of Stable Diffusion XL may carry a mark. For those of 2.x the biases of the last
/// transformer tell: they spread further where the UNet was trained to predict velocities.
fn prediction(file: &Safetensors, family: Family, unet: &Weights) -> Result<PredictionType> {
    const MARK: &str = "v_pred";
    const TELLTALE: &str = "output_blocks.11.1.transformer_blocks.0.norm1.bias";
    const SPREAD: f64 = 0.09;
    let inputs = unet.shape("input_blocks.0.0.weight")?;
    let may_tell = family == Family::Sd2 && inputs.get(1) == Some(&LATENT_CHANNELS);
    let is_v = if may_tell && unet.has(TELLTALE) {
        deviation(&unet.clone().unwatched().read(TELLTALE)?) > SPREAD
    } else {
        file.tensors().contains_key(MARK)
    };
    Ok(if is_v { PredictionType::V } else { PredictionType::Epsilon })
}

/// Standard deviation of a whole population.
fn deviation(values: &[f32]) -> f64 {
    let mean_of = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>();
    let count = values.len().max(1) as f64;
    let mean = mean_of(&mut values.iter().map(|&value| f64::from(value))) / count;
    let spread = mean_of(&mut values.iter().map(|&value| (f64::from(value) - mean).powi(2)));
    (spread / count).sqrt()
}

/// Attention heads of a text encoder, which no shape tells.
fn clip_heads(
    file: &Safetensors,
    manifest: &ModelManifest,
    clip: &Weights,
    spec: &TextSpec,
) -> Result<usize> {
    /// Values of a head in every text encoder OpenAI and OpenCLIP trained.
    const HEAD_DIM: usize = 64;
    let stated = || file.metadata().get("clip_heads")?.parse().ok();
    match manifest.clip_heads.or_else(stated) {
        Some(heads) => Ok(heads),
        None => {
            let shape = clip.shape(spec.keys.token_table())?;
            Ok((shape.last().copied().unwrap_or_default() / HEAD_DIM).max(1))
        }
    }
}
