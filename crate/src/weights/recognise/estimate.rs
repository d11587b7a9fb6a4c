//! How much graphics memory the numbers of a file take.

use serde::Serialize;

use crate::weights::Safetensors;
use crate::weights::keys::{self, Part};

/// Bytes of weights on the device, whatever the file stores them in. Sampling takes more: what the
/// networks hold while they work depends on the size of the picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct GpuBytes {
    /// In single precision, which is what the networks are loaded in.
    pub f32: u64,
    /// In half precision.
    pub f16: u64,
}

impl GpuBytes {
    /// For the networks `parts` of a checkpoint, or for all of another file.
    pub(super) fn of(file: &Safetensors, parts: &[&Part]) -> Self {
        let is_read = |path: &str| match parts {
            [] => keys::goes_to_device(path),
            parts => parts.iter().any(|part| part.reads(file, path)),
        };
        let tensors = file.tensors().iter().filter(|(path, _)| is_read(path));
        let numbers: u64 = tensors.map(|(_, info)| info.element_count() as u64).sum();
        Self { f32: 4 * numbers, f16: 2 * numbers }
    }
}
