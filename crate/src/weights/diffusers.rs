//! The names diffusers gives the layers of a UNet, and those of a single file.
//!
//! Levels of a single file are counted through: with two residual blocks and a resampling in each,
//! entry `3 level + block` (section 6.4 of the semantics this follows).

use std::collections::BTreeMap;

use super::{Safetensors, TensorInfo};

/// Tensors of a file in the layout of diffusers.
type Tensors = BTreeMap<String, TensorInfo>;

/// What a tensor of a single file is made of: tensors one below the other, or one transposed.
#[derive(Debug, PartialEq, Eq)]
pub struct Made {
    /// Paths in the file in the layout of diffusers.
    pub from: Vec<String>,
    /// Whether rows become columns.
    pub is_transposed: bool,
}

impl Made {
    fn of(path: &str) -> Self {
        Self { from: vec![path.to_owned()], is_transposed: false }
    }
}

/// Layers of a residual block: single file, diffusers.
static RESNET: &[(&str, &str)] = &[
    ("in_layers.0", "norm1"),
    ("in_layers.2", "conv1"),
    ("emb_layers.1", "time_emb_proj"),
    ("out_layers.0", "norm2"),
    ("out_layers.3", "conv2"),
    ("skip_connection", "conv_shortcut"),
];

/// Layers outside the blocks: single file, diffusers.
static OUTSIDE: &[(&str, &str)] = &[
    ("input_blocks.0.0", "conv_in"),
    ("time_embed.0", "time_embedding.linear_1"),
    ("time_embed.2", "time_embedding.linear_2"),
    ("label_emb.0.0", "add_embedding.linear_1"),
    ("label_emb.0.2", "add_embedding.linear_2"),
    ("out.0", "conv_norm_out"),
    ("out.2", "conv_out"),
];

/// Entries of a level of the UNet below `prefix`: its residual blocks and its resampling.
pub fn level(file: &Safetensors, prefix: &str) -> Option<usize> {
    let is_down =
        |n: &usize| file.tensors().contains_key(&format!("{prefix}.input_blocks.{n}.0.op.weight"));
    (1..64).find(is_down)
}

/// A layer's path in a single file as diffusers has it.
pub fn from_single_file(path: &str, level: usize) -> Option<String> {
    if let Some((_, theirs)) = OUTSIDE.iter().find(|(ours, _)| *ours == path) {
        return Some((*theirs).to_owned());
    }
    let mut parts = path.splitn(3, '.');
    let side = parts.next()?;
    let number: usize = parts.next()?.parse().ok()?;
    let rest = parts.next();
    if side == "middle_block" {
        let (kind, index) = if number == 1 { ("attentions", 0) } else { ("resnets", number / 2) };
        return inside(&format!("mid_block.{kind}.{index}"), kind, rest?);
    }
    let (place, inner) = rest?.split_once('.')?;
    let (block, number) = match side {
        "input_blocks" => ("down_blocks", number.checked_sub(1)?),
        "output_blocks" => ("up_blocks", number),
        _ => return None,
    };
    let (at, index) = (number / level, number % level);
    match inner {
        "op" => Some(format!("{block}.{at}.downsamplers.0.conv")),
        "conv" => Some(format!("{block}.{at}.upsamplers.0.conv")),
        _ => {
            let kind = if place == "0" { "resnets" } else { "attentions" };
            inside(&format!("{block}.{at}.{kind}.{index}"), kind, inner)
        }
    }
}

fn inside(block: &str, kind: &str, inner: &str) -> Option<String> {
    if kind == "attentions" {
        return Some(format!("{block}.{inner}"));
    }
    let (_, theirs) = RESNET.iter().find(|(ours, _)| *ours == inner)?;
    Some(format!("{block}.{theirs}"))
}

