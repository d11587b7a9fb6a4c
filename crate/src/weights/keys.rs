//! Where a single-file checkpoint keeps its networks.
//!
//! Everything outside these prefixes (schedule buffers, averaged copies, training losses) is
//! ignored.

use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::Device;

use super::recognise::Family;
use super::{Safetensors, Weights, diffusers};
use crate::{Error, Result};

/// One network of a checkpoint and the places it is known to live.
#[derive(Debug)]
pub struct Part {
    /// What the user calls it.
    pub name: &'static str,
    /// Prefixes to try, the current one first; empty for a file that holds this network alone.
    pub prefixes: &'static [&'static str],
    /// A tensor below the prefix that no such network lacks.
    pub probe: &'static str,
}

/// The denoising network.
pub static UNET: Part =
    Part { name: "UNet", prefixes: &["model.diffusion_model"], probe: "input_blocks.0.0.weight" };

/// The autoencoder between pictures and latents.
pub static VAE: Part =
    Part { name: "VAE", prefixes: &["first_stage_model", ""], probe: "decoder.conv_in.weight" };

/// The text encoder of Stable Diffusion 1.x. Old files lack `text_model`.
pub static CLIP: Part = Part {
    name: "CLIP text encoder",
    prefixes: &["cond_stage_model.transformer.text_model", "cond_stage_model.transformer"],
    probe: "embeddings.token_embedding.weight",
};

/// What shows OpenCLIP's own layout of a text encoder.
pub(super) const OPEN_CLIP_PROBE: &str = "token_embedding.weight";

/// The text encoder of Stable Diffusion 2.x.
pub static OPEN_CLIP_H: Part = Part {
    name: "OpenCLIP-H text encoder",
    prefixes: &["cond_stage_model.model", "conditioner.embedders.0.model"],
    probe: OPEN_CLIP_PROBE,
};

/// The first text encoder of Stable Diffusion XL.
pub static XL_CLIP_L: Part = Part {
    name: "CLIP-L text encoder",
    prefixes: &["conditioner.embedders.0.transformer.text_model"],
    probe: "embeddings.token_embedding.weight",
};

/// The second text encoder of Stable Diffusion XL.
pub static XL_CLIP_G: Part = Part {
    name: "OpenCLIP-bigG text encoder",
    prefixes: &["conditioner.embedders.1.model"],
    probe: OPEN_CLIP_PROBE,
};

/// The only text encoder of the refiner of Stable Diffusion XL.
pub static REFINER_CLIP_G: Part = Part {
    name: "OpenCLIP-bigG text encoder",
    prefixes: &["conditioner.embedders.0.model"],
    probe: OPEN_CLIP_PROBE,
};

/// The text encoders of the families, in the order their outputs are put side by side.
static TEXT_ENCODERS: &[(Family, &[&Part])] = &[
    (Family::Sd1, &[&CLIP]),
    (Family::Sd2, &[&OPEN_CLIP_H]),
    (Family::Sdxl, &[&XL_CLIP_L, &XL_CLIP_G]),
    (Family::SdxlRefiner, &[&REFINER_CLIP_G]),
];

/// The text encoders of a family, in the order their outputs are put side by side.
pub fn text_encoders(family: Family) -> &'static [&'static Part] {
    let row = TEXT_ENCODERS.iter().find(|(other, _)| *other == family);
    row.map_or(&[], |(_, parts)| parts)
}

/// All networks of a checkpoint; those of Stable Diffusion 1.x if its family cannot be told.
pub fn parts(family: Option<Family>) -> Vec<&'static Part> {
    let texts = text_encoders(family.unwrap_or(Family::Sd1));
    [&UNET, &VAE].into_iter().chain(texts.iter().copied()).collect()
}

/// The one tensor that is not loaded but read row by row.
const LEFT_IN_FILE: &str = "token_embedding.weight";

/// A list of numbers from 0 to 76 that old files carry.
const IGNORED: &str = "position_ids";

/// Whether a tensor of a network is put on the device.
pub(super) fn goes_to_device(path: &str) -> bool {
    !path.ends_with(LEFT_IN_FILE) && !path.ends_with(IGNORED)
}

/// Whether a tensor of two or four axes is the weight of a product: all are but tables of positions.
pub(super) fn is_product(path: &str) -> bool {
    path.ends_with("weight") && !path.ends_with("position_embedding.weight")
}

/// The tensors of a ControlNet, as a single file names them.
pub fn control_net(file: Safetensors, device: &Device) -> Result<Weights<'static>> {
    /// A tensor no ControlNet in diffusers' layout lacks.
    const THEIRS: &str = "controlnet_cond_embedding.conv_in.weight";
    /// Of the two residual blocks and the resampling in every level.
    const LEVEL: usize = 3;
    /// What kinds of files that are no whole ControlNet hold.
    const PARTS: [(&str, &str); 3] = [
        ("task_embedding", "it follows pictures of several kinds; take one for a single kind"),
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

/// A file with a VAE, its tensors named as in a single file.
pub fn vae_file(file: Safetensors) -> Safetensors {
    /// What shows the layout of diffusers.
    const THEIRS: &str = "decoder.up_blocks.0.resnets.0.norm1.weight";
    if !file.tensors().contains_key(THEIRS) {
        return file;
    }
    let names: BTreeMap<String, String> = diffusers::vae(file.tensors())
        .into_iter()
        .filter_map(|(ours, made)| Some((made.from.into_iter().next()?, ours)))
        .collect();
    file.renamed(|path| names.get(path).cloned())
}

impl Part {
    /// The prefix under which `file` holds this network.
    pub fn find(&self, file: &Safetensors) -> Option<&'static str> {
        let held = |prefix: &&str| file.tensors().contains_key(&below(prefix, self.probe));
        self.prefixes.iter().copied().find(held)
    }

    /// Whether it is the network between pictures and latents.
    pub fn is_vae(&self) -> bool {
        self.name == VAE.name
    }

    /// Whether it reads texts.
    pub fn is_text_encoder(&self) -> bool {
        self.probe.ends_with(LEFT_IN_FILE)
    }

    /// Whether loading this network from `file` reads the tensor at `path`.
    pub fn reads(&self, file: &Safetensors, path: &str) -> bool {
        let prefix = self.find(file).map(|prefix| below(prefix, ""));
        prefix.is_some_and(|prefix| path.starts_with(&prefix)) && goes_to_device(path)
    }

    /// Bytes of this network's tensors in `file` that loading reads; 0 if it is not there.
    pub fn byte_len(&self, file: &Safetensors) -> u64 {
        let prefix = self.find(file).map(|prefix| below(prefix, ""));
        let held = |path: &str| {
            prefix.as_ref().is_some_and(|prefix| path.starts_with(prefix)) && goes_to_device(path)
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

fn below(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}
