//! Tensors of one file by path, uploaded to one device in the layout the operations want.

use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};
use half::f16;

use super::pack::{FileDims, pack_f16, pack_f32, pack_values};
use super::precision::is_half;
use super::{DType, KeptTensors, LoadProgress, Patch, Precision, Safetensors};
use crate::{
    Error, Result,
    ops::{Storage, Weight},
};

/// Numbers of a tensor unpacked at once: reads stay few, and little beside the tensor itself.
const ROWS_NUMBERS: usize = 1 << 20;
/// Tensors of this many numbers go to the device at once instead of waiting in its queue.
const HELD_NUMBERS: usize = 1 << 17;

/// A file seen from a path prefix, and the device its tensors go to.
///
/// Tensors are read one at a time, so no more than one is in memory beside the device's copy.
#[derive(Clone, Debug)]
pub struct Weights<'a> {
    file: Rc<Safetensors>,
    device: Device,
    prefix: String,
    rounding: Rounding,
    precision: Precision,
    progress: Option<&'a LoadProgress<'a>>,
    kept: Option<Rc<KeptTensors>>,
    patch: Option<Rc<dyn Patch>>,
}

/// What happens to a value between the file and the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rounding {
    Exact,
    Half,
}

impl<'a> Weights<'a> {
    /// All of `file`.
    pub fn new(file: Rc<Safetensors>, device: Device) -> Self {
        Self {
            file,
            device,
            prefix: String::new(),
            rounding: Rounding::Exact,
            precision: Precision::default(),
            progress: None,
            kept: None,
            patch: None,
        }
    }

    /// The same tensors, telling `progress` of every byte that is read.
    pub fn watched<'b>(self, progress: &'b LoadProgress<'b>) -> Weights<'b> {
        let Self { file, device, prefix, rounding, precision, kept, patch, .. } = self;
        let progress = Some(progress);
        Weights { file, device, prefix, rounding, precision, progress, kept, patch }
    }

