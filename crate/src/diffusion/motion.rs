//! A motion module at work on a checkpoint.

use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::Pipe;
use super::lora::LoraFiles;
use super::multival::Multival;
use super::window::Window;
use crate::error::{Error, Result};
use crate::models::motion::MotionModule;
use crate::models::unet::Temporal;
use crate::monitor::{Monitor, Silent};
use crate::sampling::context::ContextOptions;
use crate::sampling::math::latent_tensor;
use crate::sampling::noise::NoiseLayout;
use crate::sampling::{
    AUTOSELECT, HOTSHOT_XL, LCM, ModelSampling, MotionBase, SD15_MOTION, SDXL_MOTION, USE_EXISTING,
    beta_schedule,
};
use crate::weights::lora::{LoraPatch, LoraStrength};
use crate::weights::{
    Family, KeptTensors, LoadProgress, Patch, Recognised, Safetensors, Weights, motion,
};

/// How a motion module is used. Names and defaults are AnimateDiff-Evolved's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MotionSettings {
    /// Noise levels, a name in [`BETA_SCHEDULES`](crate::sampling::BETA_SCHEDULES).
    pub beta_schedule: String,
    /// Sliding windows; without them the module sees all frames at once.
    pub context: Option<ContextOptions>,
    /// Where each frame's initial noise comes from.
    pub noise_type: NoiseLayout,
    /// Factor of the keys in the attention between frames: more makes more motion.
    pub scale: Multival,
    /// Share of the module in the result; 0 leaves the checkpoint as it is.
    pub effect: Multival,
}

impl Default for MotionSettings {
    fn default() -> Self {
        Self {
            beta_schedule: AUTOSELECT.to_owned(),
            context: None,
            noise_type: NoiseLayout::OneDraw,
            scale: Multival::default(),
            effect: Multival::default(),
        }
    }
}

/// A motion module on a device, and its file for reading it again under motion LoRAs.
#[derive(Debug)]
pub struct MotionFile {
    file: Rc<Safetensors>,
    kept: Rc<KeptTensors>,
    device: Device,
    module: Rc<MotionModule>,
    /// The noise levels it was trained with.
    trained: &'static str,
}

impl MotionFile {
    /// Reads a motion module in any known layout, reporting [`Event::Loading`] on the way.
    ///
    /// [`Event::Loading`]: crate::monitor::Event::Loading
    pub fn load(file: Safetensors, device: &Device, monitor: &dyn Monitor) -> Result<Self> {
        let recognised = Recognised::of(&file);
        let file = Rc::new(motion::original_layout(file)?);
        let (kept, device) = (Rc::default(), device.clone());
        let module = Rc::new(read(&file, &kept, &device, monitor, None)?);
        let trained = match (recognised.variant, recognised.family) {
            (Some("HotshotXL"), _) => HOTSHOT_XL,
            (Some("AnimateLCM"), _) => LCM,
            (_, Some(Family::Sdxl)) => SDXL_MOTION,
            _ => SD15_MOTION,
        };
        Ok(Self { file, kept, device, module, trained })
    }

    /// The module.
    pub fn module(&self) -> &Rc<MotionModule> {
        &self.module
    }

    /// The module under motion LoRAs; layers that none of them changes are shared.
    fn under(&self, loras: &[LoraStrength]) -> Result<Rc<MotionModule>> {
        if loras.is_empty() {
            return Ok(self.module.clone());
        }
        let patch = Rc::new(LoraPatch::for_motion(loras, &self.file)?);
        Ok(Rc::new(read(&self.file, &self.kept, &self.device, &Silent, Some(patch))?))
    }
}

fn read(
    file: &Rc<Safetensors>,
    kept: &Rc<KeptTensors>,
    device: &Device,
    monitor: &dyn Monitor,
    patch: Option<Rc<dyn Patch>>,
) -> Result<MotionModule> {
    let total_bytes = file.tensors().values().map(|info| info.byte_len).sum();
    let progress = LoadProgress::new(monitor, total_bytes);
    let weights = Weights::new(file.clone(), device.clone()).watched(&progress);
    let weights = weights.keeping(kept.clone());
    let module = MotionModule::load(&match patch {
        Some(patch) => weights.patched(patch),
        None => weights,
    })?;
    progress.finish();
    Ok(module)
}

/// The motion modules and motion LoRAs at hand, by the names requests know them by.
#[derive(Debug, Clone, Default)]
pub struct MotionFiles {
    modules: BTreeMap<String, Rc<MotionFile>>,
    /// Motion LoRAs.
    pub loras: LoraFiles,
}

impl MotionFiles {
    /// Adds a module, in place of another of that name.
    pub fn insert(&mut self, name: impl Into<String>, module: Rc<MotionFile>) {
        self.modules.insert(name.into(), module);
    }

