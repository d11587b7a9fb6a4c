//! What LoRAs call the layers of a checkpoint.

use std::collections::BTreeMap;

use crate::weights::keys::{self, OPEN_CLIP_PROBE, Part};
use crate::weights::{Family, Recognised, Safetensors, diffusers};

/// Which of the two strengths of a LoRA counts for a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The UNet.
    Model,
    /// A text encoder.
    Clip,
}

/// A layer of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    /// Path of its weight in the checkpoint.
    pub(super) weight: String,
    /// Path of its bias, whether or not there is one.
    pub(super) bias: String,
    /// Which third of the outputs it is, where three layers share a tensor.
    pub(super) third: Option<usize>,
    pub(super) side: Side,
}

/// The layer that is not loaded but read row by row, where no change would reach it.
const READ_BY_ROWS: &str = "embeddings.token_embedding";

/// Text encoders: what begins kohya's names of their layers, and what diffusers' names.
static TEXTS: &[(&Part, &[&str], &[&str])] = &[
    (&keys::CLIP, &["lora_te", "lora_te1"], &["text_encoder.", ""]),
    (&keys::OPEN_CLIP_H, &["lora_te", "lora_te1"], &["text_encoder.", ""]),
    (&keys::XL_CLIP_L, &["lora_te1", "lora_te"], &["text_encoder.", ""]),
    (&keys::XL_CLIP_G, &["lora_te2"], &["text_encoder_2."]),
    (&keys::REFINER_CLIP_G, &["lora_te2"], &["text_encoder_2."]),
];

/// Layers of a block of OpenCLIP, and what transformers call them, which is what LoRAs do.
static OPEN_CLIP: &[(&str, &str)] = &[
    ("ln_1", "layer_norm1"),
    ("attn.out_proj", "self_attn.out_proj"),
    ("ln_2", "layer_norm2"),
    ("mlp.c_fc", "mlp.fc1"),
    ("mlp.c_proj", "mlp.fc2"),
];

/// Queries, keys and values, in the order OpenCLIP stacks them.
const STACKED: [&str; 3] = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"];

/// Every name a LoRA may use, for every layer of `checkpoint`.
///
/// Dialects: kohya's `lora_unet_` and `lora_te_` with underscores for dots, over diffusers' or over
/// the checkpoint's own names; LyCORIS' `lycoris_`; diffusers' dotted names with `unet.` and
/// `text_encoder.`, old ones with `.processor`; `diffusion_model.` over the checkpoint's own. The
/// second text encoder of Stable Diffusion XL is `lora_te2_` and `text_encoder_2.`.
pub(super) fn layers(checkpoint: &Safetensors) -> BTreeMap<String, Layer> {
    let mut layers = BTreeMap::new();
    let level = keys::UNET.find(checkpoint).and_then(|prefix| diffusers::level(checkpoint, prefix));
    for (inner, layer) in plain_layers(&keys::UNET, Side::Model, checkpoint) {
        let diffusers = level.and_then(|level| diffusers::from_single_file(&inner, level));
        for name in unet_names(&inner, diffusers.as_deref()) {
            layers.insert(name, layer.clone());
        }
    }
    let family = Recognised::of(checkpoint).family.unwrap_or(Family::Sd1);
    for part in keys::text_encoders(family) {
        let row = TEXTS.iter().find(|(other, ..)| std::ptr::eq(*other, *part));
        let Some((_, flat, dotted)) = row else { continue };
        for (inner, layer) in text_layers(part, checkpoint) {
            for name in text_names(&inner, flat, dotted) {
                layers.insert(name, layer.clone());
            }
        }
    }
    layers
}

/// The layers of a network that have a tensor called `weight`, by their names in the checkpoint.
fn plain_layers(part: &Part, side: Side, checkpoint: &Safetensors) -> Vec<(String, Layer)> {
    let Some(prefix) = part.find(checkpoint) else { return Vec::new() };
    let layer = |path: &String| {
        let inner = path.strip_prefix(prefix)?.strip_prefix('.')?.strip_suffix(".weight")?;
        let bias = format!("{prefix}.{inner}.bias");
        (inner != READ_BY_ROWS)
            .then(|| (inner.to_owned(), Layer { weight: path.clone(), bias, third: None, side }))
    };
    checkpoint.tensors().keys().filter_map(layer).collect()
}

