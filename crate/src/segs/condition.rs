//! The part of a prompt's mask that belongs to a segment.

use crate::geometry::{Rect, Size};
use crate::image::Mask;

/// Cuts a prompt's mask to a segment's crop region.
///
/// `crop_region` is in pixels of the image; the mask may have another size. Columns scale by the
/// ratio of the heights and rows by that of the widths, as in the reference: right only where both
/// are equal. Halves round to even.
pub fn crop_condition_mask(mask: &Mask, image: Size, crop_region: Rect) -> Mask {
    let by_height = f64::from(mask.size.height) / f64::from(image.height);
    let by_width = f64::from(mask.size.width) / f64::from(image.width);
    let scale = |pixels: u32, ratio: f64| (f64::from(pixels) * ratio).round_ties_even() as u32;
    mask.crop(Rect {
        x1: scale(crop_region.x1, by_height),
        y1: scale(crop_region.y1, by_width),
        x2: scale(crop_region.x2, by_height),
        y2: scale(crop_region.y2, by_width),
    })
}