/// A layer's path in diffusers as a single file has it, for the way down and the middle.
pub fn to_single_file(path: &str, level: usize) -> Option<String> {
    if let Some((ours, _)) = OUTSIDE.iter().find(|(_, theirs)| *theirs == path) {
        return Some((*ours).to_owned());
    }
    let own =
        |inner: &str| RESNET.iter().find(|(_, theirs)| *theirs == inner).map(|(ours, _)| *ours);
    let mut parts = path.splitn(4, '.');
    let (side, first) = (parts.next()?, parts.next()?);
    if side == "mid_block" {
        let (index, inner) = (parts.next()?, parts.next()?);
        return match first {
            "attentions" => Some(format!("middle_block.1.{inner}")),
            "resnets" => {
                Some(format!("middle_block.{}.{}", 2 * index.parse::<usize>().ok()?, own(inner)?))
            }
            _ => None,
        };
    }
    if side != "down_blocks" {
        return None;
    }
    let at: usize = first.parse().ok()?;
    let kind = parts.next()?;
    let (index, inner) = parts.next()?.split_once('.')?;
    let number = 1 + level * at + index.parse::<usize>().ok()?;
    match kind {
        "resnets" => Some(format!("input_blocks.{number}.0.{}", own(inner)?)),
        "attentions" => Some(format!("input_blocks.{number}.1.{inner}")),
        "downsamplers" => Some(format!("input_blocks.{}.0.op", level * (at + 1))),
        _ => None,
    }
}

/// The tensors of a UNet by their paths in a single file, below its prefix. What has no place there is
/// left out.
pub fn unet(tensors: &Tensors) -> BTreeMap<String, Made> {
    let has = |prefix: &str| {
        let mut from = tensors.range(prefix.to_owned()..);
        from.next().is_some_and(|(path, _)| path.starts_with(prefix))
    };
    let blocks = (0..64).take_while(|n| has(&format!("down_blocks.0.resnets.{n}."))).count();
    let level = blocks + 1;
    let renamed = |path: &String| {
        let (layer, leaf) = path.rsplit_once('.')?;
        let renamed = to_single_file(layer, level)
            .or_else(|| way_up(layer, level, |at| has(&format!("up_blocks.{at}.attentions."))))?;
        Some((format!("{renamed}.{leaf}"), Made::of(path)))
    };
    tensors.keys().filter_map(renamed).collect()
}

/// [`to_single_file`] for the way up.
fn way_up(path: &str, level: usize, attends: impl Fn(usize) -> bool) -> Option<String> {
    let (at, rest) = path.strip_prefix("up_blocks.")?.split_once('.')?;
    let at: usize = at.parse().ok()?;
    let (kind, rest) = rest.split_once('.')?;
    let (index, inner) = rest.split_once('.')?;
    let number = level * at + index.parse::<usize>().ok()?;
    match kind {
        "resnets" => {
            let (ours, _) = RESNET.iter().find(|(_, theirs)| *theirs == inner)?;
            Some(format!("output_blocks.{number}.0.{ours}"))
        }
        "attentions" => Some(format!("output_blocks.{number}.1.{inner}")),
        "upsamplers" => {
            let place = 1 + usize::from(attends(at));
            Some(format!("output_blocks.{}.{place}.conv", level * at + level - 1))
        }
        _ => None,
    }
}

/// Parts of the paths of a VAE: diffusers, single file. Older files have other names for attention.
static VAE: &[(&str, &str)] = &[
    (".mid_block.resnets.0.", ".mid.block_1."),
    (".mid_block.resnets.1.", ".mid.block_2."),
    (".mid_block.attentions.0.", ".mid.attn_1."),
    (".group_norm.", ".norm."),
    (".to_q.", ".q."),
    (".query.", ".q."),
    (".to_k.", ".k."),
    (".key.", ".k."),
    (".to_v.", ".v."),
    (".value.", ".v."),
    (".to_out.0.", ".proj_out."),
    (".proj_attn.", ".proj_out."),
    (".downsamplers.0.", ".downsample."),
    (".upsamplers.0.", ".upsample."),
    (".conv_shortcut.", ".nin_shortcut."),
    (".conv_norm_out.", ".norm_out."),
    (".resnets.", ".block."),
];

/// The tensors of a VAE by their paths in a single file. Its levels up are counted from the end.
pub fn vae(tensors: &Tensors) -> BTreeMap<String, Made> {
    const UP: &str = "decoder.up_blocks.";
    let level = |path: &str| path.strip_prefix(UP)?.split('.').next()?.parse::<usize>().ok();
    let levels = tensors.keys().filter_map(|path| level(path)).max().map_or(0, |last| last + 1);
    let renamed = |path: &String| {
        let parts =
            VAE.iter().fold(path.clone(), |path, (theirs, ours)| path.replace(theirs, ours));
        let renamed = match level(path) {
            Some(at) => {
                parts.replace(&format!("{UP}{at}."), &format!("decoder.up.{}.", levels - 1 - at))
            }
            None => parts.replace("encoder.down_blocks.", "encoder.down."),
        };
        (renamed, Made::of(path))
    };
    tensors.keys().map(renamed).collect()
}

