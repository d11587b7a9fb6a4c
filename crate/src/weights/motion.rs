//! The names of a motion module's tensors in the layouts there are.

use super::recognise::{Kind, with_article};
use super::{Recognised, Safetensors};
use crate::{Error, Result};

/// Layers inside a block: diffusers, original.
static INSIDE: &[(&str, &str)] = &[
    (".attn1.", ".attention_blocks.0."),
    (".attn2.", ".attention_blocks.1."),
    (".norm1.", ".norms.0."),
    (".norm2.", ".norms.1."),
    (".norm3.", ".ff_norm."),
];

/// `file` under the names of the original modules.
///
/// # Errors
/// [`Error::UnsupportedMotion`] for a file of another kind, or one that needs more than a UNet has.
pub fn original_layout(file: Safetensors) -> Result<Safetensors> {
    let found = Recognised::of(&file);
    let refuse =
        |reason: String| Err(Error::UnsupportedMotion { file: file.name().to_owned(), reason });
    match (found.kind, found.variant) {
        (Kind::Motion, Some("PIA")) => {
            refuse("it is PIA, which paints on from a picture; that is not supported".to_owned())
        }
        (Kind::Motion, _) => Ok(file.renamed(original_name)),
        _ => refuse(format!("it is {}", with_article(&found.title()))),
    }
}

/// The original name of a tensor or a layer; nothing for what does not work between frames.
pub fn original_name(path: &str) -> Option<String> {
    let path = path.trim_start_matches("module.").trim_start_matches("unet.");
    if path.contains("temporal_attentions.") {
        return Some(
            below_module(path, "temporal_attentions.")?
                .replace(".pos_encoder.positional_encoding", ".pos_encoder.pe"),
        );
    }
    if !path.contains("motion_modules.") {
        return None;
    }
    if path.contains(".temporal_transformer.") {
        return Some(path.to_owned());
    }
    let path = below_module(path, "motion_modules.")?;
    Some(INSIDE.iter().fold(path, |path, (theirs, ours)| path.replace(theirs, ours)))
}

/// `... LIST k.rest` as `... motion_modules.k.temporal_transformer.rest`.
fn below_module(path: &str, list: &str) -> Option<String> {
    let (block, rest) = path.split_once(list)?;
    let (number, rest) = rest.split_once('.')?;
    Some(format!("{block}motion_modules.{number}.temporal_transformer.{rest}"))
}
