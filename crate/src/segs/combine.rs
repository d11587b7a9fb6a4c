//! Arithmetic of masks and segments on 8-bit levels.

use super::Segs;
use crate::error::{Error, Result};
use crate::geometry::{Rect, Size};
use crate::image::{Mask, level, value_of};

/// Values above this count as covered where masks are joined.
const CLEARLY: f32 = 0.1;

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
        // As in the reference, what comes out has no ControlNet.
        seg.controls.clear();
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

/// One mask for whatever any of several covers clearly; a single one stays as it is.
pub fn merged(masks: &[Mask]) -> Option<Mask> {
    match masks {
        [] | [_] => masks.first().cloned(),
        [first, rest @ ..] => {
            Some(joined(first.size, first.data.iter().map(|&value| level(value)), rest))
        }
    }
}

/// The same as the reference joins noise masks: the first one is as good as lost, because its values
/// are not brought to 8 bits.
pub fn merged_after_first(masks: &[Mask]) -> Option<Mask> {
    let (first, rest) = masks.split_first()?;
    Some(joined(first.size, first.data.iter().map(|&value| value as u8), rest))
}

fn joined(size: Size, first: impl Iterator<Item = u8>, rest: &[Mask]) -> Mask {
    let mut levels: Vec<u8> = first.collect();
    for mask in rest {
        for (at, &value) in levels.iter_mut().zip(&mask.data) {
            *at |= level(value);
        }
    }
    let data = levels.into_iter().map(|level| f32::from(u8::from(value_of(level) > CLEARLY)));
    Mask { size, data: data.collect() }
}
