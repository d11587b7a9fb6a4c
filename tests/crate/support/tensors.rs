//! Tensors for tests: where they live, what is in them, how they are compared.

use std::sync::OnceLock;

use burn::tensor::{Device, Tensor, TensorData};

use super::Random;

/// The device network tests run on: the CPU.
pub fn test_device() -> Device {
    Device::flex()
}

/// The GPU, opened once; `None`, said once, where there is none.
pub fn gpu() -> Option<Device> {
    static GPU: OnceLock<Option<Device>> = OnceLock::new();
    GPU.get_or_init(|| match pollster::block_on(burnish::device::open_gpu()) {
        Ok((device, name)) => {
            eprintln!("GPU tests run on {name}");
            Some(device)
        }
        Err(error) => {
            eprintln!("GPU tests are skipped: {error}");
            None
        }
    })
    .clone()
}

/// `len` numbers in -1..1 that depend on `seed` alone.
pub fn noise(seed: u64, len: usize) -> Vec<f32> {
    let mut random = Random(seed.wrapping_mul(0x2545_F491_4F6C_DD1D));
    (0..len).map(|_| random.unit() * 2.0 - 1.0).collect()
}

/// [`noise`] as a tensor.
pub fn noise_tensor<const N: usize>(seed: u64, shape: [usize; N]) -> Tensor<N> {
    let values = noise(seed, shape.iter().product());
    Tensor::from_data(TensorData::new(values, shape), &test_device())
}

/// The numbers of a tensor, in order.
pub fn values<const N: usize>(tensor: Tensor<N>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// Largest difference over the largest absolute value expected.
pub fn relative_error<const D: usize>(found: Tensor<D>, expected: Tensor<D>) -> f32 {
    let [found, expected] = [found, expected].map(values);
    let scale = expected.iter().fold(1e-6_f32, |top, value| top.max(value.abs()));
    let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
    worst.fold(0.0, f32::max) / scale
}