    /// The same tensors, read in silence; for a module that goes on reading after it is loaded.
    pub fn unwatched(self) -> Weights<'static> {
        let Self { file, device, prefix, rounding, precision, kept, patch, .. } = self;
        Weights { file, device, prefix, rounding, precision, progress: None, kept, patch }
    }

    /// The same tensors. What is uploaded unchanged is remembered in `kept`, and taken from there
    /// instead of the file where it has been uploaded before.
    pub fn keeping(self, kept: Rc<KeptTensors>) -> Self {
        Self { kept: Some(kept), ..self }
    }

    /// The same tensors, the weights of products kept on the device as `precision` says.
    pub fn stored(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// The same tensors, changed by `patch` on their way to the device.
    pub fn patched(self, patch: Rc<dyn Patch>) -> Self {
        Self { patch: Some(patch), ..self }
    }

    /// The part below `name`: `pp("a").pp("b")` sees `a.b.*`.
    pub fn pp(&self, name: impl std::fmt::Display) -> Self {
        Self { prefix: self.path(&name.to_string()), ..self.clone() }
    }

    /// The same tensors with every value rounded to half precision, whatever the file holds.
    pub fn rounded_to_half(&self) -> Self {
        Self { rounding: Rounding::Half, ..self.clone() }
    }

    /// The device tensors are put on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The full path of `name` in the file.
    pub fn path(&self, name: &str) -> String {
        match self.prefix.trim_end_matches('.') {
            "" => name.to_owned(),
            prefix => format!("{prefix}.{name}"),
        }
    }

    /// Whether the file has a tensor `name` here.
    pub fn has(&self, name: &str) -> bool {
        self.file.tensors().contains_key(&self.path(name))
    }

    /// Shape of the tensor `name` as the file has it.
    pub fn shape(&self, name: &str) -> Result<Vec<usize>> {
        let path = self.path(name);
        match self.file.tensors().get(&path) {
            Some(info) => Ok(info.shape.clone()),
            None => Err(Error::MissingTensor { checkpoint: self.file.name().to_owned(), path }),
        }
    }

    /// A vector of exactly `shape`.
    pub fn tensor1(&self, name: &str, shape: [usize; 1]) -> Result<Tensor<1>> {
        self.tensor(name, shape)
    }

    /// A matrix of exactly `shape`, in the order of the file.
    pub fn tensor2(&self, name: &str, shape: [usize; 2]) -> Result<Tensor<2>> {
        self.tensor(name, shape)
    }

    /// The only matrix of a stack: `[1, rows, columns]` in the file, of exactly `shape` here.
    pub fn table(&self, name: &str, shape: [usize; 2]) -> Result<Tensor<2>> {
        let (found, expected) = (self.shape(name)?, vec![1, shape[0], shape[1]]);
        if found != expected {
            let (checkpoint, path) = (self.file.name().to_owned(), self.path(name));
            return Err(Error::TensorShape { checkpoint, path, expected, found });
        }
        self.uploaded(name, shape, || self.read(name))
    }

    /// A tensor of exactly `shape`, in the order of the file.
    pub fn tensor4(&self, name: &str, shape: [usize; 4]) -> Result<Tensor<4>> {
        self.tensor(name, shape)
    }

    /// Checks the channels that the weight `name`, `[out, in, ...]` in the file, takes and gives, where
    /// others set them.
    ///
    /// # Errors
    /// [`Error::TensorShape`] with the shape it should have, [`Error::MissingTensor`].
    pub fn fits(&self, name: &str, inputs: Option<usize>, outputs: Option<usize>) -> Result<()> {
        let found = self.shape(name)?;
        let mut expected = found.clone();
        for (axis, side) in expected.iter_mut().zip([outputs, inputs]) {
            *axis = side.unwrap_or(*axis);
        }
        if found == expected {
            return Ok(());
        }
        let (checkpoint, path) = (self.file.name().to_owned(), self.path(name));
        Err(Error::TensorShape { checkpoint, path, expected, found })
    }

    /// A linear layer's weight, `[out, in]` or `[out, in, 1, 1]` in the file.
    ///
    /// # Shapes
    /// - output: `[in, out]`
    pub fn linear_weight(&self, name: &str) -> Result<Weight> {
        let shape = self.shape(name)?;
        let (&[out, inputs] | &[out, inputs, 1, 1]) = shape.as_slice() else {
            return Err(self.wrong_shape(name, "[out, in]", &shape));
        };
        if shape.contains(&0) {
            return Err(self.wrong_shape(name, "[out, in], neither of them 0", &shape));
        }
        self.weight(name, FileDims { out, inputs, taps: 1 })
    }

    /// A convolution's weight, `[out, in, kernel, kernel]` in the file, and the side of its kernel.
    ///
    /// # Shapes
    /// - output: `[kernel * kernel * in, out]`, kernel rows first, input channels last
    pub fn conv_weight(&self, name: &str) -> Result<(Weight, usize)> {
        let shape = self.shape(name)?;
        let &[out, inputs, height, width] = shape.as_slice() else {
            return Err(self.wrong_shape(name, "[out, in, kernel, kernel]", &shape));
        };
        if height != width || height % 2 == 0 || shape.contains(&0) {
            return Err(self.wrong_shape(name, "[out, in, kernel, kernel], an odd kernel", &shape));
        }
        Ok((self.weight(name, FileDims { out, inputs, taps: height * width })?, height))
    }

    /// The values of `name` in the order of the file, in host memory.
    pub fn read(&self, name: &str) -> Result<Vec<f32>> {
        self.read_path(&self.path(name))
    }

    /// Rows `rows` of the matrix `name`, read by range, in host memory.
    pub fn read_rows(&self, name: &str, rows: std::ops::Range<usize>) -> Result<Vec<f32>> {
        let path = self.path(name);
        self.rounded(&path, self.file.read_rows_f32(&path, rows)?)
    }

    /// An error about the shape of `name`, for a module that cannot be built from it.
    pub fn wrong_shape(&self, name: &str, expected: &str, found: &[usize]) -> Error {
        Error::UnsupportedCheckpoint {
            checkpoint: self.file.name().to_owned(),
            reason: format!("{} has shape {found:?}, {expected} is needed", self.path(name)),
        }
    }

    /// An error about the layers here.
    pub fn unsupported(&self, reason: &str) -> Error {
        Error::UnsupportedCheckpoint {
            checkpoint: self.file.name().to_owned(),
            reason: format!("{} {reason}", self.prefix),
        }
    }

    fn read_path(&self, path: &str) -> Result<Vec<f32>> {
        let values = self.file.read_f32(path)?;
        if let Some(progress) = self.progress {
            progress.advance(self.file.info(path)?.byte_len)?;
        }
        let mut values = self.rounded(path, values)?;
        if let Some(patch) = self.patch.as_ref().filter(|patch| patch.touches(path)) {
            patch.apply(path, &self.file.info(path)?.shape, &mut values)?;
        }
        Ok(values)
    }

    fn tensor<const N: usize>(&self, name: &str, shape: [usize; N]) -> Result<Tensor<N>> {
        let found = self.shape(name)?;
        if found != shape {
            return Err(Error::TensorShape {
                checkpoint: self.file.name().to_owned(),
                path: self.path(name),
                expected: shape.to_vec(),
                found,
            });
        }
        self.uploaded(name, shape, || self.read(name))
    }

    /// A matrix that only the networks' products read, stored as this view says.
    fn weight(&self, name: &str, dims: FileDims) -> Result<Weight> {
        let path = self.path(name);
        let dtype = self.file.info(&path)?.dtype;
        let is_patched = self.is_patched(&path);
        let is_half = !is_patched && (is_half(dtype) || self.rounding == Rounding::Half);
        let packed = dims.packed();
        let storage = self.precision.storage(is_half, packed.iter().product());
        let storage = Weight::storage_on(&self.device, packed, storage);
        let is_large = packed.iter().product::<usize>() >= HELD_NUMBERS;
        let rounds = self.rounding == Rounding::Half && dtype != DType::F16;
        let as_it_is = dtype.element().filter(|element| element.storage() == storage);
        let as_it_is = as_it_is.filter(|_| !is_patched && !rounds);
        self.kept(path, is_large, |path| {
            if let Some(element) = as_it_is {
                let read = || self.bytes(path);
                if let Some(weight) = Weight::lay_out(dims.axes(), element, &self.device, read)? {
                    return Ok(weight);
                }
            }
            match storage {
                Storage::F16 if dtype == DType::F16 && !is_patched => {
                    Ok(Weight::from_halves(self.packed_halves(path, dims)?, packed, &self.device))
                }
                _ => Ok(Weight::pack(self.packed(path, dims)?, packed, storage, &self.device)),
            }
        })
    }

    /// The bytes of a tensor as they are in the file.
    fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let bytes = self.file.read_bytes(path)?;
        self.progress.map_or(Ok(()), |progress| progress.advance(bytes.len() as u64))?;
        Ok(bytes)
    }

    /// `[out, inputs, taps]` of the file as `[taps * inputs, out]`, unpacked a few rows at a time: the
    /// largest tensors are in host memory once, not once in each form.
    fn packed(&self, path: &str, dims: FileDims) -> Result<Vec<f32>> {
        if self.is_patched(path) {
            return Ok(pack_values(&self.read_path(path)?, dims));
        }
        let dtype = self.file.info(path)?.dtype;
        let mut packed = vec![0.0; dims.out * dims.columns()];
        self.each_rows(path, dims, |first, rows| {
            pack_f32(rows, dtype, first, dims, &mut packed)
                .ok_or_else(|| self.file.no_numbers(path, dtype))
        })?;
        self.rounded(path, packed)
    }

    /// The same for a tensor in half precision, two values to a word, the first in its low half.
    fn packed_halves(&self, path: &str, dims: FileDims) -> Result<Vec<i32>> {
        let mut words = vec![0_i32; dims.out * dims.columns() / 2];
        let packed = bytemuck::cast_slice_mut(&mut words);
        self.each_rows(path, dims, |first, rows| {
            pack_f16(rows, first, dims, packed);
            Ok(())
        })?;
        Ok(words)
    }

    /// Hands on the rows of a tensor, a few at a time, and the number of the first of them.
    fn each_rows(
        &self,
        path: &str,
        dims: FileDims,
        mut take: impl FnMut(usize, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let rows = (ROWS_NUMBERS / dims.columns().max(1)).max(1);
        for first in (0..dims.out).step_by(rows) {
            let bytes = self.file.read_rows(path, first..(first + rows).min(dims.out))?;
            if let Some(progress) = self.progress {
                progress.advance(bytes.len() as u64)?;
            }
            take(first, &bytes)?;
        }
        Ok(())
    }

    fn is_patched(&self, path: &str) -> bool {
        self.patch.as_ref().is_some_and(|patch| patch.touches(path))
    }

    /// The tensor `name` on the device: what was uploaded of it before, or `values` of it.
    fn uploaded<const N: usize>(
        &self,
        name: &str,
        shape: [usize; N],
        values: impl FnOnce() -> Result<Vec<f32>>,
    ) -> Result<Tensor<N>> {
        let is_large = shape.iter().product::<usize>() >= HELD_NUMBERS;
        let upload = |values| Tensor::from_data(TensorData::new(values, shape), &self.device);
        self.kept(self.path(name), is_large, |_| values().map(upload))
    }

    /// What was uploaded of the tensor at `path` before, or what `upload` makes of it.
    fn kept<T: Clone + 'static>(
        &self,
        path: String,
        is_large: bool,
        upload: impl FnOnce(&str) -> Result<T>,
    ) -> Result<T> {
        let kept = self.kept.as_ref().filter(|_| !self.is_patched(&path));
        if let Some(uploaded) = kept.and_then(|kept| kept.get(&path)) {
            return Ok(uploaded);
        }
        let uploaded = upload(&path)?;
        if is_large {
            // Otherwise the device's queue holds on to the numbers of dozens of tensors.
            self.device.flush().map_err(|error| Error::Device { reason: error.to_string() })?;
        }
        if let Some(kept) = kept {
            kept.insert(path, &uploaded);
        }
        Ok(uploaded)
    }

    /// The values of the tensor at `path`, rounded if that is asked for and they are not already.
    fn rounded(&self, path: &str, mut values: Vec<f32>) -> Result<Vec<f32>> {
        if self.rounding == Rounding::Half && self.file.info(path)?.dtype != DType::F16 {
            values.iter_mut().for_each(|v| *v = f16::from_f32(*v).to_f32());
        }
        Ok(values)
    }
}
