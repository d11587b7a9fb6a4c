//! Where sampling may change a crop: a segment's mask, made ready for its latent.

use crate::geometry::Size;
use crate::image::Mask;
use crate::image::blur::gaussian_blur_mask;
use crate::image::resize::bilinear;
use crate::segs::combine::merged_after_first;

/// A segment's masks, as large as its crop.
#[derive(Debug, Clone, Copy)]
pub enum NoiseMasks<'a> {
    /// Sampling is not confined.
    Everywhere,
    /// Of a single picture.
    Still(&'a Mask),
    /// Of a clip: one for all frames or one for each.
    Frames(&'a [Mask]),
}

impl NoiseMasks<'_> {
    /// Feathered, for a crop of `frames` frames that is sampled at `size`.
    ///
    /// As in the reference only masks of clips are brought to that size here, and where their number
    /// is not that of the frames all but the first become one.
    pub fn ready(&self, feather: u32, size: Size, frames: usize) -> Vec<Mask> {
        match self {
            Self::Everywhere => Vec::new(),
            Self::Still(mask) => vec![gaussian_blur_mask(mask, feather)],
            Self::Frames(masks) => {
                let stretched = |mask| bilinear(&gaussian_blur_mask(mask, feather), size);
                let masks: Vec<Mask> = masks.iter().map(stretched).collect();
                match merged_after_first(&masks) {
                    Some(merged) if masks.len() > 1 && masks.len() != frames => vec![merged],
                    _ => masks,
                }
            }
        }
    }
}
