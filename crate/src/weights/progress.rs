//! How far the reading of a checkpoint has come.

use std::cell::Cell;
use std::fmt;

use crate::error::{Error, Result};
use crate::monitor::{Event, Monitor};

/// Counts bytes and reports them; stops the reading when it is no longer wanted.
pub struct LoadProgress<'a> {
    monitor: &'a dyn Monitor,
    done_bytes: Cell<u64>,
    total_bytes: u64,
}

impl fmt::Debug for LoadProgress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoadProgress({} of {} bytes)", self.done_bytes.get(), self.total_bytes)
    }
}

impl<'a> LoadProgress<'a> {
    /// Nothing of `total_bytes` is read yet.
    pub fn new(monitor: &'a dyn Monitor, total_bytes: u64) -> Self {
        Self { monitor, done_bytes: Cell::new(0), total_bytes }
    }

    /// `bytes` more are read.
    pub fn advance(&self, bytes: u64) -> Result<()> {
        self.done_bytes.set((self.done_bytes.get() + bytes).min(self.total_bytes));
        self.report();
        if self.monitor.cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// Everything is read that is needed.
    pub fn finish(&self) {
        self.done_bytes.set(self.total_bytes);
        self.report();
    }

    fn report(&self) {
        let (done_bytes, total_bytes) = (self.done_bytes.get(), self.total_bytes);
        self.monitor.report(Event::Loading { done_bytes, total_bytes });
    }
}
