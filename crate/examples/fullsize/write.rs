//! Synthetic checkpoints, written tensor by tensor.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::layout::{Row, in_file_order};
use super::values::{Fill, base, fill};

/// Numbers made at once.
const CHUNK: usize = 1 << 18;

/// Writes a file of these tensors; `is_wide` stores its half-precision numbers in f32.
pub fn write_file(path: &Path, mut rows: Vec<Row>, is_wide: bool) -> io::Result<()> {
    if is_wide {
        rows.iter_mut().filter(|row| row.dtype == "F16").for_each(|row| row.dtype = "F32".into());
        rows = in_file_order(rows);
    }
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let header = header(&rows);
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(header.as_bytes())?;
    for row in &rows {
        write_tensor(&mut file, row)?;
    }
    file.flush()
}

fn item_bytes(dtype: &str) -> usize {
    match dtype {
        "F16" => 2,
        "I64" => 8,
        _ => 4,
    }
}

/// Compact JSON in the order of the file, padded to a multiple of eight.
fn header(rows: &[Row]) -> String {
    let (mut json, mut at) = (r#"{"__metadata__":{"format":"pt"}"#.to_owned(), 0);
    for row in rows {
        let end = at + row.count() * item_bytes(&row.dtype);
        let shape: Vec<String> = row.shape.iter().map(ToString::to_string).collect();
        json += &format!(
            r#","{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{at},{end}]}}"#,
            row.key,
            row.dtype,
            shape.join(",")
        );
        at = end;
    }
    json.push('}');
    json.extend(std::iter::repeat_n(' ', (8 - json.len() % 8) % 8));
    json
}

fn write_tensor(file: &mut impl Write, row: &Row) -> io::Result<()> {
    let (base, count) = (base(&row.seed), row.count());
    let what = fill(&row.seed, &row.shape, row.dtype == "I64");
    for first in (0..count).step_by(CHUNK) {
        let indices = first..count.min(first + CHUNK);
        file.write_all(&bytes(&row.dtype, what, base, indices))?;
    }
    Ok(())
}

fn bytes(dtype: &str, fill: Fill, base: u64, indices: std::ops::Range<usize>) -> Vec<u8> {
    match dtype {
        "F16" => indices.flat_map(|i| fill.half(base, i).to_le_bytes()).collect(),
        "F32" => indices.flat_map(|i| fill.half(base, i).to_f32().to_le_bytes()).collect(),
        "I64" => indices.flat_map(|i| (i as i64).to_le_bytes()).collect(),
        _ => indices.flat_map(|_| 0_i32.to_le_bytes()).collect(),
    }
}
