//! Files of which there is no more than the header.

use std::io::Read;

use burnish::weights::{ByteSource, MemorySource, Recognised, recognise};
use burnish::{Error, Result};
use serde_json::{Map, json};

/// A header and the length of what would follow it.
pub struct HeaderOnly {
    header: MemorySource,
    len: u64,
}

impl HeaderOnly {
    /// A file of these tensors: path, format, shape.
    pub fn new(name: &str, tensors: &[(String, String, Vec<usize>)]) -> Self {
        let mut header = Map::new();
        let mut end = 0;
        for (path, dtype, shape) in tensors {
            let size = match dtype.as_str() {
                "F8_E4M3" | "F8_E5M2" | "U8" => 1,
                "F16" | "BF16" => 2,
                "I64" => 8,
                _ => 4,
            };
            let start = end;
            end += size * shape.iter().product::<usize>();
            let entry = json!({ "dtype": dtype, "shape": shape, "data_offsets": [start, end] });
            header.insert(path.clone(), entry);
        }
        let header = serde_json::to_vec(&header).expect("is plain");
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header);
        let len = (bytes.len() + end) as u64;
        Self { header: MemorySource::new(name.to_owned(), bytes), len }
    }

    /// A file of these f16 tensors.
    pub fn half(name: &str, tensors: &[(&str, &[usize])]) -> Self {
        let row = |(path, shape): &(&str, &[usize])| {
            ((*path).to_owned(), "F16".to_owned(), shape.to_vec())
        };
        Self::new(name, &tensors.iter().map(row).collect::<Vec<_>>())
    }

    /// The tensors of a published layout of `tests/golden/layouts`: path, format, shape.
    pub fn listed(compressed: &[u8]) -> Vec<(String, String, Vec<usize>)> {
        let mut json = Vec::new();
        flate2::read::GzDecoder::new(compressed).read_to_end(&mut json).expect("is gzip");
        serde_json::from_slice(&json).expect("is a list of tensors")
    }

    /// A file of such a layout.
    pub fn published(name: &str, compressed: &[u8]) -> Self {
        Self::new(name, &Self::listed(compressed))
    }

    /// The header, and the length of the whole.
    pub fn into_parts(self) -> (MemorySource, u64) {
        (self.header, self.len)
    }

    /// What it is.
    pub fn recognised(self) -> Recognised {
        recognise(Box::new(self)).expect("has a sound header")
    }
}

impl ByteSource for HeaderOnly {
    fn name(&self) -> &str {
        self.header.name()
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        assert!(len as u64 <= self.header.len(), "{len} bytes are more than the header");
        self.header.read(offset, len).map_err(|error| match error {
            Error::Read { .. } => panic!("numbers were read at {offset}"),
            other => other,
        })
    }
}
