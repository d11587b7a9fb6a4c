//! The picture as it stands, after every segment.

use std::fmt;

use super::{DetailerHook, Pending, at_once};
use crate::image::{Frames, level};
use crate::monitor::{Event, Monitor};

/// Reports the first frame after each paste as [`Event::Preview`], in full size.
pub struct Preview<'a> {
    /// Whoever watches.
    pub monitor: &'a dyn Monitor,
}

impl fmt::Debug for Preview<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Preview")
    }
}

impl DetailerHook for Preview<'_> {
    fn post_paste(&mut self, frames: Frames) -> Pending<'_, Frames> {
        if frames.count > 0 {
            let pixels = frames.frame(0).chunks(frames.channels);
            let rgb = pixels.flat_map(|pixel| pixel.iter().take(3).map(|value| level(*value)));
            let (width, height) = (frames.size.width, frames.size.height);
            self.monitor.report(Event::Preview { width, height, rgb: rgb.collect() });
        }
        at_once(Ok(frames))
    }
}