/// The layers of a text encoder, by what transformers call them.
fn text_layers(part: &Part, checkpoint: &Safetensors) -> Vec<(String, Layer)> {
    /// Where OpenCLIP keeps its blocks.
    const BLOCKS: &str = "transformer.resblocks.";
    const IN_PROJ: &str = ".attn.in_proj_weight";
    let plain = plain_layers(part, Side::Clip, checkpoint);
    let Some(prefix) = part.find(checkpoint).filter(|_| part.probe == OPEN_CLIP_PROBE) else {
        return plain;
    };
    let named = |(inner, layer): (String, Layer)| {
        let name = match inner.strip_prefix(BLOCKS) {
            None => (inner == "ln_final").then(|| "final_layer_norm".to_owned())?,
            Some(rest) => {
                let (block, rest) = rest.split_once('.')?;
                let (_, theirs) = OPEN_CLIP.iter().find(|(ours, _)| *ours == rest)?;
                format!("encoder.layers.{block}.{theirs}")
            }
        };
        Some((name, layer))
    };
    let stacked = checkpoint.tensors().keys().filter_map(|path| {
        let inner = path.strip_prefix(prefix)?.strip_prefix('.')?.strip_prefix(BLOCKS)?;
        let block = inner.strip_suffix(IN_PROJ)?;
        let bias = path.replace("in_proj_weight", "in_proj_bias");
        Some(STACKED.iter().enumerate().map(move |(third, name)| {
            let (weight, bias, third) = (path.clone(), bias.clone(), Some(third));
            let layer = Layer { weight, bias, third, side: Side::Clip };
            (format!("encoder.layers.{block}.{name}"), layer)
        }))
    });
    plain.into_iter().filter_map(named).chain(stacked.flatten()).collect()
}

/// Every name a motion LoRA may use, for every layer of a motion module under its original names:
/// those names themselves, with `.processor` and the output without its number, or diffusers'.
pub(super) fn motion_layers(module: &Safetensors) -> BTreeMap<String, Layer> {
    let paths = module.tensors().keys().filter_map(|path| path.strip_suffix(".weight"));
    let mut layers = BTreeMap::new();
    for path in paths {
        let (block, projection) = path.rsplit_once(".to_").unwrap_or_default();
        let mut names = vec![path.to_owned()];
        if !block.is_empty() {
            let projection = projection.trim_end_matches(".0");
            names.push(format!("{block}.processor.to_{projection}"));
            let theirs = block
                .replace(".temporal_transformer.", ".")
                .replace(".attention_blocks.0", ".attn1")
                .replace(".attention_blocks.1", ".attn2");
            for name in [format!("{theirs}.to_{projection}"), path.replace(block, &theirs)] {
                names.extend([format!("{theirs}.processor.to_{projection}"), name.clone()]);
                names.push(format!("unet.{name}"));
            }
        }
        for name in names {
            let (weight, bias) = (format!("{path}.weight"), format!("{path}.bias"));
            layers.insert(name, Layer { weight, bias, third: None, side: Side::Model });
        }
    }
    layers
}

fn unet_names(inner: &str, diffusers: Option<&str>) -> Vec<String> {
    let flat = |path: &str| path.replace('.', "_");
    let mut names = vec![
        format!("lora_unet_{}", flat(inner)),
        format!("diffusion_model.{inner}"),
        inner.to_owned(),
    ];
    if let Some(path) = diffusers {
        names.extend([
            format!("lora_unet_{}", flat(path)),
            format!("lycoris_{}", flat(path)),
            format!("unet.{path}"),
            path.to_owned(),
        ]);
        // Attention processors held the projections once, and their output without its number.
        let (block, projection) = path.rsplit_once(".to_").unwrap_or_default();
        if !block.is_empty() {
            let projection = projection.trim_end_matches(".0");
            names.push(format!("unet.{block}.processor.to_{projection}"));
            names.push(format!("{block}.processor.to_{projection}"));
            names.push(format!("unet.{block}.to_{projection}"));
        }
    }
    names
}

fn text_names(inner: &str, flat: &[&str], dotted: &[&str]) -> Vec<String> {
    let underscored = inner.replace('.', "_");
    let flat = flat.iter().map(|prefix| format!("{prefix}_text_model_{underscored}"));
    flat.chain(dotted.iter().map(|prefix| format!("{prefix}text_model.{inner}"))).collect()
}
