//! Painted masks become segments, where a graph would have a node before the detailer.

use super::hooks::DetailerHook;
use super::nodes::{NodeRow, Pictures};
use super::settings::DetailerSettings;
use crate::error::{Error, Result};
use crate::geometry::Rect;
use crate::image::Mask;
use crate::segs::{MaskToSegs, Seg, SegMask, Segs, mask_to_segs, mask_to_segs_per_frame};

/// The segments of MaskDetailer, lowest first; of several masks one after the other.
pub fn segs_from_masks(masks: &[Mask], settings: &DetailerSettings) -> Segs {
    let options = options(settings);
    let mut all = Segs::default();
    for mask in masks {
        let segs = mask_to_segs(mask, &options);
        all.size = segs.size;
        all.items.extend(segs.items);
    }
    all
}

impl NodeRow {
    /// The segments this node works on when masks are painted: one for a single picture, one or one
    /// for each frame for a clip.
    ///
    /// Hooks see them as they see a detector's, but for MaskDetailer's, which are its own business.
    pub async fn segs_from_masks(
        &self,
        masks: &[Mask],
        settings: &DetailerSettings,
        hooks: &mut dyn DetailerHook,
    ) -> Result<Segs> {
        let mut segs = match self.pictures {
            Pictures::One => segs_from_masks(masks, settings),
            Pictures::Frames => mask_to_segs_per_frame(masks, &options(settings)),
        };
        if self.has("crop_factor") {
            return Ok(segs);
        }
        for seg in &mut segs.items {
            let region = hooks.post_crop_region(segs.size, seg.bbox, seg.crop_region).await?;
            recrop(seg, region.intersection(Rect::of_size(segs.size)));
        }
        hooks.post_detection(segs).await
    }
}

fn options(settings: &DetailerSettings) -> MaskToSegs {
    MaskToSegs {
        crop_factor: settings.crop_factor,
        bbox_fill: settings.bbox_fill,
        drop_size: settings.drop_size,
        contour_fill: settings.contour_fill,
        ..MaskToSegs::default()
    }
}

/// Moves the edges of a segment; where its mask was not known it is 0.
fn recrop(seg: &mut Seg, region: Rect) {
    let old = seg.crop_region;
    if region == old {
        return;
    }
    let both = region.intersection(old);
    seg.cropped_mask = seg.cropped_mask.map(|mask| {
        let mut moved = Mask::filled(region.size(), 0.0);
        for y in both.y1..both.y2 {
            let from =
                &mask.row(y - old.y1)[(both.x1 - old.x1) as usize..][..both.width() as usize];
            let at = ((y - region.y1) * region.width() + both.x1 - region.x1) as usize;
            moved.data[at..at + from.len()].copy_from_slice(from);
        }
        moved
    });
    seg.crop_region = region;
}

/// The only mask of a segment of a single picture.
pub(super) fn still_mask(mask: &SegMask) -> Result<&Mask> {
    match mask.masks() {
        [mask] => Ok(mask),
        masks => Err(Error::FrameCount { what: "mask", expected: 1, found: masks.len() }),
    }
}
