//! Tensors of one file by path, uploaded to one device in the layout the operations want.

use std::rc::Rc;

use burn::tensor::{Device, Tensor, TensorData};
use half::f16;

use super::{DType, KeptTensors, LoadProgress, Patch, Safetensors};
use crate::{
    Error, Result,
    ops::{Storage, Weight},
};

/// Numbers of a tensor unpacked at once: reads stay few, and little beside the tensor itself.
const ROWS_NUMBERS: usize = 1 << 20;
/// Columns written side by side: whole cache lines of the target.
const COLUMNS_AT_ONCE: usize = 16;
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
    storage: Storage,
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
            storage: Storage::F32,
            progress: None,
            kept: None,
            patch: None,
        }
    }

    /// The same tensors, telling `progress` of every byte that is read.
    pub fn watched<'b>(self, progress: &'b LoadProgress<'b>) -> Weights<'b> {
        let Self { file, device, prefix, rounding, storage, kept, patch, .. } = self;
        let progress = Some(progress);
        Weights { file, device, prefix, rounding, storage, progress, kept, patch }
    }

    /// The same tensors, read in silence; for a module that goes on reading after it is loaded.
    pub fn unwatched(self) -> Weights<'static> {
        let Self { file, device, prefix, rounding, storage, kept, patch, .. } = self;
        Weights { file, device, prefix, rounding, storage, progress: None, kept, patch }
    }

    /// The same tensors. What is uploaded unchanged is remembered in `kept`, and taken from there
    /// instead of the file where it has been uploaded before.
    pub fn keeping(self, kept: Rc<KeptTensors>) -> Self {
        Self { kept: Some(kept), ..self }
    }

    /// The same tensors, the weights of products stored as `storage` says.
    pub fn stored(self, storage: Storage) -> Self {
        Self { storage, ..self }
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

    /// A linear layer's weight, `[out, in]` or `[out, in, 1, 1]` in the file.
    ///
    /// # Shapes
    /// - output: `[in, out]`
    pub fn linear_weight(&self, name: &str) -> Result<Weight> {
        let shape = self.shape(name)?;
        let (&[out, inputs] | &[out, inputs, 1, 1]) = shape.as_slice() else {
            return Err(self.wrong_shape(name, "[out, in]", &shape));
        };
        self.weight(name, [inputs, out], || self.packed(name, out, inputs, 1))
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
        if height != width {
            return Err(self.wrong_shape(name, "[out, in, kernel, kernel]", &shape));
        }
        let taps = height * width;
        let packed = || self.packed(name, out, inputs, taps);
        Ok((self.weight(name, [taps * inputs, out], packed)?, height))
    }

    /// The values of `name` in the order of the file, in host memory.
    pub fn read(&self, name: &str) -> Result<Vec<f32>> {
        let path = self.path(name);
        let values = self.file.read_f32(&path)?;
        if let Some(progress) = self.progress {
            progress.advance(self.file.info(&path)?.byte_len)?;
        }
        let mut values = self.rounded(&path, values)?;
        if let Some(patch) = self.patch.as_ref().filter(|patch| patch.touches(&path)) {
            patch.apply(&path, &self.file.info(&path)?.shape, &mut values)?;
        }
        Ok(values)
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

    /// `[out, inputs, taps]` of the file as `[taps * inputs, out]`, unpacked a few rows at a time: the
    /// largest tensors are in host memory once, not once in each form.
    fn packed(&self, name: &str, out: usize, inputs: usize, taps: usize) -> Result<Vec<f32>> {
        let path = self.path(name);
        let columns = inputs * taps;
        let mut packed = vec![0.0; out * columns];
        if self.is_patched(&path) {
            unpack_rows(&self.read(name)?, 0, [out, inputs, taps], &mut packed);
            return Ok(packed);
        }
        let row_bytes = self.file.info(&path)?.byte_len / out.max(1) as u64;
        let rows = (ROWS_NUMBERS / columns.max(1)).max(1).next_multiple_of(COLUMNS_AT_ONCE);
        for first in (0..out).step_by(rows) {
            let last = (first + rows).min(out);
            let values = self.rounded(&path, self.file.read_rows_f32(&path, first..last)?)?;
            if let Some(progress) = self.progress {
                progress.advance((last - first) as u64 * row_bytes)?;
            }
            unpack_rows(&values, first, [out, inputs, taps], &mut packed);
        }
        Ok(packed)
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
        let upload = |values| Tensor::from_data(TensorData::new(values, shape), &self.device);
        self.kept(name, values, upload)
    }

    /// The same for a matrix that only the networks' products read: stored as this view says.
    fn weight(
        &self,
        name: &str,
        dims: [usize; 2],
        values: impl FnOnce() -> Result<Vec<f32>>,
    ) -> Result<Weight> {
        self.kept(name, values, |values| Weight::pack(values, dims, self.storage, &self.device))
    }

    /// What was uploaded of `name` before, or what `upload` makes of its values.
    fn kept<T: Clone + 'static>(
        &self,
        name: &str,
        values: impl FnOnce() -> Result<Vec<f32>>,
        upload: impl FnOnce(Vec<f32>) -> T,
    ) -> Result<T> {
        let path = self.path(name);
        let kept = self.kept.as_ref().filter(|_| !self.is_patched(&path));
        if let Some(uploaded) = kept.and_then(|kept| kept.get(&path)) {
            return Ok(uploaded);
        }
        let values = values()?;
        let is_large = values.len() >= HELD_NUMBERS;
        let uploaded = upload(values);
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

/// Writes rows of `[out, in, taps]`, from row `first` on, into `packed`, which is `[taps, in, out]`.
fn unpack_rows(rows: &[f32], first: usize, [out, inputs, taps]: [usize; 3], packed: &mut [f32]) {
    let columns = inputs * taps;
    let count = rows.len() / columns.max(1);
    for block in (0..count).step_by(COLUMNS_AT_ONCE) {
        let end = (block + COLUMNS_AT_ONCE).min(count);
        for input in 0..inputs {
            for tap in 0..taps {
                let start = (tap * inputs + input) * out + first;
                for row in block..end {
                    packed[start + row] = rows[row * columns + input * taps + tap];
                }
            }
        }
    }
}
