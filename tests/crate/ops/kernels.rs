//! Every kernel against its plain twin, on odd, prime, tiny and Stable Diffusion's own shapes, in
//! the variants for hardware and for software adapters. The twin runs on the CPU.

use burn::tensor::{Device, Tensor, TensorData};
use burnish::ops::{
    self, Activation, Adapter, AdapterClass, Added, ConvShape, Pad, Storage, Weight, set_adapter,
};

use crate::support::{gpu, noise, relative_error};

/// f32 sums in another order; relative to the largest value of the reference.
const LIMIT: f32 = 1e-5;

/// Adapters that between them pick every variant: software; a graphics card that keeps products whole
/// and convolutions plain; one that shares products out and transforms convolutions wherever it can.
const ADAPTERS: [Adapter; 3] = [
    Adapter { class: AdapterClass::Software, concurrent: 1, intensity: 1, largest: 1 << 27 },
    Adapter { class: AdapterClass::Hardware, concurrent: 1, intensity: 1000, largest: 1 << 27 },
    Adapter { class: AdapterClass::Hardware, concurrent: 400, intensity: 0, largest: 1 << 27 },
];

/// Runs `check` for every adapter. One lock for all, since the adapter belongs to the process.
fn on_every_adapter(check: impl Fn(&Device)) {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let Some(device) = gpu() else { return };
    let _guard = LOCK.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let own = Adapter::current();
    for adapter in ADAPTERS {
        set_adapter(adapter);
        check(&device);
    }
    set_adapter(own);
}

fn assert_equal<const D: usize>(name: &str, gpu: Tensor<D>, cpu: Tensor<D>) {
    assert_eq!(gpu.dims(), cpu.dims(), "{name}");
    let error = relative_error(gpu, cpu);
    assert!(error < LIMIT, "{name}: relative error {error:e}");
}

/// The same random values on both devices.
fn pair<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> [Tensor<D>; 2] {
    let data = TensorData::new(noise(seed, shape.iter().product()), shape);
    [Tensor::from_data(data.clone(), device), Tensor::from_data(data, &Device::flex())]
}

/// A weight as `storage` leaves it, on the GPU and as its plain twin.
fn weights(dims: [usize; 2], seed: u64, storage: Storage, device: &Device) -> [Weight; 2] {
    let values = noise(seed, dims[0] * dims[1]);
    let packed = Weight::pack(values.clone(), dims, storage, device);
    let twin = TensorData::new(Weight::stored(&values, dims, packed.storage()), dims);
    [packed, Tensor::from_data(twin, &Device::flex()).into()]
}

/// Shapes `[rows, channels, columns]`: tiny, odd, prime, Stable Diffusion's own.
const PRODUCTS: [[usize; 3]; 14] = [
    [1, 4, 4],
    [2, 320, 1280],
    [7, 12, 20],
    [64, 64, 64],
    [65, 68, 132],
    [154, 768, 320],
    [300, 64, 512],
    [3, 5, 7],
    [129, 31, 33],
    [16, 128, 1],
    [33, 512, 64],
    [257, 96, 192],
    [130, 640, 48],
    [31, 1024, 8],
];

#[test]
fn linear_equals_its_twin() {
    on_every_adapter(|device| {
        for [rows, channels, columns] in PRODUCTS {
            let [x, x_cpu] = pair([rows, channels], 1, device);
            let [w, w_cpu] = weights([channels, columns], 2, Storage::F32, device);
            let [b, b_cpu] = pair([columns], 3, device);
            let [r, r_cpu] = pair([rows, columns], 4, device);
            for activation in
                [Activation::None, Activation::Silu, Activation::Gelu, Activation::QuickGelu]
            {
                assert_equal(
                    &format!("linear {rows}x{channels}x{columns} {activation:?}"),
                    ops::linear(x.clone(), &w, Some(&b), activation, Some(r.clone())),
                    ops::linear(
                        x_cpu.clone(),
                        &w_cpu,
                        Some(&b_cpu),
                        activation,
                        Some(r_cpu.clone()),
                    ),
                );
            }
            assert_equal(
                &format!("bare linear {rows}x{channels}x{columns}"),
                ops::linear(x.clone(), &w, None, Activation::None, None),
                ops::linear(x_cpu.clone(), &w_cpu, None, Activation::None, None),
            );
            if columns % 2 == 0 {
                assert_equal(
                    &format!("linear and GEGLU {rows}x{channels}x{columns}"),
                    ops::linear_geglu(x, &w, Some(&b)),
                    ops::linear_geglu(x_cpu, &w_cpu, Some(&b_cpu)),
                );
            }
        }
    });
}

