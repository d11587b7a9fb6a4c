//! Segments: the parts of a picture that are worked on one by one, and how they come into being.
//!
//! Plain data on the CPU. What is done to a segment is the detailer's business.

use std::rc::Rc;

use crate::geometry::{Rect, Size};
use crate::image::{Frames, Mask};

mod base64;
pub mod combine;
pub mod condition;
pub mod contour;
pub mod control;
pub mod edit;
pub mod filter;
pub mod from_frames;
pub mod from_mask;
pub mod json;
pub mod paste;
mod png;
pub mod scale;

pub use condition::crop_condition_mask;
pub use control::{ControlMode, SegControl, with_control, without_controls};
pub use from_frames::mask_to_segs_per_frame;
pub use from_mask::{MaskToSegs, mask_to_segs};
pub use json::{segs_from_json, segs_to_json};
pub use paste::{SegsPaste, segs_paste};
pub use scale::scale_match;

/// The mask of a segment, as large as its crop region.
#[derive(Debug, Clone, PartialEq)]
pub enum SegMask {
    /// One mask for all frames.
    Still(Mask),
    /// A mask for each frame.
    PerFrame(Vec<Mask>),
}

impl SegMask {
    /// Columns and rows; nothing if there is no mask at all.
    pub fn size(&self) -> Size {
        self.masks().first().map(|mask| mask.size).unwrap_or_default()
    }

    /// The masks as a list, one long if the mask stands still.
    pub fn masks(&self) -> &[Mask] {
        match self {
            Self::Still(mask) => std::slice::from_ref(mask),
            Self::PerFrame(masks) => masks,
        }
    }

    /// The mask for frame `index`; the last one serves all frames after it.
    pub fn for_frame(&self, index: usize) -> Option<&Mask> {
        self.masks().get(index).or_else(|| self.masks().last())
    }

    /// Whether no pixel of any mask is above 0.
    pub fn is_blank(&self) -> bool {
        self.masks().iter().all(Mask::is_blank)
    }

    /// `f` of every mask.
    pub fn map(&self, mut f: impl FnMut(&Mask) -> Mask) -> Self {
        match self {
            Self::Still(mask) => Self::Still(f(mask)),
            Self::PerFrame(masks) => Self::PerFrame(masks.iter().map(f).collect()),
        }
    }
}

/// One part of a picture to work on.
#[derive(Debug, Clone, PartialEq)]
pub struct Seg {
    /// The pixels of the crop, where they are known already.
    pub cropped_image: Option<Frames>,
    /// Which pixels of the crop shall change.
    pub cropped_mask: SegMask,
    /// How sure the detector was; 1 for painted masks.
    pub confidence: f32,
    /// What is cut out, worked on and put back. Pixels of the full image.
    pub crop_region: Rect,
    /// The object itself. Pixels of the full image.
    pub bbox: Rect,
    /// What it is; `A` for painted masks.
    pub label: String,
    /// ControlNets that guide it, the first evaluated first.
    pub controls: Vec<Rc<SegControl>>,
}

/// Segments of pictures of one size.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Segs {
    /// Size of the picture the coordinates refer to.
    pub size: Size,
    /// In the order they are worked on.
    pub items: Vec<Seg>,
}
