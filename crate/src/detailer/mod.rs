//! The nodes: a segment is cut out, enlarged, sampled anew and pasted back.
//!
//! Everything outside the feathered masks comes back bit for bit as it went in.

pub mod enhance;
mod for_each;
pub mod hooks;
mod mask;
mod nodes;
mod outside;
mod settings;
mod skip;
pub mod upscale;

pub use for_each::{Detailed, DetailedSeg, Detailer, detail_segs};
pub use mask::{mask_detailer, segs_from_mask};
pub use nodes::{Choice, Domain, NODES, NodeRow, SettingRow, find_node};
pub use outside::largest_change_outside;
pub use settings::{DetailerSettings, GuideSizeFor};
pub use skip::{Enhanced, Skip};
