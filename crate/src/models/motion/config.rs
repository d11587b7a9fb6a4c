//! What the names and shapes in a motion module's file tell about it.

use super::attention::table;
use crate::weights::Weights;
use crate::{Error, Result};

/// Frames the positional table reaches where the file leaves it out (AnimateLCM).
const UNSTORED_FRAMES: usize = 64;

/// The published generations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MotionVersion {
    /// Without a middle block, for up to 24 frames; and all that is built like it: the modules for
    /// Stable Diffusion XL, HotshotXL, AnimateLCM.
    V1,
    /// With a middle block.
    V2,
    /// Without a middle block, for Stable Diffusion 1.5 and up to 32 frames.
    V3,
}

/// How a motion module is to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MotionConfig {
    /// Its generation.
    pub version: MotionVersion,
    /// Blocks on the way down, and as many on the way up: 4 for Stable Diffusion 1.5, 3 for XL.
    pub levels: usize,
    /// Most frames it can see at once.
    pub frames: usize,
}

impl MotionConfig {
    /// Reads names and shapes below `w`, which is the root of a file in the original layout.
    pub fn of(w: &Weights) -> Result<Self> {
        let module = |block: &str| format!("{block}.motion_modules.0.temporal_transformer");
        let has = |block: &str| w.has(&format!("{}.proj_in.weight", module(block)));
        let levels = (0..).take_while(|level| has(&format!("down_blocks.{level}"))).count();
        if levels == 0 {
            // Named by the first tensor it must have.
            w.shape(&format!("{}.proj_in.weight", module("down_blocks.0")))?;
        }
        let block = w.pp(module("down_blocks.0")).pp("transformer_blocks.0");
        let frames = match table(&block) {
            None => UNSTORED_FRAMES,
            Some(table) => match block.shape(table)?.as_slice() {
                &[1, frames, _] => frames,
                shape => return Err(block.wrong_shape(table, "[1, frames, channels]", shape)),
            },
        };
        let version = match (has("mid_block"), levels, frames) {
            (true, ..) => MotionVersion::V2,
            (false, 4, 32) => MotionVersion::V3,
            _ => MotionVersion::V1,
        };
        Ok(Self { version, levels, frames })
    }

    /// Whether every group normalisation of the UNet takes all frames together while such a module
    /// is at work.
    pub fn norms_across_frames(&self) -> bool {
        self.version == MotionVersion::V1
    }

    /// Refuses a clip of more frames than the module can see at once.
    pub fn check_frames(&self, frames: usize) -> Result<()> {
        if frames <= self.frames {
            return Ok(());
        }
        Err(Error::TooManyFrames { frames, limit: self.frames })
    }
}
