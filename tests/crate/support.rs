//! What several tests need.

mod checkpoint;
mod control_net;
mod hashed;
mod header;
mod motion;
mod networks;
mod tensors;

pub use checkpoint::Checkpoint;
pub use control_net::tiny_control_net;
pub use hashed::hashed_checkpoint;
pub use header::HeaderOnly;
pub use motion::{MOTION_FRAMES, tiny_motion};
pub use networks::{
    CHANNELS, TEXT, tiny_checkpoint, tiny_clip, tiny_unet, tiny_vae, transformer, unet_resnet,
};
pub use tensors::{gpu, noise, noise_tensor, relative_error, test_device, values};

pub use crate::fuzz::mutate::Random;
use burnish::geometry::{Rect, Size};
use burnish::image::{Frames, Mask};

impl Random {
    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + (self.bits() % u64::from(high - low + 1)) as u32
    }

    /// A number from 0 to below 1.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    /// A size with sides from 1 to `longest`.
    pub fn size(&mut self, longest: u32) -> Size {
        Size::new(self.between(1, longest), self.between(1, longest))
    }

    /// A rectangle inside `size` with at least one pixel.
    pub fn rect(&mut self, size: Size) -> Rect {
        let (x1, y1) = (self.between(0, size.width - 1), self.between(0, size.height - 1));
        Rect::new(x1, y1, self.between(x1 + 1, size.width), self.between(y1 + 1, size.height))
    }

    /// Soft values everywhere.
    pub fn mask(&mut self, size: Size) -> Mask {
        Mask { size, data: (0..size.area()).map(|_| self.unit()).collect() }
    }

    /// Black with a share of white pixels.
    pub fn speckles(&mut self, size: Size, share: f32) -> Mask {
        let data = (0..size.area()).map(|_| f32::from(u8::from(self.unit() < share))).collect();
        Mask { size, data }
    }

    /// Pictures on 8-bit levels.
    pub fn frames(&mut self, size: Size, count: usize) -> Frames {
        let mut frames = Frames::zeros(size, count, 3);
        frames.data.fill_with(|| self.between(0, 255) as f32 / 255.0);
        frames
    }
}

/// Fails unless both lists are equally long and nowhere further apart than `tolerance`.
#[track_caller]
pub fn assert_close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len(), "number of values");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let close = (found - expected).abs() <= tolerance;
        assert!(close, "value {index} is {found}, not {expected}");
    }
}
