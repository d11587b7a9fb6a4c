//! The weight of a linear layer or convolution, in one of the forms it can lie on a device in.

use burn::tensor::{Device, Int, Tensor, TensorData};
use half::f16;

/// How the values of a weight are stored. Arithmetic is in f32 whatever the storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Storage {
    /// Four bytes a value.
    #[default]
    F32,
    /// Two bytes a value: half precision, exact for most published checkpoints.
    F16,
    /// A byte a value and an f32 scale for every [`Storage::BLOCK`] of them.
    Int8,
    /// Half a byte a value and an f32 scale for every [`Storage::BLOCK`] of them.
    Int4,
}

impl Storage {
    /// Values along the inner dimension that share a scale.
    pub const BLOCK: usize = 32;

    /// Every storage, by the name settings give it.
    pub const NAMES: [(&'static str, Self); 4] =
        [("f32", Self::F32), ("f16", Self::F16), ("int8", Self::Int8), ("int4", Self::Int4)];

    /// Bits of one value, its share of a scale included.
    pub const fn bits(self) -> usize {
        match self {
            Self::F32 => 32,
            Self::F16 => 16,
            Self::Int8 => 9,
            Self::Int4 => 5,
        }
    }

    /// The largest whole number a quantised value takes.
    const fn most(self) -> f32 {
        match self {
            Self::Int4 => 7.0,
            _ => 127.0,
        }
    }
}

/// A matrix `[in, out]` that activations are multiplied with.
#[derive(Clone, Debug)]
pub struct Weight {
    dims: [usize; 2],
    data: Data,
}

/// The device's side of a weight. Packed words hold four neighbouring columns (or two words do).
#[derive(Clone, Debug)]
enum Data {
    F32(Tensor<2>),
    /// Two words for four columns, the first column in the low half of the first.
    F16(Tensor<1, Int>),
    /// A word for four columns ([`Storage::Int8`]) or for four columns of two rows, the upper row in
    /// the low half ([`Storage::Int4`]); scales `[rows / BLOCK, out]`.
    Scaled {
        storage: Storage,
        words: Tensor<1, Int>,
        scales: Box<Tensor<2>>,
    },
}

impl From<Tensor<2>> for Weight {
    fn from(tensor: Tensor<2>) -> Self {
        Self { dims: tensor.dims(), data: Data::F32(tensor) }
    }
}

impl Weight {
    /// Uploads `values`, `[in, out]` in rows, as `storage` says. Where rows or columns do not come in
    /// fours, and on the CPU, which has no kernels for packed values, it is f32 all the same.
    pub fn pack(values: Vec<f32>, dims: [usize; 2], storage: Storage, device: &Device) -> Self {
        let fours = dims.iter().all(|side| side.is_multiple_of(4));
        let packs = fours && super::packs_weights(device);
        let data = match storage {
            Storage::F16 if packs => Data::F16(words(&halves(&values), device)),
            Storage::Int8 | Storage::Int4 if packs => {
                let scales = scales(&values, dims, storage.most());
                let whole = quantised(&values, dims, &scales, storage.most());
                let packed = match storage {
                    Storage::Int4 => nibbles(&whole, dims),
                    _ => bytes(&whole),
                };
                let blocks = dims[0].div_ceil(Storage::BLOCK);
                let scales = TensorData::new(scales, [blocks, dims[1]]);
                let scales = Box::new(Tensor::from_data(scales, device));
                Data::Scaled { storage, words: words(&packed, device), scales }
            }
            _ => Data::F32(Tensor::from_data(TensorData::new(values, dims), device)),
        };
        Self { dims, data }
    }

    /// `[in, out]`.
    pub fn dims(&self) -> [usize; 2] {
        self.dims
    }

    /// How the values lie on the device.
    pub fn storage(&self) -> Storage {
        match &self.data {
            Data::F32(_) => Storage::F32,
            Data::F16(_) => Storage::F16,
            Data::Scaled { storage, .. } => *storage,
        }
    }

    /// The matrix, where it is stored as one.
    pub fn plain(&self) -> Option<&Tensor<2>> {
        match &self.data {
            Data::F32(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// The packed words and, where there are any, the scales.
    #[cfg(feature = "gpu")]
    pub(super) fn packed(&self) -> Option<(&Tensor<1, Int>, Option<&Tensor<2>>)> {
        match &self.data {
            Data::F32(_) => None,
            Data::F16(words) => Some((words, None)),
            Data::Scaled { words, scales, .. } => Some((words, Some(&**scales))),
        }
    }

    /// What is left of `values` after they have been stored: the twin of a packed weight.
    pub fn stored(values: &[f32], dims: [usize; 2], storage: Storage) -> Vec<f32> {
        match storage {
            Storage::F32 => values.to_vec(),
            Storage::F16 => values.iter().map(|v| f16::from_f32(*v).to_f32()).collect(),
            Storage::Int8 | Storage::Int4 => {
                let scales = scales(values, dims, storage.most());
                let whole = quantised(values, dims, &scales, storage.most());
                let scaled =
                    |(at, whole): (usize, &i8)| f32::from(*whole) * scales[scale_of(at, dims[1])];
                whole.iter().enumerate().map(scaled).collect()
            }
        }
    }
}

fn words(words: &[u32], device: &Device) -> Tensor<1, Int> {
    let words: Vec<i32> = words.iter().map(|word| word.cast_signed()).collect();
    Tensor::from_data(words.as_slice(), device)
}

/// Which scale value number `at` of a matrix with `columns` columns uses.
fn scale_of(at: usize, columns: usize) -> usize {
    at / columns / Storage::BLOCK * columns + at % columns
}

/// One scale per block and column: the largest magnitude becomes `most`.
fn scales(values: &[f32], dims: [usize; 2], most: f32) -> Vec<f32> {
    let mut scales = vec![0_f32; dims[0].div_ceil(Storage::BLOCK) * dims[1]];
    for (at, value) in values.iter().enumerate() {
        let scale = &mut scales[scale_of(at, dims[1])];
        *scale = scale.max(value.abs() / most);
    }
    scales
}

fn quantised(values: &[f32], dims: [usize; 2], scales: &[f32], most: f32) -> Vec<i8> {
    let whole = |(at, value): (usize, &f32)| {
        let scale = scales[scale_of(at, dims[1])];
        if scale > 0.0 { (value / scale).round().clamp(-most, most) as i8 } else { 0 }
    };
    values.iter().enumerate().map(whole).collect()
}

fn halves(values: &[f32]) -> Vec<u32> {
    let bits = |value: f32| u32::from(f16::from_f32(value).to_bits());
    values.chunks_exact(2).map(|pair| bits(pair[0]) | bits(pair[1]) << 16).collect()
}

fn bytes(whole: &[i8]) -> Vec<u32> {
    let word = |four: &[i8]| u32::from_le_bytes([0, 1, 2, 3].map(|i| four[i].cast_unsigned()));
    whole.chunks_exact(4).map(word).collect()
}

/// Four columns of rows `2 r` and `2 r + 1` to a word, four bits each.
fn nibbles(whole: &[i8], [rows, columns]: [usize; 2]) -> Vec<u32> {
    let four = |row: usize, col: usize| {
        let nibble = |i: usize| {
            let value = whole.get(row * columns + col + i).copied().unwrap_or(0);
            u32::from(value.cast_unsigned() & 15) << (4 * i)
        };
        if row < rows { (0..4).map(nibble).sum() } else { 0 }
    };
    let pair = |row: usize, col: usize| four(row, col) | four(row + 1, col) << 16;
    (0..rows)
        .step_by(2)
        .flat_map(|row| (0..columns).step_by(4).map(move |col| (row, col)))
        .map(|(row, col)| pair(row, col))
        .collect()
}
