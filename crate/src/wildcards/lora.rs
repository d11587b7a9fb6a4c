//! `<lora:...>` tags in a prompt.

use std::path::Path;

/// Extensions of model files; a name with another one, or none, gets `.safetensors`.
const EXTENSIONS: [&str; 8] = ["ckpt", "pt", "pt2", "bin", "pth", "safetensors", "pkl", "sft"];

/// A LoRA a prompt asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct LoraTag {
    /// Its name as written.
    pub name: String,
    /// Strength on the UNet; may be negative.
    pub model_weight: f64,
    /// Strength on the text encoder; may be negative.
    pub clip_weight: f64,
    /// `LBW=`: strengths of single blocks.
    pub blocks: Option<BlockWeights>,
}

/// Strengths of single blocks of a LoRA, as written; Burnish does not use them.
#[derive(Debug, Clone, PartialEq)]
pub struct BlockWeights {
    /// The list, or the name of one.
    pub spec: String,
    /// What `A` in the list stands for.
    pub a: Option<f64>,
    /// What `B` in the list stands for.
    pub b: Option<f64>,
}

impl LoraTag {
    /// Name of the file that is meant.
    pub fn file_name(&self) -> String {
        let extension = self.name.rsplit_once('.').map(|(_, extension)| extension);
        match extension {
            Some(extension) if EXTENSIONS.contains(&extension) => self.name.clone(),
            _ => format!("{}.safetensors", self.name),
        }
    }

    /// The file that is meant: the one of exactly this path, else the first whose path ends so.
    pub fn find<'a>(&self, files: impl IntoIterator<Item = &'a str> + Clone) -> Option<&'a str> {
        let name = self.file_name();
        let exact = files.clone().into_iter().find(|file| Path::new(file) == Path::new(&name));
        exact.or_else(|| files.into_iter().find(|file| file.ends_with(&name)))
    }
}

/// The LoRAs `text` asks for, in order, and the text without the tags.
///
/// `<lora:name:model_weight:clip_weight:LBW=spec;A=..;B=..;>`. Weights are 1 and the model's own
/// if they are left out; what is neither a number nor `LBW=` does not count. Of several tags with
/// one name the first holds.
pub fn lora_tags(text: &str) -> (Vec<LoraTag>, String) {
    const OPEN: &str = "<lora:";
    let mut tags: Vec<LoraTag> = Vec::new();
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        let behind = &rest[at + OPEN.len()..];
        let Some(end) = behind.find('>') else { break };
        if end == 0 {
            kept.push_str(&rest[..at + OPEN.len()]);
            rest = behind;
            continue;
        }
        kept.push_str(&rest[..at]);
        let tag = parse(&behind[..end]);
        if !tag.name.is_empty() && tags.iter().all(|known| known.name != tag.name) {
            tags.push(tag);
        }
        rest = &behind[end + 1..];
    }
    kept.push_str(rest);
    (tags, kept)
}

fn parse(content: &str) -> LoraTag {
    let content = without_block_name(content.trim_matches(':'));
    let mut fields = content.split(':');
    let name = fields.next().unwrap_or_default().to_owned();
    let (mut weights, mut blocks) = (Vec::new(), None);
    for field in fields {
        if field.starts_with("LBW=") {
            blocks = Some(block_weights(field));
        } else if let Some(weight) = number(field) {
            weights.push(weight);
        }
    }
    let model_weight = weights.first().copied().unwrap_or(1.0);
    let clip_weight = weights.get(1).copied().unwrap_or(model_weight);
    LoraTag { name, model_weight, clip_weight, blocks }
}

/// Reduces `LBW=NAME:` to `LBW=`.
fn without_block_name(content: &str) -> String {
    const KEY: &str = "LBW=";
    let split = content.find(KEY).map(|at| content.split_at(at + KEY.len()));
    let Some((before, behind)) = split else { return content.to_owned() };
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
    };
    match behind.split_once(':') {
        Some((name, list)) if is_name(name) => format!("{before}{list}"),
        _ => content.to_owned(),
    }
}

fn block_weights(field: &str) -> BlockWeights {
    let value = |key: &str| field.split(';').find_map(|part| part.strip_prefix(key));
    let factor = |key: &str| value(key).map(|text| text.trim().parse().unwrap_or(1.0));
    BlockWeights {
        spec: value("LBW=").unwrap_or_default().to_owned(),
        a: factor("A="),
        b: factor("B="),
    }
}

/// A decimal number with an optional minus; `.5` and `5.` are numbers, `1e3` is none.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if plain && digits.contains(|c: char| c.is_ascii_digit()) { text.parse().ok() } else { None }
}
