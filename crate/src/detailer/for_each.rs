//! DetailerForEach: every segment in turn, each seeing what the ones before it painted.

use std::fmt;

use super::enhance::{Segment, enhance_detail};
use super::hooks::{DetailerHook, HookChain};
use super::settings::DetailerSettings;
use super::skip::{Enhanced, Skip};
use crate::diffusion::{Conditioning, Pipe};
use crate::error::{Error, Result};
use crate::geometry::Rect;
use crate::image::blur::gaussian_blur_mask;
use crate::image::composite::paste;
use crate::image::{Frames, Mask};
use crate::monitor::{Event, Monitor, Stage};
use crate::segs::{Seg, SegMask, Segs, scale_match};

/// What every segment of a run shares.
#[derive(Clone, Copy)]
pub struct Detailer<'a> {
    /// The checkpoint.
    pub pipe: &'a Pipe,
    /// Prompt to go towards.
    pub positive: &'a Conditioning,
    /// Prompt to go away from.
    pub negative: &'a Conditioning,
    /// How to detail.
    pub settings: &'a DetailerSettings,
    /// Whoever watches, and may stop it.
    pub monitor: &'a dyn Monitor,
}

impl fmt::Debug for Detailer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detailer").field("settings", self.settings).finish_non_exhaustive()
    }
}

/// What became of a segment, and of which.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailedSeg {
    /// Its label.
    pub label: String,
    /// What was cut out and pasted back, in pixels of the image.
    pub crop_region: Rect,
    /// The object itself, in pixels of the image.
    pub bbox: Rect,
    /// The new crop, or why there is none.
    pub outcome: Enhanced,
}

/// The result of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Detailed {
    /// The image with every new crop in it; outside the feathered masks bit for bit the input.
    pub image: Frames,
    /// Every segment, in the order they were worked on.
    pub segments: Vec<DetailedSeg>,
}

/// Details `segs` of a single `image` in their order, segment `i` with seed `seed + i`.
pub async fn detail_segs(
    pipe: &Pipe,
    image: &Frames,
    segs: Segs,
    positive: &Conditioning,
    negative: &Conditioning,
    settings: &DetailerSettings,
    monitor: &dyn Monitor,
) -> Result<Detailed> {
    let detailer = Detailer { pipe, positive, negative, settings, monitor };
    detailer.detail_segs(image, segs, &mut HookChain::default()).await
}

impl Detailer<'_> {
    /// [`detail_segs`] with hooks.
    pub async fn detail_segs(
        &self,
        image: &Frames,
        segs: Segs,
        hooks: &mut dyn DetailerHook,
    ) -> Result<Detailed> {
        if image.count != 1 {
            return Err(Error::FrameCount { what: "image", expected: 1, found: image.count });
        }
        let mut image = image.clone();
        let segs = scale_match(segs, image.size)?;
        let count = segs.items.len();
        let mut segments = Vec::with_capacity(count);
        for (index, seg) in segs.items.into_iter().enumerate() {
            let crop_region = seg.crop_region;
            self.monitor.report(Event::Segment { index, count, crop_region });
            self.monitor.pause().await;
            if self.monitor.cancelled() {
                return Err(Error::Cancelled);
            }
            let outcome = self.detail_seg(&mut image, index, &seg, hooks).await?;
            if let Enhanced::Skipped(skip) = &outcome {
                let reason = skip.to_string();
                self.monitor.report(Event::Skipped { segment: index, reason });
            }
            let Seg { label, crop_region, bbox, .. } = seg;
            segments.push(DetailedSeg { label, crop_region, bbox, outcome });
        }
        Ok(Detailed { image, segments })
    }

    async fn detail_seg(
        &self,
        image: &mut Frames,
        index: usize,
        seg: &Seg,
        hooks: &mut dyn DetailerHook,
    ) -> Result<Enhanced> {
        let mask = still_mask(&seg.cropped_mask)?;
        if mask.is_blank() {
            return Ok(Enhanced::Skipped(Skip::EmptyMask));
        }
        let crop = image.crop(seg.crop_region);
        let segment = Segment {
            index,
            crop: &crop,
            bbox: seg.bbox,
            noise_mask: self.settings.noise_mask.then_some(mask),
            seed: self.settings.seed.wrapping_add(index as u64),
        };
        let outcome = enhance_detail(self, &segment, hooks).await?;
        if let Enhanced::Detailed(refined) = &outcome {
            self.monitor.report(Event::Stage(Stage::Paste));
            let feathered = gaussian_blur_mask(mask, self.settings.feather);
            paste(image, refined, (seg.crop_region.x1, seg.crop_region.y1), &feathered);
            let pasted = std::mem::replace(image, Frames::zeros(image.size, 0, image.channels));
            *image = hooks.post_paste(pasted);
        }
        Ok(outcome)
    }
}

fn still_mask(mask: &SegMask) -> Result<&Mask> {
    match mask.masks() {
        [mask] => Ok(mask),
        masks => Err(Error::FrameCount { what: "mask", expected: 1, found: masks.len() }),
    }
}
