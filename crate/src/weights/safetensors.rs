//! A safetensors file: which tensors it has, and their numbers one tensor at a time.

use super::header::{Header, read_header};
use super::{ByteSource, DType, TensorInfo};
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::ops::Range;

/// An opened safetensors file. Only the header is in memory.
pub struct Safetensors {
    source: Box<dyn ByteSource>,
    header: Header,
}

impl std::fmt::Debug for Safetensors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Safetensors({:?}, {} tensors)", self.name(), self.header.tensors.len())
    }
}

impl Safetensors {
    /// Reads the header and checks it against the file.
    pub fn open(source: Box<dyn ByteSource>) -> Result<Self> {
        let header = read_header(&*source)?;
        Ok(Self { source, header })
    }

    /// A file whose tensors are known to lie where they are said to.
    pub(super) fn assembled(
        source: Box<dyn ByteSource>,
        tensors: BTreeMap<String, TensorInfo>,
    ) -> Self {
        Self { source, header: Header { tensors, metadata: BTreeMap::new() } }
    }

    /// The bytes, without what is known of them.
    pub(super) fn into_source(self) -> Box<dyn ByteSource> {
        self.source
    }

    /// The same file with other paths for its tensors; those without one are left out.
    #[must_use]
    pub fn renamed(mut self, name: impl Fn(&str) -> Option<String>) -> Self {
        let tensors = std::mem::take(&mut self.header.tensors).into_iter();
        self.header.tensors =
            tensors.filter_map(|(path, info)| Some((name(&path)?, info))).collect();
        self
    }

    /// The file's name, for messages.
    pub fn name(&self) -> &str {
        self.source.name()
    }

    /// Bytes of the whole file.
    pub fn byte_len(&self) -> u64 {
        self.source.len()
    }

    /// Every tensor by its path.
    pub fn tensors(&self) -> &BTreeMap<String, TensorInfo> {
        &self.header.tensors
    }

    /// The file's free-form notes.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.header.metadata
    }

    /// The entry of a path.
    pub fn info(&self, path: &str) -> Result<&TensorInfo> {
        self.header.tensors.get(path).ok_or_else(|| Error::MissingTensor {
            checkpoint: self.name().to_owned(),
            path: path.to_owned(),
        })
    }

    /// All numbers of a floating-point tensor, outermost axis first.
    pub fn read_f32(&self, path: &str) -> Result<Vec<f32>> {
        let info = self.info(path)?;
        let bytes = self.read_range(info.offset, info.byte_len)?;
        self.numbers(path, info.dtype, &bytes)
    }

    /// Some rows of a floating-point tensor: everything under `rows` of its outermost axis.
    pub fn read_rows_f32(&self, path: &str, rows: Range<usize>) -> Result<Vec<f32>> {
        let bytes = self.read_rows(path, rows)?;
        self.numbers(path, self.info(path)?.dtype, &bytes)
    }

    /// The same as they are in the file.
    pub fn read_rows(&self, path: &str, rows: Range<usize>) -> Result<Vec<u8>> {
        let info = self.info(path)?;
        let count = info.shape.first().copied().unwrap_or(1);
        if rows.start > rows.end || rows.end > count {
            let reason = format!("rows {rows:?} were asked for, it has {count}");
            let (file, tensor) = (self.name().to_owned(), path.to_owned());
            return Err(Error::TensorEntry { file, tensor, reason });
        }
        let row_len = info.byte_len / count.max(1) as u64;
        let offset = info.offset + rows.start as u64 * row_len;
        self.read_range(offset, rows.len() as u64 * row_len)
    }

    /// A tensor's bytes as they are in the file.
    pub fn read_bytes(&self, path: &str) -> Result<Vec<u8>> {
        let info = self.info(path)?;
        self.read_range(info.offset, info.byte_len)
    }

    fn read_range(&self, offset: u64, len: u64) -> Result<Vec<u8>> {
        let too_long = |reason: &str| Error::Read {
            file: self.name().to_owned(),
            offset,
            len,
            reason: reason.to_owned(),
        };
        let wanted = usize::try_from(len)
            .map_err(|_| too_long("it is longer than this machine can address"))?;
        let bytes = self.source.read(offset, wanted)?;
        if bytes.len() == wanted { Ok(bytes) } else { Err(too_long("fewer bytes came")) }
    }

    fn numbers(&self, path: &str, dtype: DType, bytes: &[u8]) -> Result<Vec<f32>> {
        dtype.to_f32(bytes).ok_or_else(|| self.no_numbers(path, dtype))
    }

    /// The error about a tensor of a format that holds no usable weights.
    pub(super) fn no_numbers(&self, path: &str, dtype: DType) -> Error {
        Error::TensorDtype {
            checkpoint: self.name().to_owned(),
            path: path.to_owned(),
            found: format!("{dtype:?}"),
        }
    }
}
