//! Sliding windows over the frames of a clip, for models that see a few frames at a time.
//!
//! [`windows`] says which frames go together in a step, [`fuse`] how what several windows say of a
//! frame becomes one. Plain numbers; nothing here knows a tensor.

mod fuse;
mod windows;

pub use fuse::{FuseMethod, Fusion};
pub use windows::{ContextSchedule, windows};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How a clip is cut into windows. Names and defaults are AnimateDiff-Evolved's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContextOptions {
    /// How windows follow one another.
    pub schedule: ContextSchedule,
    /// Frames of a window.
    pub length: usize,
    /// Uniform schedules: how many sizes of steps between the frames of a window there are, each
    /// twice the one before it.
    pub stride: usize,
    /// Frames that neighbouring windows share.
    pub overlap: usize,
    /// Looped schedule: whether windows go on from the last frame to the first.
    pub closed_loop: bool,
    /// How windows are brought together.
    pub fuse_method: FuseMethod,
    /// Whether a clip just as long as a window is cut, too.
    pub use_on_equal_length: bool,
}

impl Default for ContextOptions {
    fn default() -> Self {
        Self {
            schedule: ContextSchedule::StandardStatic,
            length: 16,
            stride: 1,
            overlap: 4,
            closed_loop: false,
            fuse_method: FuseMethod::Pyramid,
            use_on_equal_length: false,
        }
    }
}

impl ContextOptions {
    /// Refuses what cannot be laid out.
    pub fn validate(&self) -> Result<()> {
        if self.overlap < self.length || self.schedule == ContextSchedule::Batched {
            return Ok(());
        }
        Err(Error::SettingRange {
            name: "context.overlap",
            value: self.overlap.to_string(),
            range: format!("below context.length, which is {}", self.length),
        })
    }

    /// Whether a clip of `frames` frames is cut at all.
    pub fn cuts(&self, frames: usize) -> bool {
        frames > self.length || frames == self.length && self.use_on_equal_length
    }

    /// The windows of step `step`; all frames in one if the clip is not cut.
    pub fn windows(&self, frames: usize, step: usize) -> Vec<Vec<usize>> {
        if self.cuts(frames) { windows(self, frames, step) } else { vec![(0..frames).collect()] }
    }

    /// Most frames a window has.
    pub fn longest(&self, frames: usize) -> usize {
        if self.cuts(frames) { self.length.min(frames) } else { frames }
    }
}
