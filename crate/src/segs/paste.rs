//! Segments' own pictures put into a picture: the SEGSPaste node.

use super::combine::merged;
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
    for mut seg in segs.items {
        if let Some(reference) = reference {
            seg.cropped_image = Some(reference.crop(seg.crop_region));
        }
        paste_seg(&mut image, &seg, options)?;
    }
    Ok(image)
}

/// [`segs_paste`] of a single segment of the right size, in place.
pub fn paste_seg(image: &mut Frames, seg: &Seg, options: SegsPaste) -> Result<()> {
    let Some(patch) = &seg.cropped_image else { return Ok(()) };
    if patch.count < image.count {
        let (expected, found) = (image.count, patch.count);
        return Err(Error::FrameCount { what: "a segment's picture", expected, found });
    }
    let masks = seg.cropped_mask.masks();
    let own_masks = masks.len() == image.count;
    let shared = if own_masks { None } else { merged(masks) };
    let shared = shared.map(|mask| blend_mask(&mask, options));
    let at = (seg.crop_region.x1, seg.crop_region.y1);
    for index in 0..image.count {
        let own = masks.get(index).filter(|_| own_masks);
        let own = own.map(|mask| blend_mask(mask, options));
        if let Some(mask) = own.as_ref().or(shared.as_ref()) {
            paste_frame(image, index, (patch, index), at, mask);
        }
    }
    Ok(())
}

fn blend_mask(mask: &Mask, options: SegsPaste) -> Mask {
    let opacity = f32::from(options.alpha) / 255.0;
    gaussian_blur_mask(mask, options.feather).map(|value| value * opacity)
}
