//! Arithmetic of masks and segments on 8-bit levels.

use super::{SegMask, Segs};
use crate::error::{Error, Result};
use crate::geometry::Rect;
use crate::image::{Mask, level, value_of};

/// All masks of all segments on one canvas, joined bit by bit on 8-bit levels.
pub fn combined_mask(segs: &Segs) -> Mask {
    let width = segs.size.width as usize;
    let mut levels = vec![0u8; segs.size.area()];
    for seg in &segs.items {
        let inside = seg.crop_region.intersection(Rect::of_size(segs.size));
        for mask in seg.cropped_mask.masks() {
            for y in inside.y1..inside.y2.min(inside.y1 + mask.size.height) {
                let row = &mut levels[y as usize * width + inside.x1 as usize..];
                let columns = inside.width() as usize;
                for (at, &value) in row[..columns].iter_mut().zip(mask.row(y - inside.y1)) {
                    *at |= level(value);
                }
            }
        }
    }
    Mask { size: segs.size, data: levels.into_iter().map(value_of).collect() }
}

/// Keeps of each segment's mask what `mask` has too, bit by bit on 8-bit levels.
///
/// Bit by bit is no minimum where both are soft: 128 and 127 have no bit in common. `mask` must
/// have the size the segments were made for.
pub fn and_mask(segs: &Segs, mask: &Mask) -> Result<Segs> {
    with_mask(segs, mask, |own, other| own & other)
}

/// Takes `mask` away from each segment's mask on 8-bit levels; never below 0.
pub fn subtract_mask(segs: &Segs, mask: &Mask) -> Result<Segs> {
    with_mask(segs, mask, u8::saturating_sub)
}

/// [`and_mask`] with all that `other` covers.
pub fn and_segs(segs: &Segs, other: &Segs) -> Result<Segs> {
    and_mask(segs, &combined_mask(other))
}

/// [`subtract_mask`] with all that `other` covers.
pub fn subtract_segs(segs: &Segs, other: &Segs) -> Result<Segs> {
    subtract_mask(segs, &combined_mask(other))
}

/// What a segment's mask has beyond the picture meets nothing.
fn with_mask(segs: &Segs, mask: &Mask, f: impl Fn(u8, u8) -> u8) -> Result<Segs> {
    if segs.size != mask.size {
        return Err(Error::MaskSize { mask: mask.size, image: segs.size });
    }
    let mut segs = segs.clone();
    for seg in &mut segs.items {
        let other = mask.crop(seg.crop_region);
        seg.cropped_mask = seg.cropped_mask.map(|own| {
            let columns = own.size.width as usize;
            let mut met = Mask::filled(own.size, 0.0);
            for (index, (met, own)) in met.data.iter_mut().zip(&own.data).enumerate() {
                let (x, y) = ((index % columns) as u32, (index / columns) as u32);
                let inside = x < other.size.width && y < other.size.height;
                let other = if inside { level(other.at(x, y)) } else { 0 };
                *met = value_of(f(level(*own), other));
            }
            met
        });
    }
    Ok(segs)
}

/// One mask for a segment on a canvas of `frames` frames: its own for frame `index` if there are as
/// many, else whatever any of its masks covers.
pub(super) fn mask_of_frame(mask: &SegMask, index: usize, frames: usize) -> Option<Mask> {
    match mask.masks() {
        [] => None,
        [only] => Some(only.clone()),
        masks if masks.len() == frames => masks.get(index).cloned(),
        [first, rest @ ..] => {
            let mut levels: Vec<u8> = first.data.iter().map(|&value| level(value)).collect();
            for mask in rest {
                for (at, &value) in levels.iter_mut().zip(&mask.data) {
                    *at |= level(value);
                }
            }
            let data = levels.into_iter().map(|level| f32::from(u8::from(value_of(level) > 0.1)));
            Some(Mask { size: first.size, data: data.collect() })
        }
    }
}
