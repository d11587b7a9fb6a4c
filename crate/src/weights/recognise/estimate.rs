//! How much graphics memory the numbers of a file take.

use serde::Serialize;

use crate::ops::Storage;
use crate::weights::keys::{self, Part};
use crate::weights::precision::is_half;
use crate::weights::{Precision, Safetensors, TensorInfo};

/// Bytes of weights on the device by how precisely they are kept. Sampling takes more: what the
/// networks hold while they work depends on the size of the picture.
///
/// A build without kernels for packed weights keeps everything in f32.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct GpuBytes {
    /// With no number changed ([`Precision::Auto`]).
    pub auto: u64,
    /// In single precision.
    pub f32: u64,
    /// In half precision.
    pub f16: u64,
    /// In whole numbers of eight bits.
    pub int8: u64,
    /// In whole numbers of four bits.
    pub int4: u64,
}

impl GpuBytes {
    /// For the networks `parts` of a checkpoint, or for all of another file; `is_vae` if that is a VAE.
    pub(super) fn of(file: &Safetensors, parts: &[&Part], is_vae: bool) -> Self {
        let mut sum = Self::default();
        for (path, info) in file.tensors() {
            let part = parts.iter().find(|part| part.reads(file, path));
            if part.is_none() && !(parts.is_empty() && keys::goes_to_device(path)) {
                continue;
            }
            let is_vae = part.map_or(is_vae, |part| part.is_vae());
            // Text encoders are rounded to half precision as they are read.
            let is_half = is_half(info.dtype) || part.is_some_and(|part| part.is_text_encoder());
            let bytes = |precision: Precision| {
                let precision = if is_vae { precision.for_pictures() } else { precision };
                byte_len(path, info, precision.storage(is_half, info.element_count()))
            };
            sum.auto += bytes(Precision::Auto);
            sum.f32 += bytes(Precision::F32);
            sum.f16 += bytes(Precision::F16);
            sum.int8 += bytes(Precision::Int8);
            sum.int4 += bytes(Precision::Int4);
        }
        sum
    }

    /// The figure of a precision.
    pub const fn at(&self, precision: Precision) -> u64 {
        match precision {
            Precision::Auto => self.auto,
            Precision::F32 => self.f32,
            Precision::F16 => self.f16,
            Precision::Int8 => self.int8,
            Precision::Int4 => self.int4,
        }
    }
}

/// Bytes of a tensor; only weights that products read are packed.
fn byte_len(path: &str, info: &TensorInfo, storage: Storage) -> u64 {
    let packs = cfg!(feature = "gpu") && keys::is_product(path);
    match info.shape.as_slice() {
        [out, inner @ ..] if packs && matches!(inner.len(), 1 | 3) => {
            storage.byte_len([inner.iter().product(), *out])
        }
        _ => 4 * info.element_count() as u64,
    }
}
