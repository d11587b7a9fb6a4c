//! Every kernel against its twin, in the variants for hardware and for software adapters.
//!
//! `BURNISH_TWINS=all` adds more random sizes and Stable Diffusion's own, for a graphics card.

use burn::tensor::{Device, Tensor, TensorData};
use burnish::ops::{self, Activation, Adapter, Storage, Weight, set_adapter};
use burnish::weights::Weights;
use pollster::block_on;

use super::twins::{self, ADAPTERS, Case, LIMIT};
use crate::support::{Checkpoint, gpu, noise, relative_error, values};

/// Runs `check` for every adapter.
fn on_every_adapter(check: impl Fn(&str, &Device)) {
    let Some(device) = gpu() else { return };
    let own = Adapter::current();
    for (name, adapter) in ADAPTERS {
        set_adapter(adapter);
        check(name, &device);
    }
    set_adapter(own);
}

/// What of the cases differs from its twin.
fn wrong(cases: &[Case], device: &Device) -> Vec<String> {
    let verdict = |case: &Case| match block_on(case.error(device)) {
        Ok(error) if error <= LIMIT => None,
        Ok(error) => Some(format!("{case:?}: {error:.1e}")),
        Err(reason) => Some(format!("{case:?}: {reason}")),
    };
    cases.iter().filter_map(verdict).collect()
}

fn cases() -> Vec<Case> {
    let all = std::env::var("BURNISH_TWINS").is_ok_and(|value| value == "all");
    let seeds = if all { 1..=40 } else { 1..=4 };
    let own = if all { twins::own() } else { Vec::new() };
    twins::edges().into_iter().chain(seeds.flat_map(twins::random)).chain(own).collect()
}

#[test]
fn kernels_equal_their_twins() {
    let cases = cases();
    on_every_adapter(|name, device| {
        let wrong = wrong(&cases, device);
        assert!(wrong.is_empty(), "{} of {} on {name}: {wrong:#?}", wrong.len(), cases.len());
        eprintln!("{name}: {} cases equal their twins", cases.len());
    });
}

#[test]
fn the_processor_equals_the_twins() {
    let mut cases = cases();
    cases.retain(|case| !case.is_packed());
    let wrong = wrong(&cases, &Device::flex());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A product by an identity shows the weight itself.
#[test]
fn weights_of_every_format_are_laid_out_as_on_the_host() {
    let shapes: [&[usize]; 6] =
        [&[4, 4], &[36, 64], &[132, 68], &[320, 200, 1, 1], &[68, 40, 3, 3], &[12, 36, 3, 3]];
    let mut file = Checkpoint::default();
    for shape in shapes {
        file.add(&format!("{shape:?}"), shape);
    }
    let files = [file.open(), file.open_half(), file.open_bf16()];
    on_every_adapter(|name, device| {
        for (file, shape) in files.iter().flat_map(|file| shapes.map(|shape| (file, shape))) {
            let path = format!("{shape:?}");
            let load = |device: &Device| {
                let weights = Weights::new(file.clone(), device.clone());
                if shape.last() == Some(&3) {
                    weights.conv_weight(&path).map(|(weight, _)| weight)
                } else {
                    weights.linear_weight(&path)
                }
            };
            let expected = load(&Device::flex()).unwrap();
            let weight = load(device).unwrap();
            let eye = Tensor::eye(weight.dims()[0], device);
            let found = ops::linear(eye, &weight, None, Activation::None, None);
            let expected = values(expected.plain().unwrap().clone());
            let dtype = file.info(&path).unwrap().dtype;
            assert!(values(found) == expected, "{dtype:?} {path} on {name}");
        }
    });
}

/// How far storage takes a product from the exact one, relative to its largest value.
#[test]
fn storage_costs_what_its_bits_say() {
    let [rows, channels, columns] = [64, 320, 256];
    let device = Device::flex();
    let x: Tensor<2> =
        Tensor::from_data(TensorData::new(noise(31, rows * channels), [rows, channels]), &device);
    let values = noise(32, channels * columns);
    let product = |storage| {
        let stored = Weight::stored(&values, [channels, columns], storage);
        let w = Tensor::<2>::from_data(TensorData::new(stored, [channels, columns]), &device);
        ops::linear(x.clone(), &w.into(), None, Activation::None, None)
    };
    let exact = product(Storage::F32);
    for (storage, limit) in [(Storage::F16, 2e-3), (Storage::Int8, 1e-2), (Storage::Int4, 2e-1)] {
        let error = relative_error(product(storage), exact.clone());
        assert!(error < limit, "{storage:?}: {error:e}");
        assert!(error > limit / 100.0, "{storage:?} is suspiciously exact: {error:e}");
    }
}

/// Far below zero the exact values are tiny; a difference of nearly equal numbers would show.
#[test]
fn gelu_keeps_its_digits_below_zero() {
    // v, v * erfc(-v / sqrt 2) / 2 in f64.
    const VALUES: [(f32, f32); 9] = [
        (-6.0, -5.9195259e-9),
        (-4.5, -1.5289529e-5),
        (-3.0, -4.0496941e-3),
        (-2.0, -4.5500264e-2),
        (-1.0, -1.5865525e-1),
        (-0.25, -1.0032342e-1),
        (0.25, 1.4967658e-1),
        (1.0, 8.4134475e-1),
        (3.0, 2.9959503),
    ];
    on_every_adapter(|_, device| {
        for (gate, expected) in VALUES {
            let row = Tensor::<2>::from_data([[1.0, gate]], device);
            let found = ops::geglu(row).into_scalar::<f32>();
            assert!(
                (found - expected).abs() <= 2e-5 * expected.abs(),
                "gelu({gate}) is {found:e}, not {expected:e}"
            );
        }
    });
}
