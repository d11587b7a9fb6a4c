//! The header of a safetensors file: JSON with dtype, shape and byte range of every tensor.
//!
//! Everything is checked before anything is believed: what this module returns lies inside the
//! file, does not overlap, leaves no gap and has as many bytes as its shape and dtype ask for.

use super::recognise::{foreign, with_article};
use super::{ByteSource, DType};
use crate::error::{Error, Result};
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::fmt;

/// Bytes of the number that says how long the JSON is.
const LENGTH_BYTES: u64 = 8;
/// The longest header the format allows.
const LONGEST_HEADER: u64 = 100_000_000;
/// The most axes a tensor may have.
const MOST_AXES: usize = 8;

/// One tensor of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// How its numbers are stored.
    pub dtype: DType,
    /// Lengths of its axes, outermost first.
    pub shape: Vec<usize>,
    /// Its first byte, counted from the beginning of the file.
    pub offset: u64,
    /// Its number of bytes.
    pub byte_len: u64,
}

impl TensorInfo {
    /// How many numbers it holds.
    pub fn element_count(&self) -> usize {
        self.shape.iter().product()
    }
}

/// What a header says.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) tensors: BTreeMap<String, TensorInfo>,
    pub(super) metadata: BTreeMap<String, String>,
}

/// Reads and checks the header of a file.
pub(super) fn read_header(source: &dyn ByteSource) -> Result<Header> {
    let refuse = |reason: String| Error::NotSafetensors { file: source.name().to_owned(), reason };
    if let Some(kind) = foreign(source)? {
        return Err(refuse(format!(
            "it is {}, which {}",
            with_article(kind.title()),
            kind.advice()
        )));
    }
    if source.len() < LENGTH_BYTES {
        return Err(refuse(format!("it has only {} bytes", source.len())));
    }
    let length: [u8; 8] = source
        .read(0, LENGTH_BYTES as usize)?
        .try_into()
        .map_err(|_| refuse("its first bytes cannot be read".to_owned()))?;
    let length = u64::from_le_bytes(length);
    let room = source.len() - LENGTH_BYTES;
    if length > room.min(LONGEST_HEADER) {
        return Err(refuse(format!("its header claims {length} bytes")));
    }
    let json = source.read(LENGTH_BYTES, length as usize)?;
    if json.first() != Some(&b'{') {
        return Err(refuse("its header is no JSON object".to_owned()));
    }
    let RawHeader { entries, metadata } =
        serde_json::from_slice(&json).map_err(|error| refuse(format!("its header: {error}")))?;
    let layout =
        Layout { file: source.name(), data_at: LENGTH_BYTES + length, data_len: room - length };
    Ok(Header { tensors: layout.check(entries)?, metadata })
}

/// Where a file's numbers lie.
struct Layout<'a> {
    file: &'a str,
    data_at: u64,
    data_len: u64,
}

impl Layout<'_> {
    fn check(&self, entries: BTreeMap<String, RawEntry>) -> Result<BTreeMap<String, TensorInfo>> {
        let mut tensors = BTreeMap::new();
        for (path, entry) in entries {
            let info = self.info(&path, entry)?;
            tensors.insert(path, info);
        }
        self.check_coverage(&tensors)?;
        Ok(tensors)
    }

    fn info(&self, path: &str, entry: RawEntry) -> Result<TensorInfo> {
        let RawEntry { dtype, shape, data_offsets: (begin, end) } = entry;
        if begin > end || end > self.data_len {
            let Self { data_len, .. } = self;
            let reason =
                format!("its bytes {begin} to {end} lie outside the {data_len} the file has");
            return Err(self.refuse(path, reason));
        }
        let wanted = shape
            .iter()
            .try_fold(dtype.size() as u64, |product, &axis| product.checked_mul(axis as u64));
        if wanted != Some(end - begin) {
            let reason = format!("{} bytes cannot hold shape {shape:?} in {dtype:?}", end - begin);
            return Err(self.refuse(path, reason));
        }
        Ok(TensorInfo { dtype, shape, offset: self.data_at + begin, byte_len: end - begin })
    }

    fn check_coverage(&self, tensors: &BTreeMap<String, TensorInfo>) -> Result<()> {
        let mut in_order: Vec<_> = tensors.iter().collect();
        in_order.sort_by_key(|(_, info)| (info.offset, info.byte_len));
        let mut covered = self.data_at;
        for (path, info) in in_order {
            if info.offset != covered {
                let what = if info.offset < covered { "overlap" } else { "leave a gap to" };
                let reason = format!("its bytes {what} those of the tensor before");
                return Err(self.refuse(path, reason));
            }
            covered += info.byte_len;
        }
        let left = self.data_at + self.data_len - covered;
        if left > 0 {
            let reason = format!("{left} bytes at its end belong to no tensor");
            return Err(Error::NotSafetensors { file: self.file.to_owned(), reason });
        }
        Ok(())
    }

    fn refuse(&self, tensor: &str, reason: String) -> Error {
        Error::TensorEntry { file: self.file.to_owned(), tensor: tensor.to_owned(), reason }
    }
}

/// A header as written, not yet compared with the file.
#[derive(Default)]
struct RawHeader {
    entries: BTreeMap<String, RawEntry>,
    metadata: BTreeMap<String, String>,
}

struct RawEntry {
    dtype: DType,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

impl<'de> de::Deserialize<'de> for RawHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = RawHeader;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawHeader, A::Error> {
        let mut header = RawHeader::default();
        while let Some(path) = map.next_key::<String>()? {
            if path == "__metadata__" {
                header.metadata = map.next_value()?;
                continue;
            }
            let entry = map
                .next_value_seed(EntrySeed)
                .map_err(|error| de::Error::custom(format_args!("tensor {path:?}: {error}")))?;
            match header.entries.entry(path) {
                Slot::Vacant(slot) => slot.insert(entry),
                Slot::Occupied(slot) => {
                    let path = slot.key();
                    return Err(de::Error::custom(format_args!("tensor {path:?} comes twice")));
                }
            };
        }
        Ok(header)
    }
}

struct EntrySeed;

impl<'de> DeserializeSeed<'de> for EntrySeed {
    type Value = RawEntry;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawEntry, D::Error> {
        #[derive(serde::Deserialize)]
        struct Entry {
            dtype: DType,
            shape: Shape,
            data_offsets: (u64, u64),
        }
        let Entry { dtype, shape, data_offsets } = de::Deserialize::deserialize(deserializer)?;
        Ok(RawEntry { dtype, shape: shape.0, data_offsets })
    }
}

/// A shape that stops being read once it has too many axes.
struct Shape(Vec<usize>);

impl<'de> de::Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ShapeVisitor;
        impl<'de> Visitor<'de> for ShapeVisitor {
            type Value = Shape;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MOST_AXES} lengths")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
                let mut axes = Vec::new();
                while axes.len() < MOST_AXES {
                    let Some(axis) = seq.next_element()? else { return Ok(Shape(axes)) };
                    axes.push(axis);
                }
                match seq.next_element::<IgnoredAny>()? {
                    None => Ok(Shape(axes)),
                    Some(_) => Err(de::Error::invalid_length(MOST_AXES + 1, &self)),
                }
            }
        }
        deserializer.deserialize_seq(ShapeVisitor)
    }
}
