//! How precisely weights are kept on the device.

use serde::{Deserialize, Serialize};

use super::DType;
use crate::error::{Error, Result};
use crate::ops::{Adapter, Storage};

/// What is asked for when a model is loaded. Arithmetic is in f32 whatever it is, and what no product
/// reads (biases, normalisation) is f32 too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// No number changes: f16 where the file's numbers are in half precision or in fewer bits, f32
    /// elsewhere and where a LoRA has changed them. What the device could not bind in f32 is f16.
    #[default]
    Auto,
    /// Four bytes a number.
    F32,
    /// Two bytes a number, those of f32 and bf16 files and of LoRAs rounded.
    F16,
    /// About nine bits a number; a VAE in f16.
    Int8,
    /// About five bits a number; a VAE in f16.
    Int4,
}

impl Precision {
    /// Every choice, by the name settings give it.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("auto", Self::Auto),
        ("f32", Self::F32),
        ("f16", Self::F16),
        ("int8", Self::Int8),
        ("int4", Self::Int4),
    ];

    /// The choice of a name.
    ///
    /// # Errors
    /// [`Error::UnknownChoice`], which lists the names there are.
    pub fn named(name: &str) -> Result<Self> {
        let found = Self::NAMES.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, precision)| precision).ok_or_else(|| Error::UnknownChoice {
            what: "precision",
            name: name.to_owned(),
            known: Self::NAMES.map(|(name, _)| name).to_vec(),
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(_, it)| *it == self).map_or("", |(name, _)| name)
    }

    /// The same for networks whose output is seen: whole numbers would show as blotches.
    pub fn for_pictures(self) -> Self {
        match self {
            Self::Int8 | Self::Int4 => Self::F16,
            other => other,
        }
    }

    /// How a weight of `count` numbers is stored; `is_half` if all of them are in half precision.
    pub(super) fn storage(self, is_half: bool, count: usize) -> Storage {
        let binds = 4 * count as u64 <= Adapter::current().largest;
        match self {
            Self::Auto if is_half || !binds => Storage::F16,
            Self::Auto | Self::F32 => Storage::F32,
            Self::F16 => Storage::F16,
            Self::Int8 => Storage::Int8,
            Self::Int4 => Storage::Int4,
        }
    }
}

/// Whether every number of a format is one of half precision.
pub(super) fn is_half(dtype: DType) -> bool {
    matches!(dtype, DType::F16 | DType::F8_E4M3 | DType::F8_E5M2)
}
