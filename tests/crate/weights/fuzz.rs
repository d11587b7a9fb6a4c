//! Thousands of damaged files: each is refused or read, none brings the program down.

use crate::support::Random;
use burnish::Result;
use burnish::weights::{ByteSource, MemorySource, Safetensors};

/// Refuses to hand out more than the file has, before anything is allocated.
struct Guarded(MemorySource);

impl ByteSource for Guarded {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn len(&self) -> u64 {
        self.0.len()
    }
    fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        assert!(len as u64 <= self.len(), "{len} bytes asked of {}", self.len());
        self.0.read(offset, len)
    }
}

fn sound_file() -> Vec<u8> {
    let json = concat!(
        r#"{"__metadata__":{"format":"pt"},"#,
        r#""a.weight":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},"#,
        r#""a.bias":{"dtype":"F32","shape":[3],"data_offsets":[12,24]},"#,
        r#""b":{"dtype":"BF16","shape":[4,1,1,2],"data_offsets":[24,40]},"#,
        r#""n":{"dtype":"I64","shape":[],"data_offsets":[40,48]}}"#
    );
    let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
    bytes.extend(json.as_bytes());
    bytes.extend((0..48).map(|byte| byte as u8));
    bytes
}

fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    const PIECES: [&[u8]; 12] = [
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b"-1",
        b"99999999999999999999",
        b"1e9",
        b"\\u0000",
        b"null",
        b"\"a.bias\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[12,24]},",
    ];
    let at = random.between(0, bytes.len().max(1) as u32 - 1) as usize;
    match random.between(0, 6) {
        0 => bytes.truncate(at),
        1 => bytes[at] = random.bits() as u8,
        2 => bytes[at] ^= 1 << random.between(0, 7),
        3 => drop(bytes.remove(at)),
        4 => {
            let digits: Vec<usize> =
                (0..bytes.len()).filter(|&at| bytes[at].is_ascii_digit()).collect();
            if let Some(&at) = digits.get(at % digits.len().max(1)) {
                bytes[at] = b'0' + random.between(0, 9) as u8;
            }
        }
        5 => {
            let piece = PIECES[random.between(0, 11) as usize];
            bytes.splice(at..at, piece.iter().copied());
        }
        _ => {
            let length = random.bits() >> random.between(0, 63);
            let end = bytes.len().min(8);
            bytes[..end].copy_from_slice(&length.to_le_bytes()[..end]);
        }
    }
}

/// Keeps the header's length true, so that damage behind it is reached.
fn mend_length(bytes: &mut [u8], data_len: usize) {
    if let Some(length) = bytes.len().checked_sub(8 + data_len) {
        bytes[..8].copy_from_slice(&(length as u64).to_le_bytes());
    }
}

#[test]
fn damaged_files_are_refused_or_read_but_never_fatal() {
    let mut random = Random(16);
    let (mut refused, mut read) = (0, 0);
    for _ in 0..30_000 {
        let mut bytes = sound_file();
        for _ in 0..random.between(1, 3) {
            if !bytes.is_empty() {
                damage(&mut bytes, &mut random);
            }
        }
        if random.between(0, 1) == 0 {
            mend_length(&mut bytes, 48);
        }
        let source = Guarded(MemorySource::new("damaged", bytes));
        match Safetensors::open(Box::new(source)) {
            Err(error) => {
                assert!(error.to_string().contains("damaged"), "{error}");
                refused += 1;
            }
            Ok(file) => {
                for (path, info) in file.tensors() {
                    assert!(info.offset + info.byte_len <= file.byte_len());
                    if let Ok(values) = file.read_f32(path) {
                        assert_eq!(values.len(), info.element_count());
                    }
                }
                read += 1;
            }
        }
    }
    assert!(refused > 1000 && read > 1000, "{refused} refused, {read} read");
}
