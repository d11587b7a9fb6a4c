//! At which size a segment is sampled.

use super::settings::GuideSizeFor;
use super::skip::Skip;
use crate::geometry::{Rect, Size};

/// The three settings that decide about size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GuideSize {
    /// Pixels the shorter side is brought to.
    pub guide_size: f64,
    /// The rectangle whose shorter side is meant.
    pub guide_size_for: GuideSizeFor,
    /// Most pixels an enlarged crop may have along its longer side.
    pub max_size: f64,
}

/// The size a crop is sampled at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Upscale {
    /// What the crop's sides are multiplied with, before fractions are cut off.
    pub factor: f64,
    /// The size in pixels; not rounded to whole latent cells.
    pub size: Size,
}

/// Brings the shorter side of bounding box or crop to the guide size, within `max_size`.
///
/// Nothing is ever shrunk: with `force_inpaint` a crop that cannot grow is sampled as it is, however
/// large (`max_size` limits only enlarging); without it such a segment is skipped, and so is one
/// whose bounding box reaches the guide size on both sides.
pub fn plan_upscale(
    bbox: Rect,
    crop: Size,
    guide: &GuideSize,
    force_inpaint: bool,
) -> Result<Upscale, Skip> {
    let bbox = bbox.size();
    if bbox.is_empty() || crop.is_empty() {
        return Err(Skip::ZeroSized);
    }
    let reaches = |side: u32| f64::from(side) >= guide.guide_size;
    if !force_inpaint && reaches(bbox.width) && reaches(bbox.height) {
        return Err(Skip::LargeEnough { bbox });
    }
    let guided = match guide.guide_size_for {
        GuideSizeFor::Bbox => bbox,
        GuideSizeFor::CropRegion => crop,
    };
    let mut factor = guide.guide_size / f64::from(guided.width.min(guided.height));
    let mut size = scaled(crop, factor);
    let longer = f64::from(size.width.max(size.height));
    if longer > guide.max_size {
        // The quotient first: fractions are cut off below.
        factor *= guide.max_size / longer;
        size = scaled(crop, factor);
    }
    if factor > 1.0 && !size.is_empty() {
        Ok(Upscale { factor, size })
    } else if force_inpaint {
        Ok(Upscale { factor: 1.0, size: crop })
    } else {
        Err(Skip::NoUpscale { factor })
    }
}

fn scaled(size: Size, factor: f64) -> Size {
    let scale = |side: u32| (f64::from(side) * factor) as u32;
    Size::new(scale(size.width), scale(size.height))
}
