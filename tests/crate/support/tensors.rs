//! Tensors for tests: where they live, what is in them, how they are compared.

use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use burn::tensor::{Device, Tensor, TensorData};

use super::Random;

/// The device network tests run on: the CPU.
pub fn test_device() -> Device {
    Device::flex()
}

/// The GPU for one test at a time: the adapter that picks its kernels belongs to the process, and some
/// tests set another.
pub struct Gpu {
    device: Device,
    _lock: MutexGuard<'static, ()>,
}

impl Deref for Gpu {
    type Target = Device;

    fn deref(&self) -> &Device {
        &self.device
    }
}

/// The GPU, opened once; `None`, said once, where there is none.
pub fn gpu() -> Option<Gpu> {
    static GPU: OnceLock<Option<Device>> = OnceLock::new();
    static LOCK: Mutex<()> = Mutex::new(());
    let open = || match pollster::block_on(burnish::device::open_gpu()) {
        Ok((device, name)) => {
            eprintln!("GPU tests run on {name}");
            Some(device)
        }
        Err(error) => {
            eprintln!("GPU tests are skipped: {error}");
            None
        }
    };
    let device = GPU.get_or_init(open).clone()?;
    Some(Gpu { device, _lock: LOCK.lock().unwrap_or_else(PoisonError::into_inner) })
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
