//! From the masks of several frames to segments that last through all of them.

use super::combine::combined_mask;
use super::{MaskToSegs, SegMask, Segs, mask_to_segs};
use crate::image::Mask;

/// Values above this belong to the outline of a single mask's segments.
const OUTLINE: f32 = 0.1;

/// Divides what is painted in any frame into segments, each with a mask for every frame.
///
/// A single mask gives segments with a still mask instead, made anew from what its regions
/// cover clearly: soft bridges between them are cut. `contour_fill` plays no part.
pub fn mask_to_segs_per_frame(masks: &[Mask], options: &MaskToSegs) -> Segs {
    let [first, rest @ ..] = masks else { return Segs::default() };
    if rest.is_empty() {
        let soft = MaskToSegs { contour_fill: false, ..options.clone() };
        let outline = combined_mask(&mask_to_segs(first, &soft));
        let outline = outline.map(|value| f32::from(u8::from(value > OUTLINE)));
        let filled = MaskToSegs { combined: false, bbox_fill: false, contour_fill: true, ..soft };
        return mask_to_segs(&outline, &filled);
    }
    let mut painted = first.clone();
    for mask in rest {
        for (most, value) in painted.data.iter_mut().zip(&mask.data) {
            *most = most.max(*value);
        }
    }
    let mut segs = mask_to_segs(&painted, options);
    for seg in &mut segs.items {
        let crops = masks.iter().map(|mask| mask.crop(seg.crop_region)).collect();
        seg.cropped_mask = SegMask::PerFrame(crops);
    }
    segs
}
