//! The names diffusers gives the layers of a UNet, and those of a single file.
//!
//! Levels of a single file are counted through: with two residual blocks and a resampling in each,
//! entry `3 level + block` (section 6.4 of the semantics this follows).

use super::Safetensors;

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
