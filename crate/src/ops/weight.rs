//! The weight of a linear layer or convolution, in one of the forms it can lie on a device in.

#[cfg(feature = "gpu")]
use burn::tensor::DType;
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

    /// The form of a matrix of `dims`: packed words hold values of rows and columns that come in fours.
    pub fn for_dims(self, dims: [usize; 2]) -> Self {
        if dims.iter().all(|side| side.is_multiple_of(4)) { self } else { Self::F32 }
    }

    /// Bytes that a matrix of `dims` takes on a device that has kernels for packed values.
    pub fn byte_len(self, dims: [usize; 2]) -> u64 {
        let [rows, columns] = dims.map(|side| side as u64);
        let scales = 4 * rows.div_ceil(Self::BLOCK as u64) * columns;
        match self.for_dims(dims) {
            Self::F32 => 4 * rows * columns,
            Self::F16 => 2 * rows * columns,
            Self::Int8 => rows * columns + scales,
            Self::Int4 => rows.div_ceil(2) * columns + scales,
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

/// Number formats of files whose numbers stay as they are on the device: it lays them out itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// Stored as [`Storage::F32`].
    F32,
    /// Stored as [`Storage::F16`].
    F16,
    /// The upper half of an f32, and stored as one.
    Bf16,
}

impl Element {
    /// How its numbers are stored.
    pub const fn storage(self) -> Storage {
        match self {
            Self::F16 => Storage::F16,
            Self::F32 | Self::Bf16 => Storage::F32,
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
#[cfg_attr(not(feature = "gpu"), expect(dead_code, reason = "only kernels read packed words"))]
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
    /// Uploads `values`, `[in, out]` in rows, as [`Self::storage_on`] says for `storage`.
    pub fn pack(values: Vec<f32>, dims: [usize; 2], storage: Storage, device: &Device) -> Self {
        let data = match Self::storage_on(device, dims, storage) {
            Storage::F32 => Data::F32(Tensor::from_data(TensorData::new(values, dims), device)),
            Storage::F16 => return Self::from_halves(halves(&values), dims, device),
            storage @ (Storage::Int8 | Storage::Int4) => {
                let scales = scales(&values, dims, storage.most());
                let whole = quantised(&values, dims, &scales, storage.most());
                drop(values);
                let packed = match storage {
                    Storage::Int4 => nibbles(&whole, dims),
                    _ => bytes(&whole),
                };
                let blocks = dims[0].div_ceil(Storage::BLOCK);
                let scales = TensorData::new(scales, [blocks, dims[1]]);
                let scales = Box::new(Tensor::from_data(scales, device));
                Data::Scaled { storage, words: words(packed, device), scales }
            }
        };
        Self { dims, data }
    }

    /// Uploads values in half precision, `[in, out]` in rows, two to a word, the first in its low
    /// half. Only for a device and sizes for which [`Self::storage_on`] says f16.
    pub fn from_halves(halves: Vec<i32>, dims: [usize; 2], device: &Device) -> Self {
        Self { dims, data: Data::F16(words(halves, device)) }
    }

    /// Uploads a weight as it is in a file, `[out, inputs, taps]` in little-endian `element`s, which
    /// `read` gives, and has the device bring it into the order of `[taps * inputs, out]`. Nothing,
    /// and nothing read, where the host does that faster or there is no kernel for it.
    pub fn lay_out<E>(
        dims @ [out, inputs, taps]: [usize; 3],
        element: Element,
        device: &Device,
        read: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Option<Self>, E> {
        #[cfg(feature = "gpu")]
        {
            use super::gpu;
            let packed = [taps * inputs, out];
            let fours = packed.iter().all(|side| *side > 0 && side.is_multiple_of(4));
            if fours && gpu::lays_out(device) {
                let bytes = read()?;
                let count = bytes.len() / 4;
                let words = |dtype| TensorData::from_bytes_vec(bytes, [count], dtype);
                let data = match element.storage() {
                    Storage::F16 => {
                        let words = Tensor::from_data(words(DType::I32), device);
                        Data::F16(gpu::lay_out_halves(words, dims))
                    }
                    _ => {
                        let words = Tensor::from_data(words(DType::F32), device);
                        Data::F32(gpu::lay_out(words, dims, element))
                    }
                };
                return Ok(Some(Self { dims: packed, data }));
            }
        }
        let _ = (dims, out, inputs, taps, element, device, read);
        Ok(None)
    }

    /// How a weight lies on `device` for which `storage` is asked: where rows or columns do not come
    /// in fours, and on the CPU, which has no kernels for packed values, it is f32 all the same.
    pub fn storage_on(device: &Device, dims: [usize; 2], storage: Storage) -> Storage {
        if super::packs_weights(device) { storage.for_dims(dims) } else { Storage::F32 }
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
                let row_scaled = |(row, scales): (&[i8], &[f32])| -> Vec<f32> {
                    row.iter().zip(scales).map(|(whole, s)| f32::from(*whole) * s).collect()
                };
                blocks(&whole, &scales, dims[1])
                    .flat_map(|(block, scales)| {
                        block.chunks(scales.len()).map(move |r| (r, scales))
                    })
                    .flat_map(row_scaled)
                    .collect()
            }
        }
    }
}

fn words(words: Vec<i32>, device: &Device) -> Tensor<1, Int> {
    let count = words.len();
    Tensor::from_data(TensorData::new(words, [count]), device)
}

/// Values of the rows that share scales, and these scales; the last block may be shorter.
fn blocks<'a, T>(
    values: &'a [T],
    scales: &'a [f32],
    columns: usize,
) -> impl Iterator<Item = (&'a [T], &'a [f32])> {
    let columns = columns.max(1);
    values.chunks(Storage::BLOCK * columns).zip(scales.chunks(columns))
}

/// The greater of two numbers; the first where the other is none. An instruction of many at once,
/// which `f32::max`, that cares for more, is not.
fn greatest(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// The least of two numbers, as [`greatest`].
fn least(a: f32, b: f32) -> f32 {
    if b < a { b } else { a }
}

/// One scale per block and column: the largest magnitude becomes `most`.
fn scales(values: &[f32], dims: [usize; 2], most: f32) -> Vec<f32> {
    let columns = dims[1].max(1);
    let mut scales = vec![0_f32; dims[0].div_ceil(Storage::BLOCK) * dims[1]];
    let blocks = values.chunks(Storage::BLOCK * columns);
    for (block, scales) in blocks.zip(scales.chunks_mut(columns)) {
        for row in block.chunks(columns) {
            let raise = |(scale, value): (&mut f32, &f32)| *scale = greatest(*scale, value.abs());
            scales.iter_mut().zip(row).for_each(raise);
        }
        scales.iter_mut().for_each(|scale| *scale /= most);
    }
    scales
}

/// Whole numbers of the scales of their block and column, the even one of two that are as near. In a
/// column of zeros, whose scale is 0, they are any.
fn quantised(values: &[f32], dims: [usize; 2], scales: &[f32], most: f32) -> Vec<i8> {
    /// Added to a small number it leaves the nearest whole one in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let columns = dims[1].max(1);
    let mut quantised = vec![0_i8; values.len()];
    let blocks = values.chunks(Storage::BLOCK * columns).zip(scales.chunks(columns));
    for ((block, scales), whole) in blocks.zip(quantised.chunks_mut(Storage::BLOCK * columns)) {
        for (row, whole) in block.chunks(columns).zip(whole.chunks_mut(columns)) {
            for ((whole, value), scale) in whole.iter_mut().zip(row).zip(scales) {
                *whole = (least(most, greatest(-most, value / scale)) + ROUND).to_bits() as i8;
            }
        }
    }
    quantised
}

fn halves(values: &[f32]) -> Vec<i32> {
    let bits = |value: f32| u32::from(f16::from_f32(value).to_bits());
    let pair = |pair: &[f32]| (bits(pair[0]) | bits(pair[1]) << 16).cast_signed();
    values.chunks_exact(2).map(pair).collect()
}

fn bytes(whole: &[i8]) -> Vec<i32> {
    let word = |four: &[i8]| i32::from_le_bytes([0, 1, 2, 3].map(|i| four[i].cast_unsigned()));
    whole.chunks_exact(4).map(word).collect()
}

/// Four columns of rows `2 r` and `2 r + 1` to a word, four bits each.
fn nibbles(whole: &[i8], [rows, columns]: [usize; 2]) -> Vec<i32> {
    let four = |row: usize, col: usize| {
        let nibble = |i: usize| {
            let value = whole.get(row * columns + col + i).copied().unwrap_or(0);
            u32::from(value.cast_unsigned() & 15) << (4 * i)
        };
        if row < rows { (0..4).map(nibble).sum() } else { 0 }
    };
    let pair = |row: usize, col: usize| (four(row, col) | four(row + 1, col) << 16).cast_signed();
    (0..rows)
        .step_by(2)
        .flat_map(|row| (0..columns).step_by(4).map(move |col| (row, col)))
        .map(|(row, col)| pair(row, col))
        .collect()
}
