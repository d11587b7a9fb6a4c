//! Fixed sizes, as models compiled ahead of time want them.

use serde::{Deserialize, Serialize};

use super::{DetailerHook, Pending, at_once};
use crate::diffusion::Latent;
use crate::error::{Error, Result};
use crate::geometry::{Rect, Size};

/// Samples every segment at one size, twice in a batch of which the first is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CoreMl {
    /// Width and height, such as `512x768`.
    pub mode: String,
}

impl CoreMl {
    /// The sizes the reference offers.
    pub const MODES: [&str; 4] = ["512x512", "768x768", "512x768", "768x512"];

    fn size(&self) -> Result<Size> {
        let sides = self.mode.split_once('x');
        let sides = sides.and_then(|(w, h)| Some(Size::new(w.parse().ok()?, h.parse().ok()?)));
        sides.filter(|size| !size.is_empty()).ok_or_else(|| Error::SettingRange {
            name: "mode",
            value: self.mode.clone(),
            range: format!("one of {}", Self::MODES.join(", ")),
        })
    }
}

impl Default for CoreMl {
    fn default() -> Self {
        Self { mode: Self::MODES[0].to_owned() }
    }
}

impl DetailerHook for CoreMl {
    /// Narrows the region to the size's proportions, dividing what is lost as `bbox` divides it.
    fn post_crop_region(&mut self, _image: Size, bbox: Rect, region: Rect) -> Pending<'_, Rect> {
        at_once(self.size().map(|size| {
            let ratio = f64::from(size.width) / f64::from(size.height);
            let (width, height) = (f64::from(region.width()), f64::from(region.height()));
            if region.is_empty() {
                region
            } else if width / height < ratio {
                let (y1, y2) = narrowed((region.y1, region.y2), (bbox.y1, bbox.y2), width / ratio);
                Rect { y1, y2, ..region }
            } else {
                let (x1, x2) = narrowed((region.x1, region.x2), (bbox.x1, bbox.x2), height * ratio);
                Rect { x1, x2, ..region }
            }
        }))
    }

    fn touch_scaled_size(&mut self, _size: Size) -> Pending<'_, Size> {
        at_once(self.size())
    }

    fn post_encode(&mut self, latent: Latent) -> Pending<'_, Latent> {
        let samples = latent.samples.repeat_dim(0, 2);
        at_once(Ok(Latent { samples, ..latent }))
    }

    fn pre_decode(&mut self, latent: Latent) -> Pending<'_, Latent> {
        let samples = latent.samples.narrow(0, 0, 1);
        at_once(Ok(Latent { samples, ..latent }))
    }
}

/// A side shortened to `length`, with the object's share of the surroundings kept on either end.
fn narrowed((near, far): (u32, u32), object: (u32, u32), length: f64) -> (u32, u32) {
    let before = f64::from(object.0.saturating_sub(near));
    let behind = f64::from(far.saturating_sub(object.1));
    let share = if before + behind > 0.0 { before / (before + behind) } else { 0.5 };
    let start = (f64::from(near) + (f64::from(far - near) - length) * share) as u32;
    (start, (start + length as u32).min(far))
}
