//! The nodes: a segment is cut out, enlarged, sampled anew and pasted back.
//!
//! Everything outside the feathered masks comes back bit for bit as it went in.

mod control;
mod decimal;
mod detect;
pub mod enhance;
pub mod hooks;
mod loras;
mod motion;
mod nodes;
mod noise_masks;
mod output;
mod outside;
mod prompts;
mod run;
pub mod setting;
mod settings;
mod skip;
pub mod upscale;

pub use detect::segs_from_masks;
pub use loras::{EncodedPrompts, encode_prompts};
pub use motion::{CONTEXT, MOTION, MOTION_LORA, read_motion};
pub use nodes::{Crops, NODES, NodeRow, Pictures, Seeds, find_node};
pub use noise_masks::NoiseMasks;
pub use output::{Detailed, DetailedSeg};
pub use outside::largest_change_outside;
pub use run::Detailer;
pub use setting::{Choice, Domain, SettingRow};
pub use settings::{DetailerSettings, GuideSizeFor};
pub use skip::{Enhanced, Skip};
