//! What LoRAs call the layers of a checkpoint.

use std::collections::BTreeMap;

use crate::weights::keys::{self, Part};
use crate::weights::{Safetensors, diffusers};

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
    /// Its path in the checkpoint, to which `.weight` and `.bias` are added.
    pub(super) path: String,
    pub(super) side: Side,
}

/// The layer that is not loaded but read row by row, where no change would reach it.
const READ_BY_ROWS: &str = "embeddings.token_embedding";

/// Every name a LoRA may use, for every layer of `checkpoint`.
///
/// Dialects: kohya's `lora_unet_` and `lora_te_` with underscores for dots, over diffusers' or over
/// the checkpoint's own names; LyCORIS' `lycoris_`; diffusers' dotted names with `unet.` and
/// `text_encoder.`, old ones with `.processor`; `diffusion_model.` over the checkpoint's own.
pub(super) fn layers(checkpoint: &Safetensors) -> BTreeMap<String, Layer> {
    let mut layers = BTreeMap::new();
    let mut add = |part: &Part, side: Side, names: &dyn Fn(&str) -> Vec<String>| {
        let Some(prefix) = part.find(checkpoint) else { return };
        for path in checkpoint.tensors().keys() {
            let inner = path.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
            let Some(inner) = inner.and_then(|inner| inner.strip_suffix(".weight")) else {
                continue;
            };
            if inner == READ_BY_ROWS {
                continue;
            }
            for name in names(inner) {
                layers.insert(name, Layer { path: format!("{prefix}.{inner}"), side });
            }
        }
    };
    let level = keys::UNET.find(checkpoint).and_then(|prefix| diffusers::level(checkpoint, prefix));
    add(&keys::UNET, Side::Model, &|inner| {
        let diffusers = level.and_then(|level| diffusers::from_single_file(inner, level));
        unet_names(inner, diffusers.as_deref())
    });
    add(&keys::CLIP, Side::Clip, &text_names);
    layers
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
            layers.insert(name, Layer { path: path.to_owned(), side: Side::Model });
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

fn text_names(inner: &str) -> Vec<String> {
    let flat = inner.replace('.', "_");
    vec![
        format!("lora_te_text_model_{flat}"),
        format!("lora_te1_text_model_{flat}"),
        format!("text_encoder.text_model.{inner}"),
        format!("text_model.{inner}"),
    ]
}
