//! Segments' own pictures put into a picture: the SEGSPaste node.

use super::combine::mask_of_frame;
use super::{Seg, Segs, scale_match};
use crate::error::{Error, Result};
use crate::image::blur::gaussian_blur_mask;
use crate::image::composite::paste_frame;
use crate::image::{Frames, Mask};

/// How [`segs_paste`] blends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegsPaste {
    /// Pixels over which a mask's edge fades; 0 to 100.
    pub feather: u32,
    /// Opacity; 255 covers.
    pub alpha: u8,
}

impl Default for SegsPaste {
    /// The node's defaults.
    fn default() -> Self {
        Self { feather: 5, alpha: 255 }
    }
}

/// Puts each segment's picture into every frame of `image`, in the segments' order.
///
/// The pictures come from `reference`, cut at the crop region, or from the segments themselves;
/// segments without one are passed over. Pictures are not resized, masks are.
pub fn segs_paste(
    image: &Frames,
    segs: Segs,
    reference: Option<&Frames>,
    options: SegsPaste,
) -> Result<Frames> {
    let segs = scale_match(segs, image.size)?;
    if let Some(reference) = reference
        && reference.size != image.size
    {
        return Err(Error::SegsSize { segs: segs.size, image: reference.size });
    }
    if let Some(reference) = reference
        && reference.count != image.count
    {
        let (expected, found) = (image.count, reference.count);
        return Err(Error::FrameCount { what: "the reference picture", expected, found });
    }
    let mut image = image.clone();
    for index in 0..image.count {
        for seg in &segs.items {
            let cut;
            let patch = match (reference, &seg.cropped_image) {
                (Some(reference), _) => {
                    cut = reference.crop_frame(index, seg.crop_region);
                    (&cut, 0)
                }
                (None, Some(own)) if index < own.count => (own, index),
                (None, Some(own)) => {
                    let (expected, found) = (image.count, own.count);
                    return Err(Error::FrameCount { what: "a segment's picture", expected, found });
                }
                (None, None) => continue,
            };
            if let Some(mask) = blend_mask(seg, index, image.count, options) {
                paste_frame(
                    &mut image,
                    index,
                    patch,
                    (seg.crop_region.x1, seg.crop_region.y1),
                    &mask,
                );
            }
        }
    }
    Ok(image)
}

fn blend_mask(seg: &Seg, index: usize, frames: usize, options: SegsPaste) -> Option<Mask> {
    let mask = mask_of_frame(&seg.cropped_mask, index, frames)?;
    let opacity = f32::from(options.alpha) / 255.0;
    Some(gaussian_blur_mask(&mask, options.feather).map(|value| value * opacity))
}