#[test]
fn packed_weights_equal_their_twins() {
    on_every_adapter(|device| {
        for (_, storage) in Storage::NAMES {
            for [rows, channels, columns] in PRODUCTS {
                let [x, x_cpu] = pair([rows, channels], 21, device);
                let [w, w_cpu] = weights([channels, columns], 22, storage, device);
                assert_equal(
                    &format!("linear {rows}x{channels}x{columns} from {storage:?}"),
                    ops::linear(x, &w, None, Activation::None, None),
                    ops::linear(x_cpu, &w_cpu, None, Activation::None, None),
                );
            }
            for ([height, width, channels], columns) in [([9, 14, 32], 20), ([5, 6, 12], 36)] {
                let [x, x_cpu] = pair([2, height, width, channels], 23, device);
                let [w, w_cpu] = weights([9 * channels, columns], 24, storage, device);
                let (shape, added) = (ConvShape::SAME_3, Added::default());
                assert_equal(
                    &format!("conv {height}x{width}x{channels} -> {columns} from {storage:?}"),
                    ops::conv2d(x, &w, None, shape, added.clone()),
                    ops::conv2d(x_cpu, &w_cpu, None, shape, added),
                );
            }
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

#[test]
fn conv2d_equals_its_twin() {
    let down = ConvShape { kernel: 3, stride: 2, pad: Pad::all(1), upsample: 1 };
    let vae_down = ConvShape {
        kernel: 3,
        stride: 2,
        pad: Pad { top: 0, left: 0, bottom: 1, right: 1 },
        upsample: 1,
    };
    let up = ConvShape { kernel: 3, stride: 1, pad: Pad::all(1), upsample: 2 };
    on_every_adapter(|device| {
        for ([batch, height, width, channels], columns, shape) in [
            ([2, 16, 16, 64], 64, ConvShape::SAME_3),
            ([1, 5, 7, 4], 64, ConvShape::SAME_3),
            ([1, 13, 9, 20], 12, ConvShape::SAME_3),
            ([2, 8, 8, 96], 32, ConvShape::POINT),
            ([1, 17, 5, 8], 8, down),
            ([1, 16, 16, 32], 32, vae_down),
            ([2, 3, 5, 16], 24, up),
            ([1, 6, 6, 3], 32, ConvShape::SAME_3),
            ([1, 6, 6, 32], 3, ConvShape::SAME_3),
            ([2, 1, 1, 128], 128, ConvShape::SAME_3),
            ([2, 19, 23, 32], 40, ConvShape::SAME_3),
            ([1, 16, 16, 320], 64, ConvShape::SAME_3),
            ([3, 7, 11, 48], 128, ConvShape::SAME_3),
        ] {
            let [x, x_cpu] = pair([batch, height, width, channels], 5, device);
            let taps = shape.kernel * shape.kernel;
            let [w, w_cpu] = weights([taps * channels, columns], 6, Storage::F32, device);
            let [b, b_cpu] = pair([columns], 7, device);
            let [out_height, out_width] = shape.output(height, width);
            let [r, r_cpu] = pair([batch, out_height, out_width, columns], 8, device);
            let [s, s_cpu] = pair([batch, columns], 9, device);
            for with in 0..4 {
                let added = |shift, residual| Added {
                    shift: (with & 1 > 0).then_some(shift),
                    residual: (with & 2 > 0).then_some(residual),
                };
                assert_equal(
                    &format!(
                        "conv {batch}x{height}x{width}x{channels} -> {columns}, {shape:?}, {with}"
                    ),
                    ops::conv2d(x.clone(), &w, Some(&b), shape, added(s.clone(), r.clone())),
                    ops::conv2d(
                        x_cpu.clone(),
                        &w_cpu,
                        Some(&b_cpu),
                        shape,
                        added(s_cpu.clone(), r_cpu.clone()),
                    ),
                );
            }
        }
    });
}

#[test]
fn attention_equals_its_twin() {
    on_every_adapter(|device| {
        for (batch, queries, keys, heads, head_dim, causal) in [
            (2, 64, 77, 8, 8, false),
            (1, 77, 77, 4, 16, true),
            (2, 65, 1, 8, 40, false),
            (1, 100, 100, 2, 160, false),
            (1, 33, 130, 1, 64, false),
            (2, 16, 16, 1, 512, false),
            (1, 9, 9, 3, 5, false),
            (2, 257, 301, 8, 8, false),
            (1, 130, 130, 2, 40, true),
            (2, 300, 77, 8, 40, false),
            (2, 150, 150, 4, 80, false),
            (1, 90, 131, 4, 64, true),
        ] {
            let channels = heads * head_dim;
            let [q, q_cpu] = pair([batch, queries, channels], 9, device);
            let [k, k_cpu] = pair([batch, keys, channels], 10, device);
            let [v, v_cpu] = pair([batch, keys, channels], 11, device);
            assert_equal(
                &format!(
                    "attention {batch}x{queries}x{keys}, {heads} heads of {head_dim}, causal {causal}"
                ),
                ops::attention(q, k, v, heads, causal),
                ops::attention(q_cpu, k_cpu, v_cpu, heads, causal),
            );
        }
    });
}

#[test]
fn norms_equal_their_twins() {
    on_every_adapter(|device| {
        for ([batch, height, width, channels], groups) in [
            ([2, 16, 16, 64], 32),
            ([1, 3, 5, 32], 32),
            ([2, 7, 7, 96], 32),
            ([1, 1, 1, 320], 32),
            ([1, 4, 4, 12], 3),
        ] {
            let [x, x_cpu] = pair([batch, height, width, channels], 12, device);
            let [g, g_cpu] = pair([channels], 13, device);
            let [b, b_cpu] = pair([channels], 14, device);
            for silu in [false, true] {
                assert_equal(
                    &format!(
                        "group norm {batch}x{height}x{width}x{channels}/{groups}, silu {silu}"
                    ),
                    ops::group_norm(x.clone(), groups, &g, &b, 1e-5, silu),
                    ops::group_norm(x_cpu.clone(), groups, &g_cpu, &b_cpu, 1e-5, silu),
                );
            }
        }
        for (rows, channels) in [(1, 32), (77, 768), (300, 5), (513, 320)] {
            let [x, x_cpu] = pair([rows, channels], 15, device);
            let [g, g_cpu] = pair([channels], 16, device);
            let [b, b_cpu] = pair([channels], 17, device);
            assert_equal(
                &format!("layer norm {rows}x{channels}"),
                ops::layer_norm(x, &g, &b, 1e-5),
                ops::layer_norm(x_cpu, &g_cpu, &b_cpu, 1e-5),
            );
        }
    });
}

#[test]
fn elementwise_kernels_equal_their_twins() {
    on_every_adapter(|device| {
        for (rows, columns) in [(1, 32), (300, 512), (7, 10)] {
            for seed in [18, 118, 218] {
                let [x, x_cpu] = pair([rows, columns], seed, device);
                assert_equal(
                    &format!("geglu {rows}x{columns}, seed {seed}"),
                    ops::geglu(x * 4.0),
                    ops::geglu(x_cpu * 4.0),
                );
            }
        }
        let [x, x_cpu] = pair([2, 5, 3, 7], 19, device);
        for (height, width) in [(10, 6), (9, 5), (5, 3)] {
            assert_equal(
                &format!("upsample to {height}x{width}"),
                ops::upsample_nearest(x.clone(), height, width),
                ops::upsample_nearest(x_cpu.clone(), height, width),
            );
        }
    });
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
    on_every_adapter(|device| {
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
