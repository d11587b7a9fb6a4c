//! Putting a refined crop back into its picture.

use super::resize::bilinear;
use super::{Frames, Mask};

/// Mixes `patch` into every frame of `image` with its near corner at `at`, as far as `mask` says.
///
/// `(1 - m) * image + m * patch`, not clamped. What reaches beyond the image is left out; a mask of
/// another size is stretched to the patch. A patch of one frame serves all frames of the image,
/// otherwise frame meets frame.
pub fn paste(image: &mut Frames, patch: &Frames, at: (u32, u32), mask: &Mask) {
    for index in 0..image.count {
        let source = if patch.count == 1 { 0 } else { index };
        if source < patch.count {
            paste_frame(image, index, (patch, source), at, mask);
        }
    }
}

/// [`paste`] for one frame of `image` and one frame of a patch.
pub fn paste_frame(
    image: &mut Frames,
    index: usize,
    (patch, patch_index): (&Frames, usize),
    at: (u32, u32),
    mask: &Mask,
) {
    let stretched;
    let mask = if mask.size == patch.size {
        mask
    } else {
        stretched = bilinear(mask, patch.size);
        &stretched
    };
    let (size, channels) = (image.size, image.channels.min(patch.channels));
    let columns = patch.size.width.min(size.width.saturating_sub(at.0)) as usize;
    let rows = patch.size.height.min(size.height.saturating_sub(at.1)) as usize;
    let (stride, patch_stride) = (image.channels, patch.channels);
    let source = patch.frame(patch_index);
    let target = image.frame_mut(index);
    for y in 0..rows {
        for x in 0..columns {
            let m = mask.data[y * patch.size.width as usize + x];
            let from = (y * patch.size.width as usize + x) * patch_stride;
            let to = ((y + at.1 as usize) * size.width as usize + x + at.0 as usize) * stride;
            for channel in 0..channels {
                let value = &mut target[to + channel];
                *value = (1.0 - m) * *value + m * source[from + channel];
            }
        }
    }
}