/// Every tensor under its own name.
pub fn same(tensors: &Tensors) -> BTreeMap<String, Made> {
    tensors.keys().map(|path| (path.clone(), Made::of(path))).collect()
}

/// Parts of the paths of a text encoder: transformers, OpenCLIP.
static OPEN_CLIP: &[(&str, &str)] = &[
    ("text_model.encoder.layers.", "transformer.resblocks."),
    ("text_model.final_layer_norm.", "ln_final."),
    ("text_model.embeddings.token_embedding.", "token_embedding."),
    ("text_model.embeddings.position_embedding.weight", "positional_embedding"),
    (".layer_norm1.", ".ln_1."),
    (".layer_norm2.", ".ln_2."),
    (".mlp.fc1.", ".mlp.c_fc."),
    (".mlp.fc2.", ".mlp.c_proj."),
    (".self_attn.out_proj.", ".attn.out_proj."),
];

/// The tensors of a text encoder as OpenCLIP has them: queries, keys and values in one, the
/// projection with its inputs first.
pub fn open_clip(tensors: &Tensors) -> BTreeMap<String, Made> {
    const STACKED: [&str; 3] = [".self_attn.q_proj.", ".self_attn.k_proj.", ".self_attn.v_proj."];
    let mut made = BTreeMap::new();
    for path in tensors.keys().filter(|path| !path.ends_with("position_ids")) {
        let ours =
            OPEN_CLIP.iter().fold(path.clone(), |path, (theirs, ours)| path.replace(theirs, ours));
        if path == "text_projection.weight" {
            let from = vec![path.clone()];
            made.insert("text_projection".to_owned(), Made { from, is_transposed: true });
        } else if path.contains(STACKED[0]) {
            let from = STACKED.map(|third| path.replace(STACKED[0], third)).to_vec();
            let ours = ours.replace(STACKED[0], ".attn.in_proj_");
            made.insert(ours, Made { from, is_transposed: false });
        } else if !STACKED[1..].iter().any(|third| path.contains(third)) {
            made.insert(ours, Made::of(path));
        }
    }
    complete(&mut made);
    made
}

/// Files of 2.x leave out the last layer, which nothing reads: the one before it stands in, so that
/// layers can be counted from the end as elsewhere.
fn complete(made: &mut BTreeMap<String, Made>) {
    const LAYERS: usize = 23;
    let last = format!("transformer.resblocks.{}.", LAYERS - 1);
    let has =
        |layer: usize| made.contains_key(&format!("transformer.resblocks.{layer}.ln_1.weight"));
    if has(LAYERS - 1) && !has(LAYERS) {
        let copies: Vec<_> = made
            .iter()
            .filter_map(|(path, made)| {
                let rest = path.strip_prefix(&last)?;
                let copy = Made { from: made.from.clone(), is_transposed: made.is_transposed };
                Some((format!("transformer.resblocks.{LAYERS}.{rest}"), copy))
            })
            .collect();
        made.extend(copies);
    }
}

/// A tensor's path in diffusers' ControlNet as a single file has it.
pub fn control_net_to_single_file(path: &str, level: usize) -> Option<String> {
    let (layer, leaf) = path.rsplit_once('.')?;
    let number =
        |layer: &str, prefix: &str| -> Option<usize> { layer.strip_prefix(prefix)?.parse().ok() };
    let hint = "controlnet_cond_embedding.";
    let layer = match layer {
        "controlnet_cond_embedding.conv_in" => "input_hint_block.0".to_owned(),
        "controlnet_cond_embedding.conv_out" => "input_hint_block.14".to_owned(),
        "controlnet_mid_block" => "middle_block_out.0".to_owned(),
        _ => {
            let block = layer.strip_prefix(hint).and_then(|rest| number(rest, "blocks."));
            let zero = number(layer, "controlnet_down_blocks.");
            match (block, zero) {
                (Some(block), _) => format!("input_hint_block.{}", 2 * (block + 1)),
                (_, Some(zero)) => format!("zero_convs.{zero}.0"),
                _ => to_single_file(layer, level)?,
            }
        }
    };
    Some(format!("{layer}.{leaf}"))
}
