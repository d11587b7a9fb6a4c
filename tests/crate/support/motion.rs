//! A tiny motion module for the tiny UNet.

use super::Checkpoint;
use super::networks::CHANNELS;

/// Frames the module knows positions for.
pub const MOTION_FRAMES: usize = 8;

/// Where the modules are, for [`tiny_unet`](super::tiny_unet).
const PLACES: [&str; 6] = [
    "down_blocks.0.motion_modules.0",
    "down_blocks.1.motion_modules.0",
    "up_blocks.0.motion_modules.0",
    "up_blocks.0.motion_modules.1",
    "up_blocks.1.motion_modules.0",
    "up_blocks.1.motion_modules.1",
];

/// In the original layout; with a middle block it counts as version 2, without as version 1.
pub fn tiny_motion(has_middle: bool) -> Checkpoint {
    let mut file = Checkpoint::default();
    let middle = has_middle.then_some("mid_block.motion_modules.0");
    for place in PLACES.into_iter().chain(middle) {
        temporal_transformer(&mut file, &format!("{place}.temporal_transformer"));
    }
    file
}

fn temporal_transformer(file: &mut Checkpoint, path: &str) {
    let c = CHANNELS;
    file.norm(&format!("{path}.norm"), c)
        .layer(&format!("{path}.proj_in"), &[c, c])
        .layer(&format!("{path}.proj_out"), &[c, c]);
    let block = format!("{path}.transformer_blocks.0");
    for index in 0..2 {
        let attention = format!("{block}.attention_blocks.{index}");
        for layer in ["to_q", "to_k", "to_v"] {
            file.add(&format!("{attention}.{layer}.weight"), &[c, c]);
        }
        file.layer(&format!("{attention}.to_out.0"), &[c, c])
            .add(&format!("{attention}.pos_encoder.pe"), &[1, MOTION_FRAMES, c])
            .norm(&format!("{block}.norms.{index}"), c);
    }
    file.norm(&format!("{block}.ff_norm"), c)
        .layer(&format!("{block}.ff.net.0.proj"), &[8 * c, c])
        .layer(&format!("{block}.ff.net.2"), &[c, 4 * c]);
}
