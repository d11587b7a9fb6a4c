//! The operations on the CPU, where Burn's backend leaves time: exponentials one number at a time,
//! whole pictures unfolded at once, a pass over memory for every step.
//!
//! Matrix products stay Burn's. The loops here are plain Rust over slices, written so that the
//! compiler turns them into vector instructions, natively and in WebAssembly. Reading a tensor's
//! numbers and making a tensor of them copies nothing on this backend if nobody else holds it.

mod attention;
mod conv;
mod linear;
mod math;
mod norm;

pub(super) use attention::attention;
pub(super) use conv::conv2d;
pub(super) use linear::{geglu, linear};
pub(super) use norm::group_norm;

use burn::tensor::{DType, Tensor, TensorData};

/// Whether the tensor lives on the CPU, in the precision the loops are written for.
pub(super) fn serves<const D: usize>(x: &Tensor<D>) -> bool {
    x.dtype() == DType::F32
        && matches!(x.device().as_dispatch(), burn::backend::DispatchDevice::Flex(_))
}

/// The numbers of a tensor.
fn floats(data: &TensorData) -> &[f32] {
    data.as_slice().expect("served tensors are f32, and the backend keeps them aligned")
}

/// The numbers of a tensor, to be changed.
fn floats_mut(data: &mut TensorData) -> &mut [f32] {
    data.as_mut_slice().expect("served tensors are f32, and the backend keeps them aligned")
}
