//! Files that are no safetensors at all, told by their first bytes.

use super::kinds::Kind;
use crate::error::Result;
use crate::weights::ByteSource;

/// How much of a file is looked at.
const LOOK: u64 = 64;

/// A format by what its files begin with.
#[derive(Debug)]
struct Magic {
    begins: &'static [u8],
    kind: Kind,
}

static MAGICS: &[Magic] = &[
    Magic { begins: b"PK\x03\x04", kind: Kind::Pickle },
    Magic { begins: b"\x80\x02", kind: Kind::Pickle },
    Magic { begins: b"\x80\x03", kind: Kind::Pickle },
    Magic { begins: b"\x80\x04", kind: Kind::Pickle },
    Magic { begins: b"\x80\x05", kind: Kind::Pickle },
    Magic { begins: b"GGUF", kind: Kind::Gguf },
    Magic { begins: b"ggml", kind: Kind::Gguf },
    Magic { begins: b"version https://git-lfs", kind: Kind::LfsPointer },
    Magic { begins: b"<", kind: Kind::WebPage },
    Magic { begins: b"{", kind: Kind::Json },
    Magic { begins: b"[", kind: Kind::Json },
    Magic { begins: b"\x89HDF", kind: Kind::Hdf5 },
    Magic { begins: b"\x89PNG", kind: Kind::Picture },
    Magic { begins: b"\xff\xd8\xff", kind: Kind::Picture },
    Magic { begins: b"RIFF", kind: Kind::Picture },
    Magic { begins: b"\x1f\x8b", kind: Kind::Archive },
    Magic { begins: b"7z\xbc\xaf", kind: Kind::Archive },
    Magic { begins: b"Rar!", kind: Kind::Archive },
];

/// What a file is if it is no safetensors file; `None` if it may be one.
pub(in crate::weights) fn foreign(source: &dyn ByteSource) -> Result<Option<Kind>> {
    if source.is_empty() {
        return Ok(Some(Kind::Empty));
    }
    let head = source.read(0, source.len().min(LOOK) as usize)?;
    if is_header(&head, source.len()) {
        return Ok(None);
    }
    let text = head.trim_ascii_start();
    let magic = MAGICS
        .iter()
        .find(|magic| head.starts_with(magic.begins) || text.starts_with(magic.begins));
    Ok(magic.map(|magic| magic.kind))
}

/// Whether the first eight bytes are the length of an object that follows them. Some lengths look
/// like other formats' first bytes.
fn is_header(head: &[u8], file_len: u64) -> bool {
    match head.split_first_chunk::<8>() {
        Some((length, rest)) => {
            let length = u64::from_le_bytes(*length);
            rest.first() == Some(&b'{') && length <= file_len.saturating_sub(8)
        }
        None => false,
    }
}
