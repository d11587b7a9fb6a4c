//! A tiny ControlNet for the tiny UNet.

use super::Checkpoint;
use super::networks::{CHANNELS, TIME, unet_encoder};

/// The network below `prefix`, for [`tiny_unet`](super::tiny_unet).
pub fn tiny_control_net(prefix: &str) -> Checkpoint {
    let mut file = Checkpoint::default();
    let c = CHANNELS;
    let at = |name: &str| match prefix {
        "" => name.to_owned(),
        prefix => format!("{prefix}.{name}"),
    };
    file.layer(&at("time_embed.0"), &[TIME, c]).layer(&at("time_embed.2"), &[TIME, TIME]);
    let widths = [3, 16, 16, 32, 32, 96, 96, 256, c];
    for (index, pair) in widths.windows(2).enumerate() {
        file.layer(&at(&format!("input_hint_block.{}", 2 * index)), &[pair[1], pair[0], 3, 3]);
    }
    unet_encoder(&mut file, &at, 4);
    for index in 0..4 {
        file.layer(&at(&format!("zero_convs.{index}.0")), &[c, c, 1, 1]);
    }
    file.layer(&at("middle_block_out.0"), &[c, c, 1, 1]);
    file
}
