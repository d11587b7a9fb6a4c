//! Progress out, cancellation in: how long work talks to whoever started it.

use std::future::Future;
use std::pin::Pin;

use crate::error::{Error, Result};
use crate::geometry::Rect;

/// A part of the work on one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Pixels to latent.
    Encode,
    /// Denoising.
    Sample,
    /// Latent to pixels.
    Decode,
    /// The refined crop is put back into the image.
    Paste,
}

impl Stage {
    /// The name the page knows it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Encode => "encode",
            Self::Sample => "sample",
            Self::Decode => "decode",
            Self::Paste => "paste",
        }
    }
}

/// Something worth telling while work goes on. All indices count from 0.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A checkpoint is being read.
    Loading {
        /// Bytes read so far.
        done_bytes: u64,
        /// Bytes to read in all.
        total_bytes: u64,
    },
    /// A segment begins.
    Segment {
        /// Which.
        index: usize,
        /// Out of how many.
        count: usize,
        /// What is cut out and put back, in pixels of the image.
        crop_region: Rect,
    },
    /// A part of the current segment's work begins.
    Stage(Stage),
    /// A sampling step is finished.
    Step {
        /// Segment it belongs to.
        segment: usize,
        /// Cycle within the segment.
        cycle: usize,
        /// Which step.
        step: usize,
        /// Steps of this cycle.
        steps: usize,
    },
    /// One of several windows of a step is finished, a few frames of a clip; the last one before the
    /// step itself. A step may go through its windows more than once.
    Window {
        /// Segment it belongs to.
        segment: usize,
        /// Cycle within the segment.
        cycle: usize,
        /// Which window.
        index: usize,
        /// Windows in this evaluation.
        count: usize,
    },
    /// A rough picture of what the sampler sees at present.
    Preview {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Three bytes a pixel, row by row.
        rgb: Vec<u8>,
    },
    /// Something about a segment is not as it was asked for.
    Note {
        /// Which.
        segment: usize,
        /// What, as a sentence.
        note: String,
    },
    /// A segment was left as it is.
    Skipped {
        /// Which.
        segment: usize,
        /// Why, as a sentence.
        reason: String,
    },
}

/// A wait that ends by itself.
pub type Pause<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Listens to long work and may ask it to stop.
pub trait Monitor {
    /// Takes an event.
    fn report(&self, event: Event);

    /// Whether the work shall stop; asked between steps.
    fn cancelled(&self) -> bool {
        false
    }

    /// Whether [`Event::Preview`] is worth its computing time.
    fn wants_preview(&self) -> bool {
        false
    }

    /// Lets other things happen, so that a request to stop can come in. Ready at once natively; in
    /// a browser it waits for the event loop's next turn.
    fn pause(&self) -> Pause<'_> {
        Box::pin(std::future::ready(()))
    }
}

/// Lets the event loop breathe.
///
/// # Errors
/// [`Error::Cancelled`] if the work is no longer wanted.
pub async fn go_on(monitor: &dyn Monitor) -> Result<()> {
    monitor.pause().await;
    if monitor.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
}

/// Hears nothing and never stops anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Monitor for Silent {
    fn report(&self, _event: Event) {}
}
