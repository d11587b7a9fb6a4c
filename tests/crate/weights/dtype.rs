//! Every bit pattern of the short formats, against their definitions.

use burnish::weights::{MemorySource, Safetensors};
use serde_json::json;

fn read(dtype: &str, size: usize, data: Vec<u8>) -> Vec<f32> {
    let count = data.len() / size;
    let header =
        json!({ "x": { "dtype": dtype, "shape": [count], "data_offsets": [0, data.len()] } });
    let header = serde_json::to_vec(&header).unwrap();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    let source = MemorySource::new("x", file);
    Safetensors::open(Box::new(source)).unwrap().read_f32("x").unwrap()
}

/// `(-1)^s * 2^(e - bias) * 1.m`, or `2^(1 - bias) * 0.m` for the least exponent.
fn value(bits: u32, exponent_bits: u32, mantissa_bits: u32) -> f64 {
    let bias = (1 << (exponent_bits - 1)) - 1;
    let mantissa = f64::from(bits & ((1 << mantissa_bits) - 1)) / f64::from(1 << mantissa_bits);
    let exponent = (bits >> mantissa_bits & ((1 << exponent_bits) - 1)) as i32;
    let magnitude = match exponent {
        0 => mantissa * 2f64.powi(1 - bias),
        _ => (1.0 + mantissa) * 2f64.powi(exponent - bias),
    };
    if bits >> (exponent_bits + mantissa_bits) & 1 == 0 { magnitude } else { -magnitude }
}

fn same(found: f32, expected: f64) -> bool {
    f64::from(found) == expected && found.is_sign_negative() == expected.is_sign_negative()
}

#[test]
fn every_e4m3_is_read() {
    let values = read("F8_E4M3", 1, (0..=255).collect());
    for (bits, found) in (0..256).zip(values) {
        match bits & 0x7f {
            0x7f => assert!(found.is_nan(), "{bits:#x} is {found}"),
            _ => assert!(same(found, value(bits, 4, 3)), "{bits:#x} is {found}"),
        }
    }
}

#[test]
fn every_e5m2_is_read() {
    let values = read("F8_E5M2", 1, (0..=255).collect());
    for (bits, found) in (0..256).zip(values) {
        match bits & 0x7f {
            0x7d..=0x7f => assert!(found.is_nan(), "{bits:#x} is {found}"),
            0x7c => assert!(found.is_infinite(), "{bits:#x} is {found}"),
            _ => assert!(same(found, value(bits, 5, 2)), "{bits:#x} is {found}"),
        }
    }
}

#[test]
fn every_bf16_and_f16_is_read() {
    let all: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
    for (dtype, exponent, mantissa) in [("BF16", 8, 7), ("F16", 5, 10)] {
        for (bits, found) in (0..=0xffff_u32).zip(read(dtype, 2, all.clone())) {
            let top = (1 << exponent) - 1;
            if bits >> mantissa & top == top {
                let is_nan = bits & ((1 << mantissa) - 1) != 0;
                assert_eq!((found.is_nan(), found.is_infinite()), (is_nan, !is_nan), "{bits:#x}");
            } else {
                assert!(
                    same(found, value(bits, exponent, mantissa)),
                    "{dtype} {bits:#x} is {found}"
                );
            }
        }
    }
}

/// Values: the crate `half`, for every pattern of sixteen bits.
#[test]
fn every_half_is_widened_exactly() {
    let patterns: Vec<u16> = (0..=u16::MAX).collect();
    let bytes = patterns.iter().flat_map(|pattern| pattern.to_le_bytes()).collect();
    let values = read("F16", 2, bytes);
    for (pattern, found) in patterns.iter().zip(values) {
        let expected = half::f16::from_bits(*pattern).to_f32();
        let is_same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
        assert!(is_same, "{pattern:#06x} is {found}, not {expected}");
    }
}
