//! The device replays run on, and the way to and from it.

use super::replay::{Array, Context, Result};
use burn::tensor::{Device, Tensor, TensorData};
use burnish::sampling::math::read_back;

/// The device the user asked for.
pub fn device(context: &Context) -> Result<Device> {
    Ok(context.device.clone())
}

/// A recorded array on the device.
pub fn tensor<const N: usize>(array: Array, device: &Device) -> Result<Tensor<N>> {
    if array.shape.len() != N {
        return Err(format!("{:?} has not {N} axes", array.shape).into());
    }
    Ok(Tensor::from_data(TensorData::new(array.data, array.shape), device))
}

/// The numbers of a tensor.
pub async fn read<const N: usize>(tensor: Tensor<N>) -> Result<Vec<f32>> {
    Ok(read_back(tensor).await?)
}
