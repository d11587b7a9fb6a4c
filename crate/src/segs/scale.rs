//! Fitting segments made for one picture size to another.

use super::Segs;
use crate::error::{Error, Result};
use crate::geometry::{Rect, Size};
use crate::image::resize::{bilinear, lanczos};

/// Scales segments to a picture of `size`; the same size, or segments of no size, pass unchanged.
///
/// Near corners scale by the width's ratio on both axes and far corners by the height's, as in the
/// reference: right for uniform scaling only. Fractions are cut off. Masks are stretched
/// bilinearly, crops by Lanczos.
pub fn scale_match(mut segs: Segs, size: Size) -> Result<Segs> {
    if segs.size == size || segs.size.is_empty() {
        return Ok(segs);
    }
    let from = segs.size;
    let by_width = f64::from(size.width) / f64::from(from.width);
    let by_height = f64::from(size.height) / f64::from(from.height);
    let scale = |rect: Rect| Rect {
        x1: (f64::from(rect.x1) * by_width) as u32,
        y1: (f64::from(rect.y1) * by_width) as u32,
        x2: (f64::from(rect.x2) * by_height) as u32,
        y2: (f64::from(rect.y2) * by_height) as u32,
    };
    for (segment, seg) in segs.items.iter_mut().enumerate() {
        seg.bbox = scale(seg.bbox);
        seg.crop_region = scale(seg.crop_region);
        if seg.crop_region.is_empty() {
            return Err(Error::ScaledAway { segment, from, to: size });
        }
        let crop = seg.crop_region.size();
        seg.cropped_mask = seg.cropped_mask.map(|mask| bilinear(mask, crop));
        seg.cropped_image = seg.cropped_image.take().map(|frames| lanczos(&frames, crop));
    }
    segs.size = size;
    Ok(segs)
}
