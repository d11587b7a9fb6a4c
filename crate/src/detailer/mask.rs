//! MaskDetailer: the connected regions of a painted mask, detailed.

use super::for_each::{Detailed, Detailer};
use super::hooks::{DetailerHook, HookChain};
use super::settings::DetailerSettings;
use crate::diffusion::{Conditioning, Pipe};
use crate::error::{Error, Result};
use crate::image::{Frames, Mask};
use crate::monitor::Monitor;
use crate::segs::{MaskToSegs, Segs, mask_to_segs};

/// Details every connected region of `mask`, which has the size of the single `image`.
///
/// With `batch_size` n the result holds n versions of the image, version `b` seeded `seed + b`, and
/// the segments of all versions one after the other. `force_inpaint` is always on.
pub async fn mask_detailer(
    pipe: &Pipe,
    image: &Frames,
    mask: &Mask,
    positive: &Conditioning,
    negative: &Conditioning,
    settings: &DetailerSettings,
    monitor: &dyn Monitor,
) -> Result<Detailed> {
    let detailer = Detailer { pipe, positive, negative, settings, monitor };
    detailer.detail_mask(image, mask, &mut HookChain::default()).await
}

impl Detailer<'_> {
    /// [`mask_detailer`] with hooks.
    pub async fn detail_mask(
        &self,
        image: &Frames,
        mask: &Mask,
        hooks: &mut dyn DetailerHook,
    ) -> Result<Detailed> {
        if mask.size != image.size {
            return Err(Error::MaskSize { mask: mask.size, image: image.size });
        }
        let segs = segs_from_mask(mask, self.settings);
        let mut all: Option<Detailed> = None;
        for batch in 0..self.settings.batch_size as u64 {
            let settings = DetailerSettings {
                seed: self.settings.seed.wrapping_add(batch),
                force_inpaint: true,
                ..self.settings.clone()
            };
            let detailer = Detailer { settings: &settings, ..*self };
            let detailed = detailer.detail_segs(image, segs.clone(), hooks).await?;
            match &mut all {
                None => all = Some(detailed),
                Some(all) => {
                    all.image.count += 1;
                    all.image.data.extend(detailed.image.data);
                    all.segments.extend(detailed.segments);
                }
            }
        }
        Ok(all.unwrap_or_else(|| Detailed { image: image.clone(), segments: Vec::new() }))
    }
}

/// The segments MaskDetailer works on, lowest first.
pub fn segs_from_mask(mask: &Mask, settings: &DetailerSettings) -> Segs {
    let options = MaskToSegs {
        crop_factor: settings.crop_factor,
        bbox_fill: settings.bbox_fill,
        drop_size: settings.drop_size,
        contour_fill: settings.contour_fill,
        ..MaskToSegs::default()
    };
    mask_to_segs(mask, &options)
}
