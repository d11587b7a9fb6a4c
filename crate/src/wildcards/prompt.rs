//! A wildcard text as the prompts and LoRAs it stands for.

use super::files::WildcardFiles;
use super::lora::{LoraTag, lora_tags};
use super::populate::populate;
use crate::error::Result;

/// What is to be done with a segment's text.
#[derive(Debug, Clone, PartialEq)]
pub struct WildcardPrompt {
    /// Texts to encode one by one and to join; at least one, which may be empty.
    pub parts: Vec<String>,
    /// LoRAs to apply to model and text encoder, in order.
    pub loras: Vec<LoraTag>,
}

/// Populates `text`, takes its LoRA tags out and divides the rest at every `BREAK`.
pub fn resolve(text: &str, seed: u64, files: &WildcardFiles) -> Result<WildcardPrompt> {
    let (loras, text) = lora_tags(&populate(text, seed, files)?);
    let parts = text.split("BREAK").map(str::trim).filter(|part| !part.is_empty());
    let mut parts: Vec<String> = parts.map(str::to_owned).collect();
    if parts.is_empty() {
        parts.push(String::new());
    }
    Ok(WildcardPrompt { parts, loras })
}
