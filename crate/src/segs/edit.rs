//! Changing what segments carry: their masks and their pictures.

use super::Segs;
use crate::error::{Error, Result};
use crate::image::Frames;
use crate::image::dilate::dilate as dilate_mask;

/// Grows (`amount` > 0) or shrinks the mask of every segment within its crop; see
/// [`dilate`](crate::image::dilate::dilate()).
pub fn dilate(mut segs: Segs, amount: i32) -> Segs {
    for seg in &mut segs.items {
        seg.cropped_mask = seg.cropped_mask.map(|mask| dilate_mask(mask, amount));
    }
    segs
}

/// Gives segments the part of `image` inside their crop region, those that have a picture too if
/// `replace` is on.
pub fn with_image(mut segs: Segs, image: &Frames, replace: bool) -> Result<Segs> {
    if segs.size != image.size {
        return Err(Error::SegsSize { segs: segs.size, image: image.size });
    }
    for seg in segs.items.iter_mut().filter(|seg| replace || seg.cropped_image.is_none()) {
        seg.cropped_image = Some(image.crop(seg.crop_region));
    }
    Ok(segs)
}

/// Takes the pictures of all segments away, so that nodes work on the image they are given.
pub fn without_image(mut segs: Segs) -> Segs {
    segs.items.iter_mut().for_each(|seg| seg.cropped_image = None);
    segs
}
