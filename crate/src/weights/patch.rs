//! Changes to a file's tensors on their way to the device.

use std::fmt;

use crate::error::Result;

/// Changes some tensors of a file as they are read.
pub trait Patch: fmt::Debug {
    /// Whether the tensor of this full path is changed.
    fn touches(&self, path: &str) -> bool;

    /// Changes `values`, which are in the order of the file and have `shape`.
    fn apply(&self, path: &str, shape: &[usize], values: &mut Vec<f32>) -> Result<()>;
}
