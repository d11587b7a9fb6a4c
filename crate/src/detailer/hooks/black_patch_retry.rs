//! Crops that came out black, made once more.

use serde::{Deserialize, Serialize};

use super::{DetailerHook, Pending, at_once};
use crate::error::Error;
use crate::image::Frames;

/// Asks for another attempt while the crop's brightness and its variance are both next to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BlackPatchRetry {
    /// A crop is black if its mean brightness is at most this, in 8-bit levels.
    pub mean_thresh: u8,
    /// And the variance of its brightness at most this over 255.
    pub var_thresh: u8,
    /// Further attempts before the run is given up.
    pub max_retries: usize,
}

impl Default for BlackPatchRetry {
    fn default() -> Self {
        Self { mean_thresh: 10, var_thresh: 5, max_retries: 5 }
    }
}

impl BlackPatchRetry {
    fn is_black(&self, patch: &Frames) -> bool {
        let channels = patch.channels as f64;
        let grey = |pixel: &[f32]| pixel.iter().copied().map(f64::from).sum::<f64>() / channels;
        let values: Vec<f64> = patch.data.chunks(patch.channels.max(1)).map(grey).collect();
        let count = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let limit = |level: u8| f64::from(level) / 255.0;
        mean <= limit(self.mean_thresh) && variance <= limit(self.var_thresh)
    }
}

impl DetailerHook for BlackPatchRetry {
    fn should_retry_patch<'a>(
        &'a mut self,
        patch: &'a Frames,
        attempt: usize,
    ) -> Pending<'a, bool> {
        let is_black = self.is_black(patch);
        at_once(match is_black && attempt >= self.max_retries {
            true => Err(Error::BlackPatch { attempts: attempt + 1 }),
            false => Ok(is_black),
        })
    }
}
