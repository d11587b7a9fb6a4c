//! The GPU, random tensors and their comparison.

use std::sync::OnceLock;

use burn::tensor::{Device, Tensor, TensorData};

use crate::support::Random;

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

/// Uniform values in `[-1, 1)`.
pub fn uniform<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    let mut random = Random(seed);
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|_| random.unit() * 2.0 - 1.0).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Largest difference over the largest absolute value expected.
pub fn relative_error<const D: usize>(found: Tensor<D>, expected: Tensor<D>) -> f32 {
    let [found, expected] = [found, expected]
        .map(|tensor| tensor.into_data().try_to_vec::<f32>().expect("tests compute in f32"));
    let scale = expected.iter().fold(1e-6_f32, |top, value| top.max(value.abs()));
    let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
    worst.fold(0.0, f32::max) / scale
}
