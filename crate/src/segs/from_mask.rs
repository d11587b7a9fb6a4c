//! From a painted mask to segments.

use super::contour::{Region, outer_regions};
use super::{Seg, SegMask, Segs};
use crate::geometry::{Rect, make_crop_region};
use crate::image::Mask;

/// How [`mask_to_segs`] divides a mask.
#[derive(Debug, Clone, PartialEq)]
pub struct MaskToSegs {
    /// One segment over everything painted, instead of one for each connected region.
    pub combined: bool,
    /// Side of the crop region relative to the object's; at least 1.
    pub crop_factor: f64,
    /// Marks the whole bounding box instead of the painted shape.
    pub bbox_fill: bool,
    /// Regions not wider and higher than this, in pixels, are dropped. Not for `combined`.
    pub drop_size: u32,
    /// Fills holes and makes the mask 0 or 1, instead of keeping the painted values. Not for
    /// `combined`.
    pub contour_fill: bool,
    /// Least side of the crop region in pixels. Not for `combined`.
    pub crop_min_size: Option<f64>,
    /// Label of every segment.
    pub label: String,
}

impl Default for MaskToSegs {
    /// The MASK to SEGS node's defaults.
    fn default() -> Self {
        Self {
            combined: false,
            crop_factor: 3.0,
            bbox_fill: false,
            drop_size: 10,
            contour_fill: false,
            crop_min_size: None,
            label: "A".to_owned(),
        }
    }
}

/// Divides a mask into segments; none if nothing is painted or all of it is too small.
///
/// Neighbours that reach into a segment's crop are not in its mask.
pub fn mask_to_segs(mask: &Mask, options: &MaskToSegs) -> Segs {
    let items = if options.combined {
        combined_seg(mask, options).into_iter().collect()
    } else {
        let drop_size = options.drop_size.max(1);
        outer_regions(mask)
            .iter()
            .filter(|region| region.bbox.width() > drop_size && region.bbox.height() > drop_size)
            .map(|region| region_seg(mask, region, options))
            .collect()
    };
    Segs { size: mask.size, items }
}

fn region_seg(mask: &Mask, region: &Region, options: &MaskToSegs) -> Seg {
    let crop_region =
        make_crop_region(mask.size, region.bbox, options.crop_factor, options.crop_min_size);
    let mut cropped = mask.crop(crop_region);
    fill(&mut cropped, |index| {
        let (x, y) = place(index, crop_region);
        let in_bbox = region.bbox.contains(Rect::new(x, y, x + 1, y + 1));
        match (options.bbox_fill && in_bbox, region.covers(x, y)) {
            (true, _) => Some(1.0),
            (false, true) if options.contour_fill => Some(1.0),
            (false, true) => Some(mask.at(x, y).clamp(0.0, 1.0)),
            (false, false) => Some(0.0),
        }
    });
    seg(cropped, crop_region, region.bbox, options)
}

/// The far edges of the bounding box are the last painted pixels themselves, and filling it uses
/// the image's coordinates inside the crop: both as the reference does it.
fn combined_seg(mask: &Mask, options: &MaskToSegs) -> Option<Seg> {
    let bbox = last_painted(mask)?;
    let crop_region = make_crop_region(mask.size, bbox, options.crop_factor, None);
    if crop_region.is_empty() {
        return None;
    }
    let mut cropped = mask.crop(crop_region);
    if options.bbox_fill {
        let width = cropped.size.width as usize;
        fill(&mut cropped, |index| {
            let (x, y) = ((index % width) as u32, (index / width) as u32);
            bbox.contains(Rect::new(x, y, x + 1, y + 1)).then_some(1.0)
        });
    }
    Some(seg(cropped, crop_region, bbox, options))
}

/// First and last column and row with a painted pixel.
fn last_painted(mask: &Mask) -> Option<Rect> {
    let width = mask.size.width as usize;
    mask.data
        .iter()
        .enumerate()
        .filter(|(_, value)| **value != 0.0)
        .map(|(index, _)| ((index % width) as u32, (index / width) as u32))
        .map(|(x, y)| Rect::new(x, y, x, y))
        .reduce(|a, b| Rect {
            x1: a.x1.min(b.x1),
            y1: a.y1.min(b.y1),
            x2: a.x2.max(b.x2),
            y2: a.y2.max(b.y2),
        })
}

fn seg(cropped: Mask, crop_region: Rect, bbox: Rect, options: &MaskToSegs) -> Seg {
    Seg {
        cropped_image: None,
        cropped_mask: SegMask::Still(cropped),
        confidence: 1.0,
        crop_region,
        bbox,
        label: options.label.clone(),
        controls: Vec::new(),
    }
}

fn place(index: usize, region: Rect) -> (u32, u32) {
    let width = region.width() as usize;
    (region.x1 + (index % width) as u32, region.y1 + (index / width) as u32)
}

fn fill(mask: &mut Mask, value: impl Fn(usize) -> Option<f32>) {
    for (index, pixel) in mask.data.iter_mut().enumerate() {
        *pixel = value(index).unwrap_or(*pixel);
    }
}
