//! Where a single-file checkpoint keeps its networks, and how other files are told from one.
//!
//! Everything outside these prefixes (schedule buffers, averaged copies, training losses) is
//! ignored.

use std::rc::Rc;

use burn::tensor::Device;

use super::{Safetensors, Weights, diffusers};
use crate::{Error, Result};

/// One network of a checkpoint and the places it is known to live.
#[derive(Debug)]
pub struct Part {
    /// What the user calls it.
    pub name: &'static str,
    /// Prefixes to try, the current one first.
    pub prefixes: &'static [&'static str],
    /// A tensor below the prefix that no such network lacks.
    pub probe: &'static str,
}

/// The denoising network.
pub static UNET: Part =
    Part { name: "UNet", prefixes: &["model.diffusion_model"], probe: "input_blocks.0.0.weight" };

/// The autoencoder between pictures and latents.
pub static VAE: Part =
    Part { name: "VAE", prefixes: &["first_stage_model"], probe: "decoder.conv_in.weight" };

/// The text encoder. Old files lack `text_model`.
pub static CLIP: Part = Part {
    name: "CLIP text encoder",
    prefixes: &["cond_stage_model.transformer.text_model", "cond_stage_model.transformer"],
    probe: "embeddings.token_embedding.weight",
};

/// The one tensor that is not loaded but read row by row.
const LEFT_IN_FILE: &str = "token_embedding.weight";

/// A kind of file that is often taken for a checkpoint of Stable Diffusion 1.x.
#[derive(Debug)]
struct Other {
    /// Part of a path no Stable Diffusion 1.x checkpoint has.
    sign: &'static str,
    /// What the file is.
    reason: &'static str,
}

static OTHERS: &[Other] = &[
    Other { sign: "conditioner.embedders.", reason: "it is one of Stable Diffusion XL" },
    Other { sign: "cond_stage_model.model.", reason: "it is one of Stable Diffusion 2" },
    Other { sign: "lora_u", reason: "it is a LoRA, which changes a checkpoint" },
    Other { sign: "lora_te", reason: "it is a LoRA, which changes a checkpoint" },
    Other { sign: "control_model.", reason: "it is a ControlNet, which guides a checkpoint" },
    Other { sign: "motion_modules.", reason: "it is an AnimateDiff motion module" },
    Other {
        sign: "down_blocks.",
        reason: "it has the layout of diffusers, one file per network; a single file is needed",
    },
];

/// Refuses a file that is no Stable Diffusion 1.x checkpoint, and says what it is or lacks.
pub fn check(file: &Safetensors) -> Result<()> {
    let refuse = |reason: String| {
        Err(Error::UnsupportedCheckpoint { checkpoint: file.name().to_owned(), reason })
    };
    let lacking: Vec<&str> = [&UNET, &VAE, &CLIP]
        .into_iter()
        .filter(|part| part.find(file).is_none())
        .map(|part| part.name)
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let shows = |other: &&Other| file.tensors().keys().any(|path| path.contains(other.sign));
    match OTHERS.iter().find(shows) {
        Some(other) => refuse(other.reason.to_owned()),
        None => refuse(format!("it holds no {}", lacking.join(" and no "))),
    }
}

/// The tensors of a ControlNet, as a single file names them.
pub fn control_net(file: Safetensors, device: &Device) -> Result<Weights<'static>> {
    /// A tensor no ControlNet in diffusers' layout lacks.
    const THEIRS: &str = "controlnet_cond_embedding.conv_in.weight";
    /// Of the two residual blocks and the resampling in every level.
    const LEVEL: usize = 3;
    /// What kinds of files that are no whole ControlNet hold.
    const PARTS: [(&str, &str); 2] = [
        ("difference", "it holds the differences to a checkpoint; take the whole ControlNet"),
        ("lora_controlnet", "it is a Control-LoRA; take the whole ControlNet"),
    ];
    if let Some((_, reason)) = PARTS.iter().find(|(sign, _)| file.tensors().contains_key(*sign)) {
        let (file, reason) = (file.name().to_owned(), (*reason).to_owned());
        return Err(Error::UnsupportedControlNet { file, reason });
    }
    let prefixes = ["control_model", ""];
    let file = match file.tensors().contains_key(THEIRS) {
        true => file.renamed(|path| diffusers::control_net_to_single_file(path, LEVEL)),
        false => file,
    };
    let file = Rc::new(file);
    let weights = |prefix: &&str| Weights::new(file.clone(), device.clone()).pp(*prefix);
    let is_it = |weights: &Weights<'_>| weights.has("input_hint_block.0.weight");
    prefixes.iter().map(weights).find(is_it).ok_or_else(|| Error::UnsupportedControlNet {
        file: file.name().to_owned(),
        reason: format!(
            "there is no tensor \"control_model.input_hint_block.0.weight\" nor {THEIRS:?}"
        ),
    })
}

impl Part {
    /// The prefix under which `file` holds this network.
    pub fn find(&self, file: &Safetensors) -> Option<&'static str> {
        let held = |prefix: &&str| file.tensors().contains_key(&format!("{prefix}.{}", self.probe));
        self.prefixes.iter().copied().find(held)
    }

    /// Bytes of this network's tensors in `file` that loading reads; 0 if it is not there.
    pub fn byte_len(&self, file: &Safetensors) -> u64 {
        let below = self.find(file).map(|prefix| format!("{prefix}."));
        let held = |path: &str| {
            below.as_ref().is_some_and(|below| path.starts_with(below))
                && !path.ends_with(LEFT_IN_FILE)
        };
        let tensors = file.tensors().iter().filter(|(path, _)| held(path));
        tensors.map(|(_, info)| info.byte_len).sum()
    }

    /// The tensors of this network, or an error that names what the file lacks.
    pub fn of(&self, file: &Rc<Safetensors>, device: &Device) -> Result<Weights<'static>> {
        match self.find(file) {
            Some(prefix) => Ok(Weights::new(file.clone(), device.clone()).pp(prefix)),
            None => Err(Error::UnsupportedCheckpoint {
                checkpoint: file.name().to_owned(),
                reason: format!(
                    "it holds no {}: there is no {}.{}",
                    self.name, self.prefixes[0], self.probe
                ),
            }),
        }
    }
}
