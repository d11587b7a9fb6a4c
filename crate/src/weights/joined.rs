//! The files of a pipeline in the layout of diffusers as the single file they would be.
//!
//! Nothing is copied: a tensor of the whole is a list of ranges of its files.

use std::collections::BTreeMap;

use super::recognise::Kind;
use super::{ByteSource, Family, Recognised, Safetensors, TensorInfo, diffusers};
use crate::error::{Error, Result};

/// Where a stretch of the whole comes from.
enum Piece {
    File { part: usize, offset: u64, len: u64 },
    Memory(Vec<u8>),
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::File { len, .. } => *len,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }
}

/// Pieces of files one after the other.
struct JoinedSource {
    name: String,
    parts: Vec<Box<dyn ByteSource>>,
    /// By their first byte in the whole.
    pieces: BTreeMap<u64, Piece>,
    len: u64,
}

impl JoinedSource {
    fn push(&mut self, piece: Piece) {
        let begin = self.len;
        self.len += piece.len();
        self.pieces.insert(begin, piece);
    }
}

impl ByteSource for JoinedSource {
    fn name(&self) -> &str {
        &self.name
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        let end = offset.saturating_add(len as u64);
        if end > self.len {
            let reason = "the files end before".to_owned();
            return Err(Error::Read { file: self.name.clone(), offset, len: len as u64, reason });
        }
        let first = self.pieces.range(..=offset).next_back().map_or(0, |(begin, _)| *begin);
        let mut bytes = Vec::with_capacity(len);
        for (begin, piece) in self.pieces.range(first..end) {
            let from = offset.saturating_sub(*begin);
            let to = piece.len().min(end - begin);
            match piece {
                _ if from >= to => {}
                Piece::Memory(all) => bytes.extend(&all[from as usize..to as usize]),
                Piece::File { part, offset, .. } => {
                    let read = self.parts[*part].read(offset + from, (to - from) as usize)?;
                    // Mostly a tensor lies in one piece: its bytes are not copied.
                    if bytes.is_empty() { bytes = read } else { bytes.extend(read) }
                }
            }
        }
        Ok(bytes)
    }
}

/// One file, named `name`, of a pipeline's networks in any order; a single file stays as it is.
///
/// # Errors
/// [`Error::UnsupportedCheckpoint`] for files that are not a UNet and what belongs to it.
pub fn join(name: &str, mut files: Vec<Safetensors>) -> Result<Safetensors> {
    if files.len() == 1
        && let Some(file) = files.pop()
    {
        return Ok(file);
    }
    let refuse = |reason: String| Error::UnsupportedCheckpoint { checkpoint: name.into(), reason };
    let found: Vec<Recognised> = files.iter().map(Recognised::of).collect();
    let unet = found.iter().find(|file| file.kind == Kind::UnetDiffusers);
    let family = unet.and_then(|unet| unet.family).ok_or_else(|| {
        refuse("none of its files is a UNet in the layout of diffusers".to_owned())
    })?;
    let mut whole = Whole::new(name);
    for (file, what) in files.into_iter().zip(&found) {
        let twice = found.iter().filter(|other| other.kind == what.kind).count() > 1;
        if twice {
            return Err(refuse(format!("{:?} is not its only {}", what.file, what.kind.title())));
        }
        let place = place(family, what.kind)
            .ok_or_else(|| refuse(format!("{:?} is no part of it", what.file)))?;
        whole.add(file, place)?;
    }
    Ok(Safetensors::assembled(Box::new(whole.source), whole.tensors))
}

/// Where a network goes, and how its tensors are named there.
#[derive(Clone, Copy)]
enum Place {
    Unet,
    Vae,
    /// A text encoder under the names it has, below this prefix.
    Text(&'static str),
    /// A text encoder under the names of OpenCLIP, below this prefix.
    OpenClip(&'static str),
}

fn place(family: Family, kind: Kind) -> Option<Place> {
    Some(match (kind, family) {
        (Kind::UnetDiffusers, _) => Place::Unet,
        (Kind::VaeDiffusers, _) => Place::Vae,
        (Kind::ClipL, Family::Sd1) => Place::Text("cond_stage_model.transformer"),
        (Kind::ClipL, Family::Sdxl) => Place::Text("conditioner.embedders.0.transformer"),
        (Kind::ClipH, Family::Sd2) => Place::OpenClip("cond_stage_model.model"),
        (Kind::ClipG, Family::Sdxl) => Place::OpenClip("conditioner.embedders.1.model"),
        (Kind::ClipG, Family::SdxlRefiner) => Place::OpenClip("conditioner.embedders.0.model"),
        _ => return None,
    })
}

struct Whole {
    source: JoinedSource,
    tensors: BTreeMap<String, TensorInfo>,
}

impl Whole {
    fn new(name: &str) -> Self {
        let (name, parts, pieces) = (name.to_owned(), Vec::new(), BTreeMap::new());
        let source = JoinedSource { name, parts, pieces, len: 0 };
        Self { source, tensors: BTreeMap::new() }
    }

    fn add(&mut self, file: Safetensors, place: Place) -> Result<()> {
        let own = match place {
            Place::Unet => diffusers::unet(file.tensors()),
            Place::Vae => diffusers::vae(file.tensors()),
            Place::Text(_) => diffusers::same(file.tensors()),
            Place::OpenClip(_) => diffusers::open_clip(file.tensors()),
        };
        let prefix = match place {
            Place::Unet => "model.diffusion_model",
            Place::Vae => "first_stage_model",
            Place::Text(prefix) | Place::OpenClip(prefix) => prefix,
        };
        let part = self.source.parts.len();
        for (path, made) in own {
            let begin = self.source.len;
            let infos = made.from.iter().map(|path| file.info(path));
            let infos = infos.collect::<Result<Vec<_>>>()?;
            let Some(first) = infos.first() else { continue };
            let mut shape = first.shape.clone();
            if let [rows, ..] = shape.as_mut_slice() {
                *rows *= infos.len();
            }
            if infos.iter().any(|info| info.dtype != first.dtype || info.shape != first.shape) {
                let (checkpoint, path) = (file.name().to_owned(), made.from.join(", "));
                let found = "several formats or shapes".to_owned();
                return Err(Error::TensorDtype { checkpoint, path, found });
            }
            if made.is_transposed && shape.len() == 2 {
                let bytes = file.read_bytes(&made.from[0])?;
                let size = first.dtype.size();
                self.source.push(Piece::Memory(transposed(&bytes, shape[0], shape[1], size)));
                shape.reverse();
            } else {
                for info in &infos {
                    let (offset, len) = (info.offset, info.byte_len);
                    self.source.push(Piece::File { part, offset, len });
                }
            }
            let (dtype, byte_len) = (first.dtype, self.source.len - begin);
            let info = TensorInfo { dtype, shape, offset: begin, byte_len };
            self.tensors.insert(format!("{prefix}.{path}"), info);
        }
        self.source.parts.push(file.into_source());
        Ok(())
    }
}

/// `[rows, columns]` as `[columns, rows]`, numbers of `size` bytes.
fn transposed(bytes: &[u8], rows: usize, columns: usize, size: usize) -> Vec<u8> {
    let at = |row: usize, column: usize| (row * columns + column) * size;
    (0..columns)
        .flat_map(|column| (0..rows).map(move |row| at(row, column)))
        .flat_map(|at| bytes[at..at + size].iter().copied())
        .collect()
}
