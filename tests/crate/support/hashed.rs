//! Checkpoints whose numbers follow from the paths of their tensors, as
//! `tests/golden/families/make.py` makes them.

use std::collections::BTreeMap;

use half::f16;

use super::Checkpoint;

/// The checkpoint of a layout `{ path: shape }`.
pub fn hashed_checkpoint(layout: &str) -> Checkpoint {
    let layout: BTreeMap<String, Vec<usize>> = serde_json::from_str(layout).expect("is a layout");
    let mut file = Checkpoint::default();
    for (path, shape) in layout {
        let values = values(&path, &shape);
        file.add_values(&path, &shape, values);
    }
    file
}

/// SplitMix64 seeded with FNV-1a of the path, as uniform numbers, rounded to half precision.
fn values(path: &str, shape: &[usize]) -> Vec<f32> {
    let base = path.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3)
    });
    let is_flat = shape.len() == 1;
    let offset = if is_flat && path.ends_with(".weight") { 1.0 } else { 0.0 };
    let fan_in: usize = shape.iter().skip(1).product();
    let scale = if is_flat { 0.1 } else { (3.0 / fan_in as f64).sqrt() as f32 };
    let value = |index: u64| {
        let mut z = base.wrapping_add((index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        let unit = ((z >> 40) as f64 / f64::from(1 << 23) - 1.0) as f32;
        f16::from_f32(scale * unit + offset).to_f32()
    };
    (0..shape.iter().product::<usize>() as u64).map(value).collect()
}
