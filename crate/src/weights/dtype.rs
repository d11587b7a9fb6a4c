//! How numbers are stored in a file.

use half::{bf16, f16};
use serde::Deserialize;

use crate::ops::Element;

/// Number formats of the safetensors format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[expect(non_camel_case_types, reason = "the format's own names")]
#[allow(missing_docs, reason = "the names say it all")]
pub enum DType {
    BOOL,
    U8,
    I8,
    F8_E5M2,
    F8_E4M3,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    F64,
    I64,
    U64,
}

impl DType {
    /// Bytes of one number.
    pub const fn size(self) -> usize {
        match self {
            Self::BOOL | Self::U8 | Self::I8 | Self::F8_E5M2 | Self::F8_E4M3 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::BF16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// Its name for a person.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BOOL => "yes or no",
            Self::U8 => "u8",
            Self::I8 => "i8",
            Self::F8_E5M2 => "fp8 (e5m2)",
            Self::F8_E4M3 => "fp8 (e4m3)",
            Self::I16 => "i16",
            Self::U16 => "u16",
            Self::F16 => "f16",
            Self::BF16 => "bf16",
            Self::I32 => "i32",
            Self::U32 => "u32",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::I64 => "i64",
            Self::U64 => "u64",
        }
    }

    /// The same format, if a device lays out its weights itself.
    pub(super) const fn element(self) -> Option<Element> {
        match self {
            Self::F32 => Some(Element::F32),
            Self::F16 => Some(Element::F16),
            Self::BF16 => Some(Element::Bf16),
            _ => None,
        }
    }

    /// Little-endian bytes as `f32`, or nothing for formats that hold no usable weights.
    pub(super) fn to_f32(self, bytes: &[u8]) -> Option<Vec<f32>> {
        let mut values = vec![0.0; bytes.len() / self.size()];
        self.widen(bytes, &mut values)?;
        Some(values)
    }

    /// The same into `values`, which has a place for each.
    pub(super) fn widen(self, bytes: &[u8], values: &mut [f32]) -> Option<()> {
        match self {
            Self::F8_E4M3 => each(bytes, values, |[byte]| f32_from_e4m3(byte)),
            // The upper half of half precision.
            Self::F8_E5M2 => each(bytes, values, |[byte]| f16::from_le_bytes([0, byte]).to_f32()),
            Self::F16 => each(bytes, values, |b| f32_from_f16(u16::from_le_bytes(b))),
            Self::BF16 => each(bytes, values, |b| bf16::from_le_bytes(b).to_f32()),
            Self::F32 => each(bytes, values, f32::from_le_bytes),
            Self::F64 => each(bytes, values, |b| f64::from_le_bytes(b) as f32),
            _ => return None,
        }
        Some(())
    }
}

/// Half precision without branches, so that compilers make vectors of it: two billion bytes of a
/// checkpoint go through here. The exponent's bias differs by 112, which a product corrects, also
/// for numbers too small for a leading one; infinities and what is no number keep their exponent full.
fn f32_from_f16(half: u16) -> f32 {
    const TWO_TO_112: f32 = f32::from_bits((112 + 127) << 23);
    const INFINITE: u32 = 0x7c00 << 13;
    let magnitude = u32::from(half & 0x7fff) << 13;
    let value = (f32::from_bits(magnitude) * TWO_TO_112).to_bits();
    let full = if magnitude >= INFINITE { 0x7f80_0000 } else { 0 };
    f32::from_bits(value | full | u32::from(half & 0x8000) << 16)
}

/// One sign, four bits of exponent (bias 7), three of mantissa; no infinities, and only the pattern
/// of all ones is no number ("e4m3fn": Micikevicius et al. 2022, table 1).
fn f32_from_e4m3(byte: u8) -> f32 {
    let (exponent, mantissa) = (i32::from(byte >> 3 & 0xf), f32::from(byte & 7));
    let magnitude = match (exponent, byte & 7) {
        (15, 7) => f32::NAN,
        (0, _) => mantissa * 2f32.powi(-9),
        _ => (8.0 + mantissa) * 2f32.powi(exponent - 10),
    };
    if byte & 0x80 == 0 { magnitude } else { -magnitude }
}

fn each<const N: usize>(bytes: &[u8], values: &mut [f32], f: impl Fn([u8; N]) -> f32) {
    for (value, chunk) in values.iter_mut().zip(bytes.as_chunks::<N>().0) {
        *value = f(*chunk);
    }
}
