//! Wildcards: prompts that choose among options, and prompts of their own for single segments.
//!
//! Text in, text out. Nothing here encodes a prompt or loads a LoRA; that is the detailer's
//! business.

mod choice;
mod files;
mod lora;
mod names;
mod options;
mod order;
mod populate;
mod prompt;
mod segments;
mod yaml;

pub use choice::Choice;
pub use files::WildcardFiles;
pub use lora::{BlockWeights, LoraTag, lora_tags};
pub use order::SegOrder;
pub use populate::populate;
pub use prompt::{WildcardPrompt, resolve};
pub use segments::{SegmentPrompt, SegmentPrompts};