    /// Forgets the module of a name; whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        self.modules.remove(name).is_some()
    }

    /// The module of a name, or an error that names those there are.
    pub fn get(&self, name: &str) -> Result<&Rc<MotionFile>> {
        self.modules.get(name).ok_or_else(|| Error::UnknownMotion {
            what: "motion module",
            name: name.to_owned(),
            known: self.modules.keys().cloned().collect(),
        })
    }

    /// Motion LoRAs by their names and strengths.
    pub fn loras(&self, wanted: &[(String, f32)]) -> Result<Vec<LoraStrength>> {
        let found = wanted.iter().map(|(name, strength)| {
            let lora = self.loras.get(name).ok_or_else(|| Error::UnknownMotion {
                what: "motion LoRA",
                name: name.clone(),
                known: self.loras.names().map(str::to_owned).collect(),
            })?;
            Ok(LoraStrength { lora: lora.clone(), model: *strength, clip: 0.0 })
        });
        found.collect()
    }
}

/// How the frames of a clip are sampled together on a checkpoint: under a motion module, or without one
/// in windows and with noise of their own alone.
#[derive(Debug)]
pub struct Motion {
    module: Option<Rc<MotionModule>>,
    settings: MotionSettings,
    sampling: ModelSampling,
}

impl Motion {
    /// Puts `file`, under `loras`, on the UNet of `pipe`; `name` is for messages.
    pub fn new(
        pipe: &Pipe,
        name: &str,
        file: &MotionFile,
        loras: &[LoraStrength],
        settings: MotionSettings,
    ) -> Result<Self> {
        pipe.check_motion(name, &file.module)?;
        let module = file.under(loras)?;
        Self::with(pipe, Some(module), file.trained, settings)
    }

    /// Without a module: only windows, noise and noise levels of `settings` count.
    pub fn without_module(pipe: &Pipe, settings: MotionSettings) -> Result<Self> {
        Self::with(pipe, None, USE_EXISTING, settings)
    }

    fn with(
        pipe: &Pipe,
        module: Option<Rc<MotionModule>>,
        trained: &'static str,
        settings: MotionSettings,
    ) -> Result<Self> {
        settings.context.as_ref().map_or(Ok(()), ContextOptions::validate)?;
        let base = MotionBase { own: &pipe.sampling, trained };
        let sampling = beta_schedule(&settings.beta_schedule, base)?;
        Ok(Self { module, settings, sampling })
    }

    /// Whether a module works between the frames.
    pub fn has_module(&self) -> bool {
        self.module.is_some()
    }

    /// The noise levels the UNet is sampled over.
    pub fn sampling(&self) -> &ModelSampling {
        &self.sampling
    }

    /// How it is used.
    pub fn settings(&self) -> &MotionSettings {
        &self.settings
    }

    /// Refuses clips that the module or its settings are not for.
    pub fn check(&self, frames: usize) -> Result<()> {
        let MotionSettings { context, scale, effect, .. } = &self.settings;
        let Some(module) = &self.module else { return Ok(()) };
        let at_once = context.map_or(frames, |context| context.longest(frames));
        module.config().check_frames(at_once)?;
        scale.check("motion.scale", frames)?;
        effect.check("motion.effect", frames)
    }

    /// The initial noise, where it is not the usual one draw.
    ///
    /// # Shapes
    /// - `latent`, output: `[frames, 4, height, width]`
    pub fn noise(&self, seed: u64, latent: &Tensor<4>) -> Option<Tensor<4>> {
        let layout = self.settings.noise_type;
        let shape @ [frames, channels, height, width] = latent.dims();
        let context = self.settings.context.unwrap_or_default();
        let of = || {
            let frame_len = channels * height * width;
            let window = [context.length, context.overlap];
            let noise = layout.draw(seed, [frames, frame_len], window);
            latent_tensor(noise, shape, &latent.device())
        };
        (layout != NoiseLayout::OneDraw).then(of)
    }

    /// Gives `forward` the module, if there is one, ready for the frames in `window`.
    pub(super) fn through(
        &self,
        window: &Window,
        device: &Device,
        forward: impl FnOnce(Option<&dyn Temporal>) -> Tensor<4>,
    ) -> Tensor<4> {
        let Some(module) = &self.module else { return forward(None) };
        let scale = self.settings.scale.gain(window, device);
        let effect = self.settings.effect.gain(window, device);
        forward(Some(&module.pass(window.len(), &scale, &effect)))
    }
}

impl Pipe {
    /// Refuses a motion module for a UNet of another build than this one's; `name` is for the
    /// message.
    pub fn check_motion(&self, name: &str, module: &MotionModule) -> Result<()> {
        let (found, needed) = (module.channels(), self.unet.temporal_channels());
        let places = ["on the way down", "in the middle", "on the way up"];
        for ((place, found), needed) in places.iter().zip(found).zip(needed) {
            let may_lack = *place == "in the middle" && found.is_empty();
            if found != needed && !may_lack {
                let file = name.to_owned();
                let reason =
                    format!("{place} it is for channels {found:?}, the UNet has {needed:?}");
                return Err(Error::UnsupportedMotion { file, reason });
            }
        }
        Ok(())
    }
}
