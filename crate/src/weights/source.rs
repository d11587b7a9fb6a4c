//! Places bytes come from.

use crate::error::{Error, Result};
use std::borrow::Cow;

/// Random access to the bytes of one file.
pub trait ByteSource {
    /// The file's name, for messages.
    fn name(&self) -> &str;

    /// Number of bytes.
    fn len(&self) -> u64;

    /// Whether there is no byte at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Exactly `len` bytes from `offset`.
    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>>;
}

/// A file held in memory.
#[derive(Clone)]
pub struct MemorySource {
    name: String,
    bytes: Cow<'static, [u8]>,
}

impl MemorySource {
    /// Over bytes that are owned or built into the program.
    pub fn new(name: impl Into<String>, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}

impl std::fmt::Debug for MemorySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemorySource({:?}, {} bytes)", self.name, self.bytes.len())
    }
}

impl ByteSource for MemorySource {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let range = usize::try_from(offset).ok().and_then(|at| Some(at..at.checked_add(len)?));
        match range.and_then(|range| self.bytes.get(range)) {
            Some(bytes) => Ok(bytes.to_vec()),
            None => Err(read_error(&self.name, offset, len, "the file ends before")),
        }
    }
}

/// A file on disk.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug)]
pub struct FileSource {
    name: String,
    len: u64,
    file: std::fs::File,
}

#[cfg(not(target_arch = "wasm32"))]
impl FileSource {
    /// Opens a file; its name in messages is the last part of its path.
    pub fn open(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let open = || {
            let file = std::fs::File::open(path)?;
            Ok((file.metadata()?.len(), file))
        };
        match open() {
            Ok((len, file)) => Ok(Self { name, len, file }),
            Err(error) => Err(opening_error(&path.to_string_lossy(), &error)),
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl ByteSource for FileSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        use std::io::{Read, Seek, SeekFrom};
        if offset.checked_add(len as u64).is_none_or(|end| end > self.len) {
            return Err(read_error(&self.name, offset, len, "the file ends before"));
        }
        // Not zeroed first: of a checkpoint that would be another pass over its bytes.
        let mut bytes = Vec::with_capacity(len);
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.take(len as u64).read_to_end(&mut bytes))
            .map_err(|error| read_error(&self.name, offset, len, &error.to_string()))?;
        if bytes.len() < len {
            return Err(read_error(&self.name, offset, len, "the file ends before"));
        }
        Ok(bytes)
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn opening_error(file: &str, error: &std::io::Error) -> Error {
    read_error(file, 0, 0, &error.to_string())
}

fn read_error(file: &str, offset: u64, len: usize, reason: &str) -> Error {
    Error::Read { file: file.to_owned(), offset, len: len as u64, reason: reason.to_owned() }
}
